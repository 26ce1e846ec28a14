package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRequest(t *testing.T) {
	e := serve(t, numbered(43199))
	c := e.config()
	c.UserAgent = "kivaform/test"
	if token, err := source(t, c).Token(t.Context()); err != nil || token != "token-1" {
		t.Fatalf("token %q, %v", token, err)
	}
	want := url.Values{
		"grant_type":    {"client_credentials"},
		"scope":         {"read:loans create:loan_draft"},
		"audience":      {"https://partner-api.example"},
		"client_id":     {"client-of-partner-145"},
		"client_secret": {`p+q/r%s=t&u v"<é`},
	}
	if d := cmp.Diff(want, e.forms[0]); d != "" {
		t.Errorf("form:\n%s", d)
	}
	for name, want := range map[string]string{
		"Accept": "application/json", "User-Agent": "kivaform/test",
		"Content-Type": "application/x-www-form-urlencoded", "Authorization": "",
	} {
		if got := e.heads[0].Get(name); got != want {
			t.Errorf("header %s: %q, want %q", name, got, want)
		}
	}
}

func TestRequestWithoutAudience(t *testing.T) {
	e := serve(t, numbered(60))
	c := e.config()
	c.Audience, c.Scopes = "", nil
	if _, err := source(t, c).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := e.forms[0]; f.Has("audience") || f.Has("scope") {
		t.Errorf("form: %v", f)
	}
}

func TestNew(t *testing.T) {
	good := Config{TokenURL: "https://auth.example/oauth/token", ClientID: "id", ClientSecret: "s"}
	for _, tt := range []struct {
		name, want string // want is a part of the error; empty where there is none
		change     func(*Config)
	}{
		{"good", "", func(*Config) {}},
		{"loopback v4", "", func(c *Config) { c.TokenURL = "http://127.0.0.2:1/t" }},
		{"loopback v6", "", func(c *Config) { c.TokenURL = "http://[::1]:1/t" }},
		{"localhost", "", func(c *Config) { c.TokenURL = "http://localhost:1/t" }},
		{"plain http", "only https", func(c *Config) { c.TokenURL = "http://auth.example/t" }},
		{"a private network", "only https", func(c *Config) { c.TokenURL = "http://10.0.0.1/t" }},
		{"looks local", "only https", func(c *Config) { c.TokenURL = "http://127.0.0.1.example/t" }},
		{"no scheme", "not an https address", func(c *Config) { c.TokenURL = "auth.example/t" }},
		{"no URL", "not an https address", func(c *Config) { c.TokenURL = "" }},
		{"another scheme", "not an https address", func(c *Config) { c.TokenURL = "ftp://auth.example/t" }},
		{"user in URL", "user name", func(c *Config) { c.TokenURL = "https://a:b@auth.example/t" }},
		{"not a URL", "not an address", func(c *Config) { c.TokenURL = "https://a:b@auth.example/%zz" }},
		{"no id", "no client id: set KIVA_CLIENT_ID", func(c *Config) { c.ClientID = "" }},
		{"no secret", "no client secret: set", func(c *Config) { c.ClientSecret = "" }},
		{"neither", "no client id and no client secret: set", func(c *Config) { c.ClientID, c.ClientSecret = "", "" }},
		{"a file for a secret", "too many", func(c *Config) { c.ClientSecret = Secret(strings.Repeat("%", 1025)) }},
		{"a long secret", "", func(c *Config) { c.ClientSecret = Secret(strings.Repeat("%", 1024)) }},
	} {
		c := good
		tt.change(&c)
		_, err := New(c)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		var credentials *CredentialsError
		if errors.As(err, &credentials) != strings.Contains(tt.want, ": set") {
			t.Errorf("%s: error type %T", tt.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "a:b@") {
			t.Errorf("%s: %v shows a password", tt.name, err)
		}
	}
}

func TestManyCallersGetOneToken(t *testing.T) {
	e := serve(t, numbered(43199))
	s := e.source(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if token, err := s.Token(t.Context()); err != nil || token != "token-1" {
				t.Errorf("token %q, %v", token, err)
			}
			if g, err := s.Grant(t.Context()); err != nil || g.PartnerID != "145" {
				t.Errorf("grant %+v, %v", g, err)
			}
		})
	}
	wg.Wait()
	if n := e.requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestRenewedBeforeItEnds(t *testing.T) {
	for _, tt := range []struct {
		lifetime, good, renewed time.Duration
	}{
		{43199 * time.Second, 43199*time.Second - 61*time.Second, 43199*time.Second - 59*time.Second},
		{100 * time.Second, 89 * time.Second, 91 * time.Second},
	} {
		e := serve(t, numbered(int(tt.lifetime.Seconds())))
		synctest.Test(t, func(t *testing.T) {
			s := e.source(t)
			for _, step := range []struct {
				at   time.Duration
				want string
			}{{0, "token-1"}, {tt.good, "token-1"}, {tt.renewed - tt.good, "token-2"}} {
				time.Sleep(step.at)
				if token, err := s.Token(t.Context()); err != nil || token != step.want {
					t.Errorf("life %v, %v later: %q, %v; want %s", tt.lifetime, step.at, token, err, step.want)
				}
			}
		})
	}
}

func TestRenew(t *testing.T) {
	e := serve(t, numbered(43199))
	synctest.Test(t, func(t *testing.T) {
		s := e.source(t)
		renew := func(refused, want string) {
			t.Helper()
			token, err := s.Renew(t.Context(), refused)
			if want == "" && !errors.Is(err, ErrNoNewToken) || want != "" && err != nil || token != want {
				t.Errorf("Renew(%s) = %q, %v; want %q", refused, token, err, want)
			}
		}
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		renew("token-1", "token-2")
		renew("token-1", "token-2") // came late
		renew("token-2", "")
		time.Sleep(59 * time.Second)
		renew("token-2", "")
		time.Sleep(2 * time.Second)
		renew("token-2", "token-3")
		renew("token-2", "token-3")
		renew("token-3", "")
		if n := e.requests(); n != 3 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestRenewStorm(t *testing.T) {
	e := serve(t, numbered(43199))
	s := e.source(t)
	refused, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if token, err := s.Renew(t.Context(), refused); err != nil || token != "token-2" {
				t.Errorf("token %q, %v", token, err)
			}
		})
	}
	wg.Wait()
	if n := e.requests(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// A refused token isn't given to those who come while it is being replaced.
func TestRefusedTokenIsGone(t *testing.T) {
	second := make(chan struct{})
	e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
		if n == 2 {
			<-second
		}
		numbered(43199)(n, form, w)
	})
	s := e.source(t)
	refused, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.Renew(t.Context(), refused) })
	e.await(2)
	wg.Go(func() {
		if token, err := s.Token(t.Context()); err != nil || token != "token-2" {
			t.Errorf("token %q, %v", token, err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	close(second)
	wg.Wait()
}

func TestRenewGivesTheSameToken(t *testing.T) {
	e := serve(t, always(`{"access_token":"same","expires_in":600}`))
	s := e.source(t)
	s.Token(t.Context())
	for range 2 {
		if token, err := s.Renew(t.Context(), "same"); !errors.Is(err, ErrNoNewToken) || token != "" {
			t.Errorf("token %q, %v", token, err)
		}
	}
	if n := e.requests(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// A caller who gives up doesn't take the token from the others; when all have
// given up the request ends, and the next caller begins a new one.
func TestGivingUp(t *testing.T) {
	release := make(chan struct{})
	e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
		<-release
		numbered(43199)(n, form, w)
	})
	s := e.source(t)
	cause := errors.New("the user went home")
	impatient, giveUp := context.WithCancelCause(t.Context())

	results := make(chan error, 2)
	begin := func(ctx context.Context) {
		go func() { _, err := s.Token(ctx); results <- err }()
	}
	begin(impatient)
	e.await(1)
	begin(t.Context())
	for !s.waitedForBy(2) {
		time.Sleep(time.Millisecond)
	}
	giveUp(cause)
	if err := <-results; !errors.Is(err, cause) {
		t.Errorf("who gave up got %v", err)
	}
	close(release)
	if err := <-results; err != nil {
		t.Errorf("who waited got %v", err)
	}
	if n := e.requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAllGiveUp(t *testing.T) {
	ended, release := make(chan struct{}), make(chan struct{})
	e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
		if n == 1 {
			<-ended
			return
		}
		<-release
		numbered(43199)(n, form, w)
	})
	defer close(ended)
	s := e.source(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		e.await(1)
		cancel()
	}()
	if _, err := s.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}

	ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	token := func() {
		if token, err := s.Token(ctx); err != nil || token != "token-2" {
			t.Errorf("token %q, %v", token, err)
		}
	}
	var wg sync.WaitGroup
	wg.Go(token)
	e.await(2)
	time.Sleep(20 * time.Millisecond) // the first request has ended, and must leave the second alone
	wg.Go(token)
	time.Sleep(20 * time.Millisecond)
	close(release)
	wg.Wait()
	if n := e.requests(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func (s *Source) waitedForBy(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flight != nil && s.flight.waiting == n
}

func TestNothingPrintsASecret(t *testing.T) {
	e := serve(t, always(`{"access_token":"the-token","expires_in":600}`))
	c := e.config()
	s := source(t, c)
	s.Token(t.Context())
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("hello", "secret", c.ClientSecret, "config", c, "source", s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("hello", "secret", c.ClientSecret, "config", c, "source", s)
	printed := log.String() + quote(c.ClientSecret.String()) + fmt.Sprint(c.ClientSecret, c, s)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		printed += fmt.Sprintf(verb+verb+verb, c.ClientSecret, c, s)
	}
	for _, secret := range []string{c.ClientSecret.Reveal(), "p+q", "702b71", "the-token"} {
		if strings.Contains(printed, secret) {
			t.Errorf("%q is printed", secret)
		}
	}
	if !strings.Contains(log.String(), redacted) {
		t.Errorf("log: %s", log.String())
	}
}

func TestIsProduction(t *testing.T) {
	for address, want := range map[string]bool{
		"https://partner-api.k1.kiva.org": true, "https://partner-api.k1.kiva.org.": true, "https://PARTNER-API.K1.Kiva.org": true,
		"https://partner-api.k1.kiva.org:443/x": true, "https://partner-api.k1.kiva.org.:443": true, "http://partner-api.k1.kiva.org:8080": true,
		"https://ｐartner-api.k1.kiva。org": true, "https://partner-api.k1.ki\u00ADva.org": true,
		"https://partnerapi.production.kiva.org": true, "https://partner-api.kiva.org": true, "https://partnerapi.kiva.org": true,
		"https://auth.k1.kiva.org/oauth/token": true, "https://auth.dk1.kiva.org": true, "https://partner-api.dk1.kiva.org": true,
		"https://partner-api.k1.kiva.org.example": false, "https://example/partner-api.k1.kiva.org": false, "": false, "https://": false, ":": false,
	} {
		if IsProduction(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	for _, e := range Presets() {
		for _, address := range []string{e.TokenURL, e.Audience, e.APIURL} {
			if IsProduction(address) != (e.Name == "production") {
				t.Errorf("%s: %q", e.Name, address)
			}
		}
	}
}

func TestPresets(t *testing.T) {
	var names []string
	for _, e := range Presets() {
		names = append(names, e.Name)
		if got, ok := Preset(e.Name); !ok || got != e {
			t.Errorf("Preset(%s) = %+v, %v", e.Name, got, ok)
		}
		if e.Source == "" || e.Certainty == "" {
			t.Errorf("%s doesn't say where it comes from", e.Name)
		}
		for _, address := range []string{e.TokenURL, e.Audience, e.APIURL} {
			if err := checkURL(address); (err == nil) == (e.Name == "sandbox") {
				t.Errorf("%s: address %q: %v", e.Name, address, err)
			}
		}
	}
	want := []string{"sandbox", "staging", "staging-dk1", "staging-kiva-org", "production"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	if _, ok := Preset("Production"); ok {
		t.Error("a preset has a name that it doesn't have")
	}
	Presets()[0].Name = "changed"
	if _, ok := Preset("sandbox"); !ok {
		t.Error("a caller changed the presets")
	}
}
