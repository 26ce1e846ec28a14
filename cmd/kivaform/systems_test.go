package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/help"
	"kivaform/kiva/sandbox"
)

// Every command of the page about systems works, in the order of the page.
func TestEverySystem(t *testing.T) {
	base := serveSandbox(t)
	dir := lenderWorkspace(t, base)
	getenv := settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": filepath.Join(t.TempDir(), "cache")})
	lender := settingsOf(map[string]string{
		"KIVAFORM_CACHE_DIR": getenv("KIVAFORM_CACHE_DIR"), "KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS": "127.0.0.1",
	})
	n := 0
	for line := range strings.Lines(help.Text("systems")) {
		for _, m := range regexp.MustCompile("`kivaform ([^`]*)`").FindAllStringSubmatch(line, -1) {
			n++
			args := append([]string{"-C", dir}, strings.Fields(m[1])...)
			env := getenv
			if strings.Contains(m[1], "--env lender") {
				env = lender
			}
			t.Run(m[1], func(t *testing.T) { runAsLender(t, args, env) })
		}
	}
	if n < 18 {
		t.Errorf("only %d commands were found", n)
	}
}

func settingsOf(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func serveSandbox(t *testing.T) string {
	t.Helper()
	s, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base, stop, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
	return base
}

// lenderWorkspace is the quickstart after a first apply, with another lender's
// server.
func lenderWorkspace(t *testing.T, base string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "kiva.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	added := strings.Replace(string(data), "environments:\n", fmt.Sprintf("environments:\n  lender: {issuer: %q, scopes: [\"applications:write\", \"decisions:read\"]}\n", base+"/partner/v1"), 1)
	if added == string(data) {
		t.Fatal("the quickstart has no environments")
	}
	if err := os.WriteFile(name, []byte(added), 0o600); err != nil {
		t.Fatal(err)
	}
	runAsLender(t, []string{"-C", dir, "apply", "--auto-approve"}, settingsOf(nil))
	return dir
}

// runAsLender runs a command that must succeed, and returns what it prints.
func runAsLender(t *testing.T, args []string, getenv func(string) string) (stdout string) {
	t.Helper()
	code, out, errs := asLender(t, args, getenv)
	if code != cli.ExitDone || out == "" {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	return out
}

// asLender runs a command. Where it asks to open an address, a lender opens it
// and agrees, and types the code.
func asLender(t *testing.T, args []string, getenv func(string) string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	keyboard, typed := io.Pipe()
	var in io.Reader = strings.NewReader("")
	if slices.Contains(args, "login") {
		in = keyboard
	}
	said, saying := io.Pipe()
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(io.TeeReader(said, &errs))
		for lines.Scan() {
			if page := strings.TrimSpace(lines.Text()); strings.HasPrefix(page, "http://127.0.0.1:") {
				go func() { io.WriteString(typed, agree(page)+"\n") }()
			}
		}
	}()
	code = run(t.Context(), args, cli.Streams{In: in, Out: &out, Err: saying}, getenv)
	saying.Close()
	<-read
	return code, out.String(), errs.String()
}

// browser keeps no connection open: the sandboxes of one workspace follow each
// other at one address.
var browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// agree presses the button on the page and returns the code that it shows, if
// it shows one.
func agree(page string) string {
	resp, err := browser.PostForm(page, url.Values{"answer": {"allow"}})
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if m := regexp.MustCompile(`<code id="code">(\w+)`).FindSubmatch(data); m != nil {
		return string(m[1])
	}
	return ""
}

func TestLogin(t *testing.T) {
	dir := lenderWorkspace(t, "http://127.0.0.1:1")
	cache := t.TempDir()
	getenv := settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": cache})
	for _, way := range [][]string{nil, {"--callback"}} {
		runAsLender(t, append([]string{"-C", dir, "public", "login", "--scope", "access", "--scope", "user_email"}, way...), getenv)
		files, _ := filepath.Glob(filepath.Join(cache, "logins", "*.json"))
		if len(files) != 1 {
			t.Fatalf("files %v", files)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if got := runAsLender(t, []string{"-C", dir, "public", "account", "--personal=show"}, getenv); got != "sandboxlender  Sandy Sandbox\n" {
			t.Errorf("account %q", got)
		}
		if got := runAsLender(t, []string{"-C", dir, "public", "account"}, getenv); strings.Contains(got, "Sandy") {
			t.Errorf("a name is shown: %q", got)
		}
		runAsLender(t, []string{"-C", dir, "public", "logout"}, getenv)
		if _, err := os.Stat(files[0]); err == nil {
			t.Error("the login was kept")
		}
	}
}

// Who comes to the callback without the state, or without agreeing, gets
// nothing.
func TestLoginRefused(t *testing.T) {
	dir := lenderWorkspace(t, "http://127.0.0.1:1")
	login := func(lender func(page *url.URL)) (code int, errs string) {
		var out, all bytes.Buffer
		said, saying := io.Pipe()
		read := make(chan struct{})
		go func() {
			defer close(read)
			lines := bufio.NewScanner(io.TeeReader(said, &all))
			for lines.Scan() {
				if page, err := url.Parse(strings.TrimSpace(lines.Text())); err == nil && page.Scheme == "http" {
					go lender(page)
				}
			}
		}()
		code = run(t.Context(), []string{"-C", dir, "public", "login", "--callback"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: saying},
			settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": t.TempDir()}))
		saying.Close()
		<-read
		return code, all.String()
	}
	stranger := make(chan int, 1)
	code, errs := login(func(page *url.URL) {
		resp, err := browser.Get(page.Query().Get("oauth_callback") + "?oauth_verifier=x&state=guess")
		if err == nil {
			resp.Body.Close()
			stranger <- resp.StatusCode
		}
		browser.PostForm(page.String(), url.Values{"answer": {"deny"}})
	})
	if status := <-stranger; status != http.StatusForbidden {
		t.Errorf("a stranger got %d", status)
	}
	if code != cli.ExitUnauthorised || !strings.Contains(errs, "access_denied") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
