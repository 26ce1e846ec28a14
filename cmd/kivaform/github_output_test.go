package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kivaform/apply/applytest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/sandbox"
)

// ours are the commands that we mean.
var ours = regexp.MustCompile(`(?m)^::warning title=kivaform .*$`)

// mean answers with commands for a runner in whatever a program may print.
func mean(next http.Handler, on *atomic.Bool) http.Handler {
	changes := []struct {
		what *regexp.Regexp
		by   string
		late bool // only from on on
	}{
		{regexp.MustCompile(`"confirm_url": ?"[^"]*"`), `"confirm_url":"::stop-commands::confirm"`, false},
		{regexp.MustCompile(`"loan_draft_uuid": ?"[^"]*"`), `"loan_draft_uuid":"##[error]uuid"`, false},
		{regexp.MustCompile(`"status": ?"[^"]*"`), `"status":"::error::status\n::error::status ##[error]status"`, true},
		{regexp.MustCompile(`"kiva_id": ?"?\w*"?`), `"kiva_id":"\n::error::id"`, true},
		{regexp.MustCompile(`"location": ?"[^"]*"`), `"location":"\n::error::location ##[error]location"`, true},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		for _, c := range changes {
			if !c.late || on.Load() {
				body = c.what.ReplaceAll(body, []byte(c.by))
			}
		}
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		w.Write(body)
	})
}

// Nothing from the files or from Kiva is a command to a runner, whichever
// command of ours prints it. JSON means the same with escapes.
func TestNoCommandOfOursPrintsARunners(t *testing.T) {
	now, on := time.Now(), new(atomic.Bool)
	server, err := sandbox.Open(sandbox.Options{Today: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	m := &month{dir: t.TempDir(), period: now.Format("2006-01"), kiva: server, web: applytest.Serve(server, mean(server, on))}
	defer m.close()
	for name, text := range m.files(now) {
		text = regexp.MustCompile(`loan_id: (D-0[01])`).ReplaceAllString(text, `loan_id: "::error::$1##[error]id"`)
		text = strings.Replace(text, "kind: LoanDraft\n", "kind: LoanDraft\n"+publishable(now), 1)
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	kivaform := func(onGitHub bool, code int, command string) string {
		t.Helper()
		variables := map[string]string{"KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS": "127.0.0.1", "KIVAFORM_CACHE_DIR": t.TempDir()}
		if onGitHub {
			variables["GITHUB_ACTIONS"] = "true"
		}
		var out, errs bytes.Buffer
		args := append([]string{"-C", m.dir}, strings.Fields(command)...)
		if got := run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, settingsOf(variables)); got != code {
			t.Errorf("%s: exit %d\n%s%s", command, got, &out, &errs)
		}
		if said := ours.ReplaceAllString(errs.String(), ""); onGitHub && runnerCommand.MatchString(said) {
			t.Errorf("%s: %s", command, said)
		}
		return out.String()
	}
	kivaform(false, cli.ExitDone, "apply --auto-approve --assume-empty")
	m.publishFirst(t)
	on.Store(true)
	for command, code := range map[string]int{
		"status": cli.ExitDone, "status --personal=show": cli.ExitDone, "todo --personal=show": cli.ExitDone, "todo --markdown --personal=show": cli.ExitDone,
		"drift --personal=show": cli.ExitChanges,
	} {
		if plain := kivaform(false, code, command); !runnerCommand.MatchString(plain) {
			t.Errorf("%s prints nothing of what was planted:\n%s", command, plain)
		} else if strings.Contains(plain, "\n::error") {
			t.Errorf("%s lets Kiva begin a line:\n%s", command, plain)
		}
		if got := kivaform(true, code, command); runnerCommand.MatchString(got) {
			t.Errorf("%s prints %q in\n%s", command, runnerCommand.FindString(got), got)
		}
	}
	for command, code := range map[string]int{"status --json": cli.ExitDone, "status --csv": cli.ExitDone, "todo --json --personal=show": cli.ExitDone, "drift --json": cli.ExitChanges} {
		plain, got := kivaform(false, code, command), kivaform(true, code, command)
		back := strings.NewReplacer(`\u005b`, "[", `\[`, "[", `\:`, ":").Replace(got) // CSV has no escapes that mean the same
		if plain != back || !strings.Contains(plain, "##[error]") || runnerCommand.MatchString(got) {
			t.Errorf("%s: %s\nand on GitHub\n%s", command, plain, got)
		}
	}
}

// publishable is what a month's drafts lack to be published.
func publishable(now time.Time) string {
	return "image_url: https://example.org/a.jpg\nschedule: [{date: " + now.AddDate(0, 2, 0).Format(time.DateOnly) + ", principal: 50000, interest: 100}]\n"
}

// publishFirst publishes the first draft, as a person does.
func (m *month) publishFirst(t *testing.T) {
	t.Helper()
	_, answer := step(m.kiva, http.MethodGet, "/pa2/drafts", "")
	uuid := regexp.MustCompile(`"uuid": ?"([^"]+)", ?"loan_id": ?"::error::D-00`).FindSubmatch(answer)
	if uuid == nil {
		t.Fatalf("no draft in %s", answer)
	}
	page := "/pa2/drafts/" + string(uuid[1])
	if !press(m.kiva, page, page+"/publish") {
		_, answer := step(m.kiva, http.MethodGet, page, "")
		t.Fatalf("%s wasn't published: %s", page, answer)
	}
}

// runnerCommand is what a runner takes for a command.
var runnerCommand = regexp.MustCompile(`(?m)^[\s\p{Z}]*::[^\n]*::|##(?i:vso)?\[`)
