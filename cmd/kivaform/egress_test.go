package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// outsideWorkspace is a workspace with one draft, in an environment pilot that
// has these settings.
func outsideWorkspace(t *testing.T, environment string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	settings := "version: 1\npartner_id: \"145\"\nenvironment: pilot\nenvironments:\n  pilot: {" + environment + "}\n"
	draft := strings.NewReplacer("2020-01-02", "2099-01-02", "2020-02-02", "2099-02-02").Replace(pastDraft)
	for name, text := range map[string]string{"kiva.yaml": settings, "loan.yaml": draft} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runOutside runs a command with the credentials of an outside system.
func runOutside(t *testing.T, dir, allowed string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"-C", dir}, args...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out}, settingsOf(map[string]string{
		"KIVAFORM_CACHE_DIR": filepath.Join(filepath.Dir(dir), "cache"), "KIVAFORM_ALLOW_HOSTS": allowed, "KIVA_CLIENT_ID": "id-of-client", "KIVA_CLIENT_SECRET": echoedSecret,
	}))
	return code, out.String()
}

const (
	echoedSecret = "Sec/ret+of=the-cl1ent"
	echoedToken  = "Tok_en.of~the-Run/0123456789+AbCdEf="
)

// An issuer at an allowed host can't name another host, for the token or for what
// comes after it.
func TestPublishedAddressIsChecked(t *testing.T) {
	var asked atomic.Int32
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer evil.Close()
	elsewhere := strings.Replace(evil.URL, "127.0.0.1", "localhost", 1)
	for _, name := range []string{"token_endpoint", "jwks_uri", "introspection_endpoint"} {
		mux := http.NewServeMux()
		issuer := httptest.NewServer(mux)
		mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
			at := map[string]string{"token_endpoint": issuer.URL + "/token", "jwks_uri": issuer.URL + "/keys", "introspection_endpoint": issuer.URL + "/introspect"}
			at[name] = elsewhere
			fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":%q,"jwks_uri":%q,"introspection_endpoint":%q}`, issuer.URL, at["token_endpoint"], at["jwks_uri"], at["introspection_endpoint"])
		})
		mux.HandleFunc("/token", func(http.ResponseWriter, *http.Request) { asked.Add(1) })
		dir := outsideWorkspace(t, "issuer: "+issuer.URL)
		for _, args := range [][]string{{"auth", "token"}, {"auth", "check", "--verify", "--introspect"}, {"auth", "logout"}} {
			code, said := runOutside(t, dir, strings.TrimPrefix(issuer.URL, "http://"), args...)
			if code != cli.ExitRefused && args[1] != "logout" || !strings.Contains(said, "kiva.yaml:5:19 (published by the issuer)") || !strings.Contains(said, "localhost:") {
				t.Errorf("%s, %s: exit %d\n%s", name, args, code, said)
			}
		}
		issuer.Close()
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// echoing answers a request for a token with one, and any other with an answer
// that repeats what it was sent, as it is told to.
func echoing(t *testing.T, answer func(authorization string) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			data := make([]byte, 64<<10)
			n, _ := conn.Read(data)
			head := string(data[:n])
			token := fmt.Sprintf(`{"access_token":%q,"token_type":"bearer","expires_in":3600,"scope":"read:loans create:loan_draft create:journal_update create:repayment"}`, echoedToken)
			if strings.HasPrefix(head, "POST /oauth/token") {
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(token), token)
			} else {
				_, rest, _ := strings.Cut(head, "Authorization: ")
				authorization, _, _ := strings.Cut(rest, "\r\n")
				fmt.Fprint(conn, answer(authorization))
			}
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// Whatever a server repeats of the request, and wherever, no output, event or
// file holds the token.
func TestEchoedTokenIsNotSaid(t *testing.T) {
	forms := map[string]func(string) string{
		"raw": func(s string) string { return s }, "cut": func(s string) string { return s[:min(len(s), 24)] }, "query": url.QueryEscape, "upper": strings.ToUpper,
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	}
	answers := map[string]string{
		"malformed": "HTTP/1.1 200 OK\r\nnothing %s\r\n\r\n",
		"message":   "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{\"code\":\"no\",\"message\":\"%s\"}",
		"redirect":  "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: https://a.example/?t=%s\r\n\r\n",
		"later":     "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: %s\r\nX-Request-Id: %[1]s\r\n\r\n",
	}
	for form, formed := range forms {
		for where, answer := range answers {
			base := echoing(t, func(authorization string) string { return fmt.Sprintf(answer, formed(authorization)) })
			dir := outsideWorkspace(t, fmt.Sprintf("token_url: %q, api_url: %q", base+"/oauth/token", base))
			if where == "malformed" && form != "raw" {
				continue // this is asked several times, and kiva/egress tries all forms
			}
			code, said := runOutside(t, dir, "127.0.0.1", "--verbose", "plan", "--json-into", filepath.Join(dir, "events.jsonl"))
			if code == cli.ExitDone {
				t.Errorf("%s as %s: exit 0\n%s", form, where, said)
			}
			holdsNoToken(t, form+" as "+where, said, formed)
			filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
				if data, err := os.ReadFile(path); err == nil && !strings.Contains(path, "/tokens/") {
					holdsNoToken(t, form+" as "+where+" in "+path, string(data), formed)
				}
				return nil
			})
		}
	}
}

func holdsNoToken(t *testing.T, what, text string, formed func(string) string) {
	t.Helper()
	for _, piece := range []string{echoedToken[:12], echoedToken[12:24], formed("Bearer " + echoedToken)[10:22]} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(piece)) {
			t.Errorf("%s: %q is in\n%s", what, piece, text)
			return
		}
	}
}
