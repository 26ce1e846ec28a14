package auth

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
)

// cached is the configuration of e with a cache folder.
func (e *endpoint) cached(t *testing.T) Config {
	c := e.config()
	c.CacheDir = filepath.Join(t.TempDir(), "kivaform", "tokens")
	return c
}

// wantToken holds that a new run with c uses a token.
func wantToken(t *testing.T, c Config, want string) {
	t.Helper()
	if token, err := source(t, c).Token(t.Context()); err != nil || token != want {
		t.Errorf("token %q, %v; want %q", token, err, want)
	}
}

func cacheFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTwentyRunsAskOnce(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	var grants []Grant
	for range 20 {
		s := source(t, c)
		g, err := s.Grant(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		grants = append(grants, g)
	}
	for _, g := range grants[1:] {
		if d := cmp.Diff(grants[0], g); d != "" {
			t.Fatalf("a cached grant differs:\n%s", d)
		}
	}
	if n := e.requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Sources of one process lock each other out as those of several do.
func TestTwentyAtOnceAskOnce(t *testing.T) {
	e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
		time.Sleep(50 * time.Millisecond)
		numbered(43199)(n, form, w)
	})
	c := e.cached(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { wantToken(t, c, "token-1") })
	}
	wg.Wait()
	if n := e.requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestCacheIsForItsOwnerAlone(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	wantToken(t, c, "token-1")
	files := cacheFiles(t, c.CacheDir)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(c.CacheDir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder's mode %v, %v", info.Mode(), err)
	}
	data, _ := os.ReadFile(files[0])
	if strings.Contains(string(data), c.ClientSecret.Reveal()) || strings.Contains(string(data), c.ClientID) {
		t.Errorf("the file holds credentials: %s", data)
	}
}

func TestEachCombinationHasItsOwnToken(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	wantToken(t, c, "token-1")
	for i, change := range []func(*Config){
		func(c *Config) { c.TokenURL += "?tenant=2" },
		func(c *Config) { c.Audience += "x" },
		func(c *Config) { c.Audience, c.Resource = "", c.Audience },
		func(c *Config) { c.ClientID += "x" },
		func(c *Config) { c.Scopes = []string{"read:loans"} },
		func(c *Config) { c.ClientSecret += "x" }, // the older token is another's
	} {
		other := c
		change(&other)
		wantToken(t, other, "token-"+string(rune('2'+i)))
	}
	c.Scopes = []string{"create:loan_draft", "read:loans"}
	wantToken(t, c, "token-8") // the file's last owner had another secret
	if n := len(cacheFiles(t, c.CacheDir)); n != 6 {
		t.Errorf("%d files", n)
	}
}

func TestCachedTokenEnds(t *testing.T) {
	e := serve(t, numbered(3600))
	c := e.cached(t)
	wantToken(t, c, "token-1")
	rewrite(t, c, func(s *savedToken) {
		s.Obtained, s.Expires = s.Obtained.Add(-time.Hour+50*time.Second), s.Expires.Add(-time.Hour+50*time.Second)
	})
	wantToken(t, c, "token-2")
	rewrite(t, c, func(s *savedToken) { s.Obtained, s.Expires = s.Obtained.Add(time.Hour), s.Expires.Add(time.Hour) })
	wantToken(t, c, "token-3") // the clock was set back
	rewrite(t, c, func(s *savedToken) { s.Scopes = []string{"read:loans"} })
	wantToken(t, c, "token-4") // it lacks what the run needs
	wantToken(t, c, "token-4")
}

// rewrite changes the one cached token as its owner.
func rewrite(t *testing.T, c Config, change func(*savedToken)) {
	t.Helper()
	file := c.cacheFile()
	saved, ok := file.loadToken()
	if !ok {
		t.Fatal("nothing is cached")
	}
	change(saved)
	a := saved.toAnswer()
	file.saveToken(saved.TokenURL, a)
}

func TestBrokenCacheIsIgnored(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "no JSON": "{", "large": strings.Repeat("x", 1<<20), "another version": `{"version":2}`,
		"forged": `{"version":1,"access_token":"forged","expires":"2999-01-01T00:00:00Z","proof":"00"}`,
	} {
		e := serve(t, numbered(43199))
		c := e.cached(t)
		if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.cacheFile().name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		wantToken(t, c, "token-1")
		wantToken(t, c, "token-1")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	c.CacheDir = filepath.Join(os.DevNull, "tokens")
	wantToken(t, c, "token-1")
	wantToken(t, c, "token-2")
}

// A refused token is gone for every run, and the runs that had it share one
// new one.
func TestRefusedTokenLeavesTheCache(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	one, two := source(t, c), source(t, c)
	for _, s := range []*Source{one, two} {
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*Source{one, two} {
		if token, err := s.Renew(t.Context(), "token-1"); err != nil || token != "token-2" {
			t.Errorf("token %q, %v", token, err)
		}
	}
	wantToken(t, c, "token-2")
	if n := e.requests(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// Nothing that a run couldn't use, or of which nobody knows when it ends, is
// kept for the next.
func TestNotCached(t *testing.T) {
	for name, body := range map[string]string{
		"no end":          `{"access_token":"t","scope":"read:loans create:loan_draft"}`,
		"a scope is less": `{"access_token":"t","expires_in":43199,"scope":"read:loans"}`,
	} {
		e := serve(t, always(body))
		c := e.cached(t)
		source(t, c).Token(t.Context())
		source(t, c).Token(t.Context())
		if n := e.requests(); n != 2 || len(cacheFiles(t, c.CacheDir)) > 0 {
			t.Errorf("%s: %d requests, files %v", name, n, cacheFiles(t, c.CacheDir))
		}
	}
}

// A process that hangs while it holds the lock stops nobody for ever.
func TestLockIsNotWaitedForForEver(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.cached(t)
	if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
		t.Fatal(err)
	}
	held := flock.New(c.cacheFile().name + ".lock")
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		wantToken(t, c, "token-1")
		if waited := time.Since(begin).Round(time.Second); waited != maxWait {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestForget(t *testing.T) {
	e, other := serve(t, numbered(43199)), serve(t, numbered(43199))
	c := e.cached(t)
	wantToken(t, c, "token-1")
	narrow := c
	narrow.Scopes = nil
	wantToken(t, narrow, "token-2")
	c2 := other.config()
	c2.CacheDir = c.CacheDir
	wantToken(t, c2, "token-1")
	if n, err := Forget(c.CacheDir, c.TokenURL); n != 2 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
	wantToken(t, c2, "token-1")
	wantToken(t, c, "token-3")
	if n, err := Forget(c.CacheDir, ""); n != 2 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
	if left, err := os.ReadDir(c.CacheDir); err != nil || slices.ContainsFunc(left, func(e fs.DirEntry) bool { return strings.Contains(e.Name(), ".json") }) {
		t.Errorf("left: %v, %v", left, err)
	}
	if n, err := Forget(filepath.Join(c.CacheDir, "none"), ""); n != 0 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
}

func TestResourceAndHeader(t *testing.T) {
	e := serve(t, numbered(60))
	c := e.config()
	c.Audience, c.Resource, c.BasicAuth = "", "https://api.example", true
	if _, err := source(t, c).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	form := e.forms[0]
	if form.Get("resource") != c.Resource || form.Has("audience") || form.Has("client_secret") {
		t.Errorf("form: %v", form)
	}
	id, secret, ok := (&http.Request{Header: e.heads[0]}).BasicAuth()
	wantSecret := url.QueryEscape(c.ClientSecret.Reveal()) // RFC 6749, 2.3.1
	if !ok || id != c.ClientID || secret != wantSecret {
		t.Errorf("header: %q %q %v", id, secret, ok)
	}
}
