package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/sandbox"
)

// logged is all that a line of the log may hold.
var logged = regexp.MustCompile(`^time=\S+ level=DEBUG msg=request method=(GET|HEAD|POST) host=127\.0\.0\.1:\d+ path=(/[\w./-]*|"") took=[\w.µ]+ (status=\d+|error="dial tcp [^"]+")$`)

// requestsLogged returns the requests that a standard error logs, as method and
// path.
func requestsLogged(t *testing.T, stderr string) (list []string) {
	t.Helper()
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, "level=DEBUG") {
			continue
		}
		line = line[max(0, strings.Index(line, "time=")):] // a prompt stands before it, where nobody ends its line
		m := logged.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Errorf("the log says more than it may: %s", line)
			continue
		}
		list = append(list, m[1]+" "+strings.Trim(m[2], `"`))
	}
	return list
}

// Every request is logged, also those by which tokens are had and looked at, and
// no line holds a secret, a token or a code.
func TestVerbose(t *testing.T) {
	base := serveSandbox(t)
	dir, cache := lenderWorkspace(t, base), t.TempDir()
	lender := settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": cache, "KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS": "127.0.0.1"})
	nobody := settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": cache})
	const issuer = "/partner/v1"
	for _, tt := range []struct {
		args   string
		getenv func(string) string
		want   []string
	}{
		{"auth check --env lender --verify --introspect", lender, []string{
			"GET /.well-known/oauth-authorization-server" + issuer, "POST " + issuer + "/oauth/token",
			"GET /.well-known/oauth-authorization-server" + issuer, "GET /.well-known/jwks.json", "POST " + issuer + "/oauth/introspect",
		}},
		{"auth check", nobody, []string{"POST /oauth/token", "HEAD ", "POST /oauth/token", "GET /v3/partner/145/loans"}},
		{"public login", nobody, []string{"POST /oauth/request_token", "POST /oauth/access_token"}},
		{"public login --callback", nobody, []string{"POST /oauth/request_token", "POST /oauth/access_token"}},
		{"public partners", nobody, []string{"GET /v1/partners.json"}},
		{"public account", nobody, []string{"GET /v1/my/account.json"}},
	} {
		for _, verbose := range []bool{true, false} {
			args := append([]string{"-C", dir}, strings.Fields(tt.args)...)
			var want []string
			if verbose {
				args, want = append(args, "--verbose"), tt.want
			}
			code, out, errs := asLender(t, args, tt.getenv)
			if got := requestsLogged(t, errs); code != cli.ExitDone || !slices.Equal(got, want) {
				t.Errorf("%s: exit %d, logged %q\n%s%s", args[2:], code, got, out, errs)
			}
			hidesSecrets(t, dir, cache, errs)
		}
		os.RemoveAll(filepath.Join(cache, "tokens"))
	}
	getenv := settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": cache, "KIVA_CONSUMER_KEY": "org.example.app", "KIVA_CONSUMER_SECRET": "c0nsumer-secret", "KIVAFORM_ALLOW_HOSTS": "127.0.0.1:1,a.example"})
	toNobody(t, dir)
	code, _, errs := asLender(t, []string{"-C", dir, "-v", "--env", "nobody", "public", "login"}, getenv)
	if got := requestsLogged(t, errs); code != cli.ExitError || !slices.Equal(got, []string{"POST /oauth/request_token"}) || strings.Contains(errs, "c0nsumer") {
		t.Errorf("exit %d, logged %q\n%s", code, got, errs)
	}
}

// hidesSecrets holds that nothing secret is in a text but the address that the
// lender is to open.
func hidesSecrets(t *testing.T, dir, cache, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  http://127.0.0.1:") {
			continue
		}
		for _, secret := range append(secretsKept(t, cache), sandbox.ClientSecret, sandbox.ConsumerSecret, "oauth_", "Bearer") {
			if strings.Contains(line, secret) {
				t.Errorf("%s is in: %s", secret, line)
			}
		}
	}
}

// secretsKept are the tokens and their secrets that the program keeps.
func secretsKept(t *testing.T, cache string) (list []string) {
	t.Helper()
	quoted := regexp.MustCompile(`"(?:access_token|oauth_token|oauth_token_secret|token)": *"([^"]+)"`)
	for _, folder := range []string{"tokens", "logins"} {
		files, _ := filepath.Glob(filepath.Join(cache, folder, "*.json"))
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found := quoted.FindAllStringSubmatch(string(data), -1)
			if len(found) == 0 {
				t.Errorf("%s: no token was found in it", name)
			}
			for _, m := range found {
				list = append(list, m[1])
			}
		}
	}
	return list
}

// toNobody adds an environment whose public API isn't there.
func toNobody(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "kiva.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(data), "environments:\n", "environments:\n  nobody: {token_url: \"https://a.example\", api_url: \"https://a.example\", public_url: \"http://127.0.0.1:1\"}\n", 1)
	if err := os.WriteFile(name, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
}
