//go:build unix

package main

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger/ledgertest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva"
	"kivaform/kiva/sandbox"
)

var gitopsFolder = filepath.Join("..", "..", "examples", "gitops")

// A house is a partner that works by pull requests: a repository with its
// settings and pipeline on main, a sandbox, and a branch for its ledger.
type house struct {
	*month
	*machine
	t       *testing.T
	remote  string
	source  string // a repository with kivaform itself
	version string // its commit
	forge   *forge
}

// Clients that Kiva knows: one that may do all, and one that may read loans
// alone.
const (
	readerID     = "kivaform-reader"
	readerSecret = "a secret that reads"
)

// newHouse puts an example's folder into a repository whose loans Kiva lists and
// the ledger knows.
func newHouse(t *testing.T, example string) *house {
	t.Helper()
	for program, install := range map[string]string{"git": "git", "curl": "curl", "jq": "jq", "bash": "bash"} {
		_ = ledgertest.Need(t, program, "apt-get install "+install)
	}
	h := &house{t: t, remote: filepath.Join(t.TempDir(), "kiva-files.git")}
	git(t, filepath.Dir(h.remote), "init", "--quiet", "--bare", "--initial-branch=main", h.remote)
	h.forge = newForge(t, h.remote)
	first := filepath.Join(t.TempDir(), "first")
	git(t, filepath.Dir(first), "clone", "--quiet", h.remote, first)
	m, err := newMonth(first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	m.env = append(m.env, "KIVAFORM_LEDGER_KEY=sixteen characters or more")
	h.month = m
	h.throughFront(first)
	appendTo(t, filepath.Join(first, "kiva.yaml"), "ledger: git:kivaform-ledger\nignore: [atlantis.yaml, repos.yaml]\n")
	if err := os.CopyFS(first, os.DirFS(filepath.Join(gitopsFolder, example))); err != nil {
		t.Fatal(err)
	}
	h.source = kivaformSource(t)
	h.version = strings.TrimSpace(git(t, h.source, "rev-parse", "HEAD"))
	h.pinVersion(first)
	git(t, first, "add", ".", ":!loans.yaml", ":!journals.yaml", ":!rows.csv", ":!report.yaml")
	git(t, first, "commit", "--quiet", "-m", "settings and pipeline")
	git(t, first, "push", "--quiet", "origin", "HEAD:main")
	h.machine = newMachine(t, h.forge.trust(t))
	h.machine.env["KIVAFORM_ALLOW_HOSTS"] = "127.0.0.1"
	if _, err := m.must(t.Context(), cli.ExitDone, "adopt"); err != nil { // as the README says to begin
		t.Fatal(err)
	}
	return h
}

// throughFront puts a front before the sandbox that knows the reader, and gives
// it what Kiva would: a token that reads loans, whatever it asks for.
func (h *house) throughFront(dir string) {
	h.t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" && r.ParseForm() == nil {
			form := r.PostForm
			if form.Get("client_id") == readerID && form.Get("client_secret") == readerSecret {
				form.Set("client_id", sandbox.ClientID)
				form.Set("client_secret", sandbox.ClientSecret)
				form.Set("scope", kiva.ScopeReadLoans)
			}
			r.Body = io.NopCloser(strings.NewReader(form.Encode()))
		}
		h.web.Config.Handler.ServeHTTP(w, r)
	}))
	h.t.Cleanup(front.Close)
	replaceIn(h.t, filepath.Join(dir, "kiva.yaml"), h.web.URL, front.URL)
}

// pinVersion writes into the pipeline which kivaform it builds.
func (h *house) pinVersion(dir string) {
	h.t.Helper()
	workflows, err := filepath.Glob(filepath.Join(dir, ".github", "workflows", "*.yml"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, file := range workflows {
		replaceIn(h.t, file, strings.Repeat("0", 40), h.version)
	}
}

func replaceIn(t *testing.T, file, old, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil && !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err == nil {
		err = os.WriteFile(file, []byte(strings.ReplaceAll(string(data), old, text)), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(data, text...), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kivaformSource makes a repository of the source that is being tested.
func kivaformSource(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "kivaform")
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || rel == "examples"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case strings.HasSuffix(rel, "_test.go") || rel == "kivaform" || rel == ".git": // a file, in a work tree beside another
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	git(t, to, "init", "--quiet", "--initial-branch=v1")
	git(t, to, "add", ".")
	git(t, to, "commit", "--quiet", "-m", "v1")
	return to
}

// plantLinks has the next proposal bring links out of the clone in place of files,
// and returns a check that nothing was written through them.
func (h *house) plantLinks(names ...string) (checkUntouched func()) {
	h.t.Helper()
	victim := filepath.Join(h.t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte(outsideText), 0o600); err != nil {
		h.t.Fatal(err)
	}
	for _, name := range names {
		if err := os.Symlink(victim, filepath.Join(h.month.dir, name)); err != nil {
			h.t.Fatal(err)
		}
		git(h.t, h.month.dir, "add", "--force", name)
	}
	return func() {
		h.t.Helper()
		if data, err := os.ReadFile(victim); err != nil || string(data) != outsideText {
			h.t.Errorf("a link that was proposed led outside: %v\n%s", err, data)
		}
		for _, body := range h.forge.bodies("12") {
			if strings.Contains(body, outsideText) {
				h.t.Errorf("published: %s", body)
			}
		}
	}
}

const outsideText = "a file outside of the clone"

// propose makes a branch with changed files, and the commit that a merge would
// make.
func (h *house) propose(branch string, files map[string]string) (head string) {
	h.t.Helper()
	dir := h.month.dir
	git(h.t, dir, "fetch", "--quiet", "origin", "main")
	if _, err := os.Stat(filepath.Join(dir, ".git", "refs", "heads", branch)); err != nil {
		git(h.t, dir, "checkout", "--quiet", "-b", branch, "origin/main")
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			h.t.Fatal(err)
		}
		git(h.t, dir, "add", name)
	}
	git(h.t, dir, "commit", "--quiet", "-m", "change "+branch)
	git(h.t, dir, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/"+branch)
	return strings.TrimSpace(git(h.t, dir, "rev-parse", "HEAD"))
}

// merge merges a branch, and returns the commit that it makes.
func (h *house) merge(branch string) string {
	h.t.Helper()
	dir := h.month.dir
	git(h.t, dir, "checkout", "--quiet", "-B", "merging", "origin/main")
	git(h.t, dir, "merge", "--quiet", "--no-ff", "-m", "merge "+branch, branch)
	git(h.t, dir, "push", "--quiet", "origin", "HEAD:main")
	return strings.TrimSpace(git(h.t, dir, "rev-parse", "HEAD"))
}

// documents are all that a month sends.
func (h *house) documents() map[string]string {
	files := make(map[string]string)
	for _, name := range []string{"loans.yaml", "journals.yaml", "rows.csv", "report.yaml"} {
		data, err := os.ReadFile(filepath.Join(h.month.dir, name))
		if err != nil {
			h.t.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// sent returns how many items the sandbox has accepted; each but once.
func (h *house) sent() int {
	h.t.Helper()
	record, err := h.web.Accepted()
	if err != nil {
		h.t.Fatal(err)
	}
	for a, batches := range record {
		if len(batches) != 1 {
			h.t.Errorf("%s was accepted %d times", a, len(batches))
		}
	}
	return len(record)
}

func expect(t *testing.T, what string, got, want map[string]string, log string) {
	t.Helper()
	for job, end := range want {
		if got[job] != end {
			t.Fatalf("%s: the job %s ends with %s, not %s\n%s", what, job, got[job], end, log)
		}
	}
}

// newActions makes a runner of GitHub's workflows, with secrets for the two
// environments that the example names.
func (h *house) newActions() *actions {
	return &actions{
		machine: h.machine, t: h.t, forge: h.forge, remote: h.remote, source: h.source, seen: make(map[string][]string),
		secrets: map[string]map[string]string{
			"kiva":      {"KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_LEDGER_KEY": "sixteen characters or more"},
			"kiva-plan": {"KIVA_CLIENT_ID": readerID, "KIVA_CLIENT_SECRET": readerSecret, "KIVAFORM_LEDGER_KEY": "sixteen characters or more"},
		},
	}
}

// propose runs what a pull request starts.
func (a *actions) propose(branch, head, number, from string) map[string]string {
	return a.start("kiva-plan.yml", branch, head, map[string]string{
		"github.event_name": "pull_request", "github.sha": head, "github.event.pull_request.number": number,
		"github.event.pull_request.head.repo.full_name": from,
	})
}

// GitHub's example, from a pull request to what Kiva has. A second merge sends
// nothing. The secret that can send is given to one step.
func TestGitHubActions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "github")
	a := h.newActions()
	push := func(merge string) map[string]string {
		return a.start("kiva-apply.yml", "main", merge, map[string]string{"github.event_name": "push", "github.sha": merge})
	}
	propose := func(branch, head, number string) map[string]string {
		return a.propose(branch, head, number, "example/kiva-files")
	}
	a.clone(t, h.remote, "main")
	documents := h.documents()

	checkUntouched := h.plantLinks("kiva.kfplan", "plan.md", "comments.json", "comment.json", "answer.json")
	defer checkUntouched()
	wrong := strings.Replace(documents["loans.yaml"], "amount: 50000", "amount: fifty", 1)
	head := h.propose("november", map[string]string{"loans.yaml": wrong})
	expect(t, "a faulty file", propose("november", head, "12"), map[string]string{"check": "failure", "plan": "skipped"}, a.log.String())
	if log := a.log.String(); !strings.Contains(log, "::error file=loans.yaml,line=4,") {
		t.Errorf("no annotation:\n%s", log)
	}

	head = h.propose("november", map[string]string{"loans.yaml": documents["loans.yaml"]})
	fork := a.propose("november", head, "11", "mallory/kiva-files")
	expect(t, "a fork", fork, map[string]string{"check": "success", "plan": "skipped"}, a.log.String())
	if len(a.seen) > 0 {
		t.Errorf("a fork was given secrets: %q", a.seen)
	}
	expect(t, "loans alone", propose("november", head, "12"), map[string]string{"plan": "success"}, a.log.String())
	first := h.forge.bodies("12")
	head = h.propose("november", documents)
	expect(t, "all documents", propose("november", head, "12"), map[string]string{"plan": "success"}, a.log.String())
	second := h.forge.bodies("12")
	if len(first) != 1 || len(second) != 1 || first[0] == second[0] || !strings.Contains(second[0], "600,000") {
		t.Errorf("comments:\n%q\nthen\n%q", first, second)
	}
	if n := h.sent(); n > 0 {
		t.Errorf("planning sent %d items", n)
	}

	merge := h.merge("november")
	h.forge.merged[merge] = head
	expect(t, "the merge", push(merge), map[string]string{"plan": "success", "apply": "success"}, a.log.String())
	if n := h.sent(); n != monthItems {
		t.Errorf("%d items were sent, not %d\n%s", n, monthItems, a.log.String())
	}
	summary, err := os.ReadFile(filepath.Join(h.machine.dir, "summary"))
	if err != nil || !strings.Contains(string(summary), "600,000") {
		t.Errorf("the summary: %v\n%s", err, summary)
	}

	expect(t, "the same run again", push(merge), map[string]string{"plan": "success", "apply": "failure"}, a.log.String())
	if log := a.log.String(); !strings.Contains(log, "exit 5") || !strings.Contains(log, "used before") {
		t.Errorf("%s", log)
	}

	head = h.propose("words", map[string]string{"NOTES.md": "hello\n"})
	expect(t, "another request", propose("words", head, "13"), map[string]string{"plan": "success"}, a.log.String())
	merge = h.merge("words")
	h.forge.merged[merge] = head
	expect(t, "a second merge", push(merge), map[string]string{"plan": "success", "apply": "skipped"}, a.log.String())

	byHand := a.start("kiva-apply.yml", "main", merge, map[string]string{"github.event_name": "workflow_dispatch", "github.sha": merge})
	expect(t, "by hand", byHand, map[string]string{"plan": "success", "apply": "skipped"}, a.log.String())
	if n := h.sent(); n != monthItems {
		t.Errorf("in the end %d items were sent", n)
	}
	for secret, want := range map[string]string{sandbox.ClientSecret: "Apply", readerSecret: "Plan, Plan anew where nothing was reviewed"} {
		if got := strings.Join(a.seen[secret], ", "); got != want {
			t.Errorf("the secret %q was given to the steps %q, not %q", secret, got, want)
		}
	}
}
