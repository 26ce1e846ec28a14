package oauth1

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kivaform/kiva/sandbox"
)

// site is a sandbox whose lender agrees to everything, or nothing.
func site(t *testing.T) (string, App) {
	t.Helper()
	s, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL, App{Key: sandbox.ConsumerKey, Secret: sandbox.ConsumerSecret, APIURL: server.URL, Site: server.URL}
}

// agree is the lender, who presses a button on the page.
func agree(t *testing.T, page, button string) *http.Response {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(page, url.Values{"answer": {button}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// code reads the code off the page.
func code(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, _ := io.ReadAll(resp.Body)
	found := regexp.MustCompile(`<code id="code">(\w+)`).FindSubmatch(data)
	if found == nil {
		t.Fatalf("no code on the page:\n%s", data)
	}
	return string(found[1])
}

func TestOutOfBand(t *testing.T) {
	base, app := site(t)
	l, err := app.Begin(t.Context(), OutOfBand)
	if err != nil {
		t.Fatal(err)
	}
	page := l.Page("", "access", "user_email")
	if !strings.Contains(page, "scope=access%2Cuser_email") || !strings.Contains(page, "oauth_callback=oob") {
		t.Errorf("page %s", page)
	}
	token, err := l.Finish(t.Context(), " "+code(t, agree(t, page, "allow"))+"\n")
	if err != nil || token.Scope != "access,user_email" {
		t.Fatalf("%+v, %v", token.Scope, err)
	}
	if !strings.Contains(token.Token, ";") || !strings.Contains(token.Token, "-") {
		t.Errorf("the sandbox's token is too plain to test with: %s", token.Token)
	}
	resp, err := app.Client(token).Get(base + "/v1/my/account.json?a=%20b&c=%2B;%3D")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", resp.Status, err)
	}
	resp.Body.Close()
	token.Secret += "x"
	if resp, err = app.Client(token).Get(base + "/v1/my/account.json"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %v, %v", resp.Status, err)
	}
	resp.Body.Close()
}

func TestCallback(t *testing.T) {
	_, app := site(t)
	l, err := app.Begin(t.Context(), "http://127.0.0.1:1/callback")
	if err != nil {
		t.Fatal(err)
	}
	back, err := agree(t, l.Page("st/at&e"), "allow").Location()
	if err != nil || back.Query().Get("state") != "st/at&e" {
		t.Fatal(back, err)
	}
	if token, err := l.Finish(t.Context(), back.Query().Get("oauth_verifier")); err != nil || token.Scope != "access" {
		t.Errorf("%+v, %v", token, err)
	}
}

// A code is good once, and a wrong one burns the login.
func TestFinishFails(t *testing.T) {
	_, app := site(t)
	for name, verifier := range map[string]func(right string) []string{
		"used":  func(right string) []string { return []string{right, right} },
		"wrong": func(right string) []string { return []string{"wrong", right} },
	} {
		l, err := app.Begin(t.Context(), OutOfBand)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range verifier(code(t, agree(t, l.Page(""), "allow"))) {
			_, err = l.Finish(t.Context(), v)
			if (i == 1 || v == "wrong") && (err == nil || !strings.Contains(err.Error(), "401 Unauthorized")) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestBeginFails(t *testing.T) {
	_, app := site(t)
	for name, tt := range map[string]struct {
		change func(*App)
		says   string
	}{
		"no secret":    {func(a *App) { a.Secret = "" }, "are needed"},
		"wrong secret": {func(a *App) { a.Secret += "x" }, "the signature is wrong"},
		"unknown app":  {func(a *App) { a.Key = "org.example.other" }, "isn't known"},
		"plain http":   {func(a *App) { a.APIURL = "http://api.example" }, "only https"},
		"no site":      {func(a *App) { a.Site = "" }, "isn't an address"},
	} {
		a := app
		tt.change(&a)
		_, err := a.Begin(t.Context(), OutOfBand)
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), app.Secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Kiva documents JSON; the standard is a form. Both are read, and nothing else.
func TestAnswers(t *testing.T) {
	for body, want := range map[string]string{
		`{"oauth_token":"a;b","oauth_token_secret":"s","oauth_callback_confirmed":true}`:   "a;b",
		`{"oauth_token":"a;b","oauth_token_secret":"s","oauth_callback_confirmed":"true"}`: "a;b",
		`oauth_token=a%3Bb&oauth_token_secret=s&oauth_callback_confirmed=true`:             "a;b",
		`{"oauth_token":"a","oauth_token_secret":"s"}`:                                     "",
		`{"oauth_token":"a","oauth_callback_confirmed":true}`:                              "",
		`<html>secret</html>`: "",
		``:                    "",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		l, err := App{Key: "k", Secret: "s", APIURL: server.URL, Site: server.URL}.Begin(t.Context(), OutOfBand)
		server.Close()
		switch {
		case want == "" && (err == nil || strings.Contains(err.Error(), "secret</html>")):
			t.Errorf("%s: %v", body, err)
		case want != "" && (err != nil || l.token != want):
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	_, app := site(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := app.Begin(ctx, OutOfBand); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Error(err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	app, token := App{Key: "org.example.app", Secret: "hidden"}, Token{"hidden", "hidden", ""}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		if s := fmt.Sprintf(verb+verb+verb, app, token, &token); strings.Contains(s, "hidden") {
			t.Errorf("%s: %s", verb, s)
		}
	}
}
