package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/egress"
	"kivaform/kiva/sandbox"
)

// The commands with which stories stand in for Kiva and for the people who work
// in PA2. They open the sandbox's data beside the program under test: the
// variable SANDBOX names their folder, which is the workspace's own where the
// story sets none.

// sandboxDay is the day that the quickstart's sandbox lives in.
var sandboxDay = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func openSandbox(ts *testscript.TestScript) *sandbox.Server {
	o := sandbox.Options{Dir: ts.Getenv("SANDBOX")}
	if o.Dir == "" {
		o.Dir = ts.MkAbs(filepath.Join(session.DataFolder, "sandbox"))
		o.Today = func() time.Time { return sandboxDay }
	}
	server, err := sandbox.Open(o)
	ts.Check(err)
	return server
}

// stranger NAME [OPTION…] serves a Partner API that the workspace knows by its
// addresses only. It sets SANDBOX to its data, API to its address, ID and
// SECRET to its credentials, and adds its host to those that are allowed. The options are camel, array, created (how answers
// are spelt), journals-b (the other form of journals), scopes=A,B (what is
// granted), tokens=N (token requests in a minute) and any fault.
func doStranger(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) < 1, "stranger NAME [OPTION...]")
	o := sandbox.Options{Dir: ts.MkAbs(args[0])}
	var faults []sandbox.Fault
	for _, arg := range args[1:] {
		switch name, value, _ := strings.Cut(arg, "="); name {
		case "camel":
			o.Style.Camel = true
		case "array":
			o.Style.Array = true
		case "created":
			o.Style.Created = true
		case "journals-b":
			o.JournalsB = true
		case "scopes":
			o.Scopes = strings.Split(value, ",")
		case "tokens":
			n, err := strconv.Atoi(value)
			ts.Check(err)
			o.TokensPerMinute = n
		default:
			f, err := sandbox.ParseFault(arg)
			ts.Check(err)
			faults = append(faults, f)
		}
	}
	server, err := sandbox.Open(o)
	ts.Check(err)
	for _, f := range faults {
		server.AddFault(f)
	}
	url, stop, err := server.Start("127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { stop() })
	ts.Setenv("SANDBOX", o.Dir)
	ts.Setenv("API", url)
	allowed := strings.TrimPrefix(ts.Getenv(egress.Variable)+","+strings.TrimPrefix(url, "http://"), ",")
	ts.Setenv(egress.Variable, allowed)
	ts.Setenv("ID", sandbox.ClientID)
	ts.Setenv("SECRET", sandbox.ClientSecret)
}

// pa2 METHOD PATH [BODY] does a step of people, and prints the answer. With !
// the step must be refused.
func doPa2(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, len(args) < 2 || len(args) > 3, "[!] pa2 METHOD PATH [BODY]")
	body := strings.Join(args[2:], "")
	status, answer := step(openSandbox(ts), args[0], "/pa2/"+args[1], body)
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
	if (status == http.StatusOK) == neg {
		ts.Fatalf("status %d", status)
	}
}

// step asks a sandbox in this process.
func step(s *sandbox.Server, method, path, body string) (int, []byte) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body)))
	return w.Code, w.Body.Bytes()
}

// press looks at a page of PA2 and presses the button whose form goes to action,
// as a browser does. It reports whether the page has the button and no longer
// has it afterwards.
func press(s *sandbox.Server, page, action string) bool {
	ask := func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, nil)
		r.Header.Set("Accept", "text/html")
		if method == http.MethodPost {
			r.Header.Set("Origin", "http://127.0.0.1")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	button := `action="` + action + `"`
	if !strings.Contains(ask(http.MethodGet, page).Body.String(), button) {
		return false
	}
	if w := ask(http.MethodPost, action); w.Code != http.StatusSeeOther {
		return false
	}
	return !strings.Contains(ask(http.MethodGet, page).Body.String(), button)
}

// publish [LOAN-ID…] publishes the drafts of some loans, or all that aren't
// published, by the buttons of PA2's page.
func doPublish(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg, "publish [LOAN-ID...]")
	s := openSandbox(ts)
	var drafts []struct{ UUID, LoanID, KivaID string }
	_, answer := step(s, "GET", "/pa2/drafts", "")
	ts.Check(json.Unmarshal([]byte(strings.NewReplacer("loan_id", "LoanID", "kiva_id", "KivaID").Replace(string(answer))), &drafts))
	wanted := make(map[string]bool)
	for _, id := range args {
		wanted[id] = true
	}
	for _, d := range drafts {
		if d.KivaID != "" || len(args) > 0 && !wanted[d.LoanID] {
			continue
		}
		if !press(s, "/pa2/drafts/"+d.UUID, "/pa2/drafts/"+d.UUID+"/publish") {
			_, answer := step(s, "GET", "/pa2/drafts/"+d.UUID, "")
			ts.Fatalf("publish %s: %s", d.LoanID, answer)
		}
		delete(wanted, d.LoanID)
	}
	if len(wanted) > 0 {
		ts.Fatalf("no draft to publish for %v", wanted)
	}
}

// confirm-all confirms every archive of journals.
func doConfirmAll(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) > 0, "confirm-all")
	s := openSandbox(ts)
	var archives []struct {
		ID string `json:"archive_id"`
	}
	_, answer := step(s, "GET", "/pa2/journals", "")
	ts.Check(json.Unmarshal(answer, &archives))
	for _, a := range archives {
		if status, answer := step(s, "POST", "/pa2/journals/"+a.ID+"/confirm", ""); status != http.StatusOK {
			ts.Fatalf("confirm %s: %d %s", a.ID, status, answer)
		}
	}
}

// accepted [-again] KIND N tells that the sandbox has accepted N things of a
// kind, none of them twice. With -again the same thing may be there again if
// its content differs.
func doAccepted(ts *testscript.TestScript, neg bool, args []string) {
	again := len(args) > 0 && args[0] == "-again"
	if again {
		args = args[1:]
	}
	usageIf(ts, neg || len(args) != 2, "accepted [-again] KIND N")
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	entries, err := openSandbox(ts).Record()
	ts.Check(err)
	got := 0
	seen := make(map[string]bool)
	for _, e := range entries {
		if e.Kind != args[0] {
			continue
		}
		got++
		key := e.Key()
		if again {
			key += " " + e.Digest
		}
		if seen[key] {
			ts.Fatalf("%s %s was accepted twice", e.Kind, e.Key())
		}
		seen[key] = true
	}
	if got != want {
		ts.Fatalf("%d accepted, not %d", got, want)
	}
}

// requests [-await] [ENDPOINT] N tells how many requests the sandbox got, in all
// or at one endpoint. With -await it waits until there are so many.
func doRequests(ts *testscript.TestScript, neg bool, args []string) {
	wait := len(args) > 0 && args[0] == "-await"
	if wait {
		args = args[1:]
	}
	usageIf(ts, neg || len(args) < 1 || len(args) > 2, "requests [-await] [ENDPOINT] N")
	want, err := strconv.Atoi(args[len(args)-1])
	ts.Check(err)
	got := countRequests(ts, args[:len(args)-1])
	for end := time.Now().Add(20 * time.Second); wait && got < want && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		got = countRequests(ts, args[:len(args)-1])
	}
	if got != want {
		ts.Fatalf("%d requests, not %d", got, want)
	}
}

// countRequests counts the requests to some endpoints, or to all where none is
// named.
func countRequests(ts *testscript.TestScript, endpoints []string) (n int) {
	counts, err := openSandbox(ts).Requests()
	ts.Check(err)
	for _, c := range counts {
		if c.Endpoint != "jwks" && (len(endpoints) == 0 || slices.Contains(endpoints, c.Endpoint)) {
			n += c.N
		}
	}
	return n
}
