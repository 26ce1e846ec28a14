package auth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// An endpoint is a token endpoint on loopback.
type endpoint struct {
	url string

	mu    sync.Mutex
	forms []url.Values // of all requests
	heads []http.Header
}

// serve answers each request, counted from 1, with what answer writes.
func serve(t *testing.T, answer func(n int, form url.Values, w http.ResponseWriter)) *endpoint {
	t.Helper()
	e := &endpoint{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("form: %v", err)
		}
		e.mu.Lock()
		e.forms, e.heads = append(e.forms, r.PostForm), append(e.heads, r.Header)
		n := len(e.forms)
		e.mu.Unlock()
		answer(n, r.PostForm, w)
	}))
	t.Cleanup(server.Close)
	e.url = server.URL + "/oauth/token"
	return e
}

// always answers every request with one body.
func always(body string) func(int, url.Values, http.ResponseWriter) {
	return func(_ int, _ url.Values, w http.ResponseWriter) { fmt.Fprint(w, body) }
}

// numbered answers with token-1, token-2 and so on, good for a lifetime in
// seconds.
func numbered(lifetime int) func(int, url.Values, http.ResponseWriter) {
	return func(n int, form url.Values, w http.ResponseWriter) {
		fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":%d,"scope":%q,"partnerId":"145"}`,
			n, lifetime, form.Get("scope"))
	}
}

func (e *endpoint) requests() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.forms)
}

// await returns when n requests have come, or after some seconds, so that a
// test that waits for nothing fails by what it checks next.
func (e *endpoint) await(n int) {
	for range 5000 {
		if e.requests() >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// config asks e for two scopes.
func (e *endpoint) config() Config {
	return Config{
		TokenURL:     e.url,
		Audience:     "https://partner-api.example",
		ClientID:     "client-of-partner-145",
		ClientSecret: `p+q/r%s=t&u v"<é`,
		Scopes:       []string{"read:loans", "create:loan_draft"},
	}
}

func (e *endpoint) source(t *testing.T) *Source {
	t.Helper()
	return source(t, e.config())
}

func source(t *testing.T, c Config) *Source {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// jwt returns an unsigned token with claims.
func jwt(claims string) string {
	return strings.Join([]string{
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"test"}`)),
		base64.RawURLEncoding.EncodeToString([]byte(claims)),
		"c2lnbmF0dXJl",
	}, ".")
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
