package auth

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// A cacheFile keeps the token of one token URL, audience, resource, client id
// and list of scopes between runs, readable by its owner alone.
//
// A token in it is valid only for the client secret that obtained it, so a
// changed or mistyped secret never passes because of an earlier run. Errors of
// the file are ignored: the run requests a token itself.
type cacheFile struct {
	name   string
	secret []byte
}

// savedToken is the content of a cache file.
type savedToken struct {
	Version   int       `json:"version"`
	TokenURL  string    `json:"token_url"`
	Token     string    `json:"access_token"`
	PartnerID string    `json:"partner_id,omitempty"`
	Scopes    []string  `json:"scopes"`
	Issuer    string    `json:"issuer,omitempty"`
	Obtained  time.Time `json:"obtained"`
	Expires   time.Time `json:"expires"`
	Proof     string    `json:"proof"` // keyed with the client secret, over all other fields
}

const (
	cacheVersion = 1
	maxCacheFile = 2 * maxAnswer
	lockEvery    = 20 * time.Millisecond
)

func (c *Config) cacheFile() cacheFile {
	scopes := slices.Sorted(slices.Values(c.Scopes))
	key, _ := json.Marshal([]any{c.TokenURL, c.Audience, c.Resource, c.ClientID, scopes}) // strings and times: can't fail
	sum := sha256.Sum256(key)
	return cacheFile{filepath.Join(c.CacheDir, hex.EncodeToString(sum[:16])+".json"), []byte(c.ClientSecret.Reveal())}
}

// obtainToken returns a token of an earlier run, or requests one. Of several
// processes that need the same token, one requests it and the others wait, at
// most as long as a request may take. It never returns the refused token.
func (s *Source) obtainToken(ctx context.Context, refused string) *answer {
	if s.config.CacheDir == "" {
		return s.requestToken(ctx)
	}
	file := s.config.cacheFile()
	if a := s.cachedAnswer(file, refused); a != nil {
		return a
	}
	defer file.acquireLock(ctx)()
	if a := s.cachedAnswer(file, refused); a != nil {
		return a
	}
	a := s.requestToken(ctx)
	if a.token != "" && a.err == nil && !a.until.IsZero() {
		file.saveToken(s.config.TokenURL, a)
	}
	return a
}

// cachedAnswer returns the answer in a file, or nil if it isn't usable for this
// run.
func (s *Source) cachedAnswer(file cacheFile, refused string) *answer {
	saved, ok := file.loadToken()
	if !ok {
		return nil
	}
	now := time.Now()
	a := saved.toAnswer()
	if saved.Token == refused || !a.isFresh(now) {
		os.Remove(file.name)
		return nil
	}
	// A token from the future: the clock was set back.
	if saved.Obtained.After(now.Add(time.Minute)) || s.config.checkGrant(a.grant) != nil {
		return nil
	}
	return a
}

func (t *savedToken) toAnswer() *answer {
	return &answer{
		token: t.Token, keep: true, obtained: t.Obtained, until: renewAt(t.Obtained, t.Expires),
		grant: Grant{PartnerID: t.PartnerID, Scopes: t.Scopes, Issuer: t.Issuer, Expires: t.Expires},
	}
}

// acquireLock waits until no other process requests this token. unlock ends the
// wait of others.
func (f cacheFile) acquireLock(ctx context.Context) (unlock func()) {
	if err := os.MkdirAll(filepath.Dir(f.name), 0o700); err != nil {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	lock := flock.New(f.name+".lock", flock.SetPermissions(0o600))
	if held, err := lock.TryLockContext(ctx, lockEvery); err != nil || !held {
		return func() {}
	}
	return func() { lock.Close() }
}

// loadToken reads the file, if it was written with this secret.
func (f cacheFile) loadToken() (*savedToken, bool) {
	file, err := os.Open(f.name)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxCacheFile))
	var t savedToken
	if err != nil || json.Unmarshal(data, &t) != nil || t.Version != cacheVersion || !isHeaderSafe(t.Token) {
		return nil, false
	}
	return &t, hmac.Equal([]byte(t.Proof), []byte(t.computeProof(f.secret)))
}

// saveToken replaces the file, with mode 0600. It ignores errors.
func (f cacheFile) saveToken(tokenURL string, a *answer) {
	t := savedToken{
		Version: cacheVersion, TokenURL: tokenURL, Token: a.token, PartnerID: a.grant.PartnerID, Scopes: a.grant.Scopes,
		Issuer: a.grant.Issuer, Obtained: a.obtained.UTC().Round(0), Expires: a.grant.Expires.UTC().Round(0),
	}
	t.Proof = t.computeProof(f.secret)
	// #nosec G117 -- this is the file of kept tokens, which only the user can read
	data, _ := json.Marshal(t) // of strings and times: can't fail
	file, err := os.CreateTemp(filepath.Dir(f.name), ".new-*")
	if err != nil {
		return
	}
	_, err = file.Write(data)
	if err = cmp.Or(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), f.name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
}

func (t savedToken) computeProof(secret []byte) string {
	t.Proof = ""
	data, _ := json.Marshal(t) // #nosec G117 -- for the digest of the token file
	mac := hmac.New(sha256.New, secret)
	mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil))
}

// Forget removes the cached tokens of a token endpoint from the folder, or all
// tokens if tokenURL is empty, and returns their number. The tokens themselves
// stay valid until they expire: neither Kiva nor kivaform can revoke them.
func Forget(cacheDir, tokenURL string) (n int, err error) {
	entries, err := os.ReadDir(cacheDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	var errs []error
	for _, e := range entries {
		name := filepath.Join(cacheDir, e.Name())
		if !strings.HasSuffix(name, ".json") || tokenURL != "" && tokenURLOf(name) != tokenURL {
			continue
		}
		if err := os.Remove(name); err != nil {
			errs = append(errs, err)
			continue
		}
		os.Remove(name + ".lock")
		n++
	}
	return n, errors.Join(errs...)
}

// tokenURLOf returns the token URL in a file, or "".
func tokenURLOf(name string) string {
	data, err := os.ReadFile(name)
	var t savedToken
	if err != nil || json.Unmarshal(data, &t) != nil {
		return ""
	}
	return t.TokenURL
}
