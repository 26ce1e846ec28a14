package auth

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The tests here speak with oidc-provider, a certified OAuth 2.0 server of other
// people, so that what is right isn't only this repository's opinion.

const certifiedSecret = "p+q/r%s=t&u v"

// needed ends a test that something on this machine is missing for. In a
// pipeline nothing may be missing.
func needed(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v; .ci/run installs what is needed", what, err)
	}
	t.Skipf("NOT TESTED against a certified server: %s: %v", what, err)
}

var installed struct {
	once sync.Once
	dir  string
	what string
	err  error
}

// install brings the pinned server into a folder that all tests share.
func install(t *testing.T) string {
	t.Helper()
	installed.once.Do(func() {
		installed.dir = filepath.Join(sharedFolder, "oidc")
		installed.what, installed.err = installInto(installed.dir)
	})
	if installed.err != nil {
		needed(t, installed.what, installed.err)
	}
	return installed.dir
}

func installInto(dir string) (what string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return program, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "a folder for the server", err
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", "oidc", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			return name, err
		}
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return "npm ci", fmt.Errorf("%w\n%s", err, out)
	}
	return "", nil
}

// sharedFolder is removed when all tests have run.
var sharedFolder string

func TestMain(m *testing.M) {
	var err error
	if sharedFolder, err = os.MkdirTemp("", "kivaform-auth-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(sharedFolder)
	os.Exit(code)
}

// certified starts the server and returns its issuer.
func certified(t *testing.T, settings ...string) string {
	t.Helper()
	dir := install(t)
	script, err := filepath.Abs(filepath.Join("testdata", "oidc", "server.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", script)
	node.Dir, node.Env = dir, append(os.Environ(), settings...)
	node.Stderr = io.Discard
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		node.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var said struct{ Issuer string }
	if err == nil {
		err = json.Unmarshal(line, &said)
	}
	if err != nil {
		t.Fatalf("the server doesn't start: %v", err)
	}
	return said.Issuer
}

// A certifiedProvider is a server as it describes itself.
type certifiedProvider struct {
	*Metadata
	t *testing.T
}

func discovered(t *testing.T, settings ...string) certifiedProvider {
	t.Helper()
	m, err := Discover(t.Context(), certified(t, settings...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return certifiedProvider{m, t}
}

// ask returns a source; change makes it another than the usual one.
func (p certifiedProvider) ask(change func(*Config)) *Source {
	c := Config{
		TokenURL: p.TokenURL, BasicAuth: p.BasicAuth(), ClientID: "partner-145", ClientSecret: certifiedSecret, Scopes: []string{"read:loans"},
	}
	change(&c)
	return source(p.t, c)
}

func (p certifiedProvider) verify(token, audience string) error {
	p.t.Helper()
	v, err := NewVerifier(p.Issuer, audience, p.JWKSURI, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = v.Verify(p.t.Context(), token)
	return err
}

func (p certifiedProvider) token(s *Source) string {
	p.t.Helper()
	token, err := s.Token(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return token
}

const certifiedAPI = "https://api.example"

func TestCertifiedServer(t *testing.T) {
	for _, method := range []string{"client_secret_post", "client_secret_basic"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			p := discovered(t, "METHOD="+method)
			if p.BasicAuth() != (method == "client_secret_basic") {
				t.Errorf("the server takes %v", p.AuthMethods)
			}
			for name, change := range map[string]func(*Config){
				"audience": func(c *Config) { c.Audience = certifiedAPI },
				"resource": func(c *Config) { c.Resource = certifiedAPI },
			} {
				token := p.token(p.ask(change))
				if err := p.verify(token, certifiedAPI); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if err := p.verify(token, "https://other.example"); !errors.Is(err, ErrAudience) {
					t.Errorf("%s: another audience: %v", name, err)
				}
			}
			ecdsa := p.token(p.ask(func(c *Config) { c.Resource = "urn:example:other" }))
			if err := p.verify(ecdsa, "urn:example:other"); err != nil {
				t.Errorf("ES256: %v", err)
			}

			opaque := p.ask(func(*Config) {})
			if err := p.verify(p.token(opaque), ""); !errors.Is(err, ErrNotJWT) {
				t.Errorf("an opaque token: %v", err)
			}
			said, err := opaque.Introspect(t.Context(), p.Introspection)
			if err != nil || !said.Active || !slices.Equal(said.Scopes, []string{"read:loans"}) || said.ClientID != "partner-145" || said.Expires.IsZero() {
				t.Errorf("introspection: %+v, %v", said, err)
			}
		})
	}
}

func TestCertifiedServerRefuses(t *testing.T) {
	t.Parallel()
	p := discovered(t)
	_, err := p.ask(func(c *Config) { c.ClientSecret += "x" }).Token(t.Context())
	var failed *TokenError
	if !errors.As(err, &failed) || failed.Status != http.StatusUnauthorized || failed.Code != "invalid_client" || strings.Contains(err.Error(), certifiedSecret) {
		t.Errorf("wrong secret: %v", err)
	}
	_, err = p.ask(func(c *Config) { c.Resource = "https://nowhere.example" }).Token(t.Context())
	if !errors.As(err, &failed) || failed.Status != http.StatusBadRequest {
		t.Errorf("wrong resource: %v", err)
	}

	// The server grants less than was asked, with a 200, as Kiva's does.
	less := p.ask(func(c *Config) { c.Resource, c.Scopes = certifiedAPI, []string{"read:loans", "create:repayment"} })
	var missing *MissingScopeError
	if _, err := less.Token(t.Context()); !errors.As(err, &missing) || !slices.Equal(missing.Missing, []string{"create:repayment"}) {
		t.Errorf("fewer scopes: %v", err)
	}
}

func TestCertifiedServerRevokesItsKeys(t *testing.T) {
	t.Parallel()
	p := discovered(t)
	before := p.token(p.ask(func(c *Config) { c.Resource = certifiedAPI }))
	resp, err := http.Get(p.Issuer + "/test/revoke")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := p.verify(before, certifiedAPI); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("a token by a revoked key: %v", err)
	}
	after := p.token(p.ask(func(c *Config) { c.Resource = certifiedAPI }))
	if err := p.verify(after, certifiedAPI); err != nil {
		t.Errorf("a token by the new key: %v", err)
	}
}

// A server whose clock is two hours behind gives tokens that have expired; one
// that is two hours ahead, tokens that aren't valid yet.
func TestCertifiedServerInAnotherTime(t *testing.T) {
	t.Parallel()
	for behind, want := range map[string]error{"7200": ErrExpired, "-7200": ErrNotYetValid} {
		p := discovered(t, "BEHIND="+behind)
		token := p.token(p.ask(func(c *Config) { c.Resource = certifiedAPI }))
		if err := p.verify(token, certifiedAPI); !errors.Is(err, want) {
			t.Errorf("behind by %s: %v", behind, err)
		}
	}
}
