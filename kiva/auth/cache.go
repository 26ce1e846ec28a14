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

// A cacheFile keeps the token of one combination of token URL, audience,
// resource, client id and scopes between runs, for its owner alone.
//
// A token in it is believed only by who has the client secret, so a secret that
// was changed or mistyped never passes because of an older run. A cache that
// can't be read or written does no harm: the run asks for a token itself.
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
	Proof     string    `json:"proof"` // by the client secret, over all the rest
}

const (
	cacheVersion = 1
	maxCacheFile = 2 * maxAnswer
	lockEvery    = 20 * time.Millisecond
)

func (c *Config) cacheFile() cacheFile {
	scopes := slices.Sorted(slices.Values(c.Scopes))
	key, _ := json.Marshal([]any{c.TokenURL, c.Audience, c.Resource, c.ClientID, scopes}) // of strings: can't fail
	sum := sha256.Sum256(key)
	return cacheFile{filepath.Join(c.CacheDir, hex.EncodeToString(sum[:16])+".json"), []byte(c.ClientSecret.Reveal())}
}

// obtain returns a token of an earlier run, or asks for one. Of several
// processes that want the same token, one asks and the others wait for it, but
// no longer than asking may take. The refused token is never returned.
func (s *Source) obtain(ctx context.Context, refused string) *answer {
	if s.config.CacheDir == "" {
		return s.fetch(ctx)
	}
	file := s.config.cacheFile()
	if a := s.cached(file, refused); a != nil {
		return a
	}
	defer file.lock(ctx)()
	if a := s.cached(file, refused); a != nil {
		return a
	}
	a := s.fetch(ctx)
	if a.token != "" && a.err == nil && !a.until.IsZero() {
		file.save(s.config.TokenURL, a)
	}
	return a
}

// cached returns the answer in a file, nil where it isn't good for this run.
func (s *Source) cached(file cacheFile, refused string) *answer {
	saved, ok := file.load()
	if !ok {
		return nil
	}
	now := time.Now()
	a := saved.answer()
	if saved.Token == refused || !a.fresh(now) {
		os.Remove(file.name)
		return nil
	}
	// A token from the future: the clock was set back.
	if saved.Obtained.After(now.Add(time.Minute)) || s.config.check(a.grant) != nil {
		return nil
	}
	return a
}

func (t *savedToken) answer() *answer {
	return &answer{
		token: t.Token, keep: true, obtained: t.Obtained, until: renewAt(t.Obtained, t.Expires),
		grant: Grant{PartnerID: t.PartnerID, Scopes: t.Scopes, Issuer: t.Issuer, Expires: t.Expires},
	}
}

// lock waits until no other process asks for this token, and returns what ends
// the wait of others.
func (f cacheFile) lock(ctx context.Context) (unlock func()) {
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

// load reads the file, if the owner of this secret wrote it.
func (f cacheFile) load() (*savedToken, bool) {
	file, err := os.Open(f.name)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxCacheFile))
	var t savedToken
	if err != nil || json.Unmarshal(data, &t) != nil || t.Version != cacheVersion || !headerSafe(t.Token) {
		return nil, false
	}
	return &t, hmac.Equal([]byte(t.Proof), []byte(t.proof(f.secret)))
}

// save writes the file whole, readable by its owner alone. That it can't be
// written is no failure of the run.
func (f cacheFile) save(tokenURL string, a *answer) {
	t := savedToken{
		Version: cacheVersion, TokenURL: tokenURL, Token: a.token, PartnerID: a.grant.PartnerID, Scopes: a.grant.Scopes,
		Issuer: a.grant.Issuer, Obtained: a.obtained.UTC().Round(0), Expires: a.grant.Expires.UTC().Round(0),
	}
	t.Proof = t.proof(f.secret)
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

func (t savedToken) proof(secret []byte) string {
	t.Proof = ""
	data, _ := json.Marshal(t) // #nosec G117 -- for the digest of the token file
	mac := hmac.New(sha256.New, secret)
	mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil))
}

// Forget removes the cached tokens of a token endpoint from the folder, or all
// where tokenURL is empty, and returns how many there were. The tokens
// themselves stay good until they end: neither Kiva nor kivaform can revoke
// them.
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

// tokenURLOf returns whose token a file holds, "" where it can't be read.
func tokenURLOf(name string) string {
	data, err := os.ReadFile(name)
	var t savedToken
	if err != nil || json.Unmarshal(data, &t) != nil {
		return ""
	}
	return t.TokenURL
}
