package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A machine runs the commands of a pipeline as a runner does: in one folder,
// which each job finds empty, with nothing in the environment but what it is
// given.
type machine struct {
	dir string
	env map[string]string
}

func newMachine(t *testing.T, env map[string]string) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir(), env: maps.Clone(env)}
	for name, value := range map[string]string{"PATH": os.Getenv("PATH"), "HOME": filepath.Join(m.dir, "home"), "TMPDIR": m.dir, "CI": "true", "GORACE": "atexit_sleep_ms=0"} {
		m.env[name] = value
	}
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range strings.Fields(string(out)) { // a build finds what is built already
		m.env[[]string{"GOCACHE", "GOMODCACHE", "GOPROXY"}[i]] = value
	}
	m.withGo(t)
	return m
}

func (m *machine) work() string { return filepath.Join(m.dir, "work") }

// clone makes the folder anew.
func (m *machine) clone(t *testing.T, remote, ref string) {
	t.Helper()
	remove(t, m.work())
	git(t, m.dir, "clone", "--quiet", "--depth=1", "--branch="+ref, "file://"+remote, m.work())
}

// run runs a script with more variables, and returns what it printed, output
// and errors together.
func (m *machine) run(shell []string, script string, more map[string]string) (string, int, error) {
	env := maps.Clone(m.env)
	maps.Copy(env, more)
	file := filepath.Join(m.dir, "script")
	if err := os.WriteFile(file, []byte(script), 0o777); err != nil {
		return "", 0, err
	}
	c := exec.Command(shell[0], append(shell[1:], file)...)
	c.Dir = m.work()
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) && exited.Exited() {
		err = nil
	}
	return out.String(), c.ProcessState.ExitCode(), err
}

// actions runs the jobs of GitHub's workflows.
type actions struct {
	*machine
	t       *testing.T
	forge   *forge
	remote  string                       // of the partner's files
	source  string                       // kivaform's repository
	secrets map[string]map[string]string // by environment; a repository has none of its own here
	facts   map[string]string            // what expressions may name
	seen    map[string][]string          // the steps that were given a secret, by its value
	log     bytes.Buffer
}

type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Env         map[string]string
	Jobs        map[string]workflowJob
	Concurrency struct {
		CancelInProgress bool `yaml:"cancel-in-progress"`
		Group            string
	}
	Rest map[string]any `yaml:",inline"`
}

type workflowJob struct {
	Needs, If, Environment    string
	Env, Outputs, Permissions map[string]string
	Steps                     []actionStep
	Rest                      map[string]any `yaml:",inline"`
}

// An actionStep is a step of a job.
type actionStep struct {
	ID, Name, If, Uses, Run string
	With, Env               map[string]string
}

// start runs a workflow as an event does, and returns the ends of its jobs:
// success, failure or skipped.
func (a *actions) start(name, ref, head string, event map[string]string) map[string]string {
	a.t.Helper()
	a.log.Reset()
	w := a.read(name)
	a.facts = map[string]string{
		"github.repository": "example/kiva-files", "github.server_url": a.forge.URL, "runner.temp": filepath.Join(a.dir, "temp"),
		"vars.KIVA_PLAN": "on", "github.event.pull_request.user.login": "ann",
	}
	for k, v := range w.Env {
		a.facts["env."+k] = v
	}
	maps.Copy(a.facts, event)
	if a.isFork() {
		a.facts["vars.KIVA_PLAN"] = "" // forks get neither secrets nor variables
	}
	a.forge.next++
	run := forgeRun{ID: a.forge.next, Head: head, good: true}
	ends := make(map[string]string)
	for _, job := range slices.SortedFunc(maps.Keys(w.Jobs), func(x, y string) int { return strings.Compare(w.Jobs[x].Needs, w.Jobs[y].Needs) }) {
		ends[job] = a.job(w, job, ref, run.ID, ends)
		run.good = run.good && ends[job] != "failure"
	}
	if strings.HasSuffix(name, "kiva-plan.yml") {
		a.forge.runs = append(a.forge.runs, run)
	}
	return ends
}

func (a *actions) read(name string) *workflow {
	a.t.Helper()
	data, err := os.ReadFile(filepath.Join(a.work(), ".github", "workflows", name))
	if err != nil {
		a.t.Fatal(err)
	}
	w := new(workflow)
	if err := yaml.Unmarshal(data, w); err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	return w
}

// isFork reports whether the event is a pull request of another repository.
func (a *actions) isFork() bool {
	head, ok := a.facts["github.event.pull_request.head.repo.full_name"]
	return ok && head != a.facts["github.repository"]
}

// admit gives a job a token with its own rights, and the secrets of its
// environment.
func (a *actions) admit(job workflowJob) {
	maps.DeleteFunc(a.facts, func(name, _ string) bool { return strings.HasPrefix(name, "secrets.") })
	rights := maps.Clone(job.Permissions)
	if a.isFork() {
		for right := range rights {
			rights[right] = "read"
		}
	} else {
		for name, value := range a.secrets[job.Environment] {
			a.facts["secrets."+name] = value
		}
	}
	a.facts["github.token"] = a.forge.token(rights)
}

func (a *actions) job(w *workflow, name, ref string, run int, ends map[string]string) string {
	a.t.Helper()
	job := w.Jobs[name]
	a.admit(job)
	if job.Needs != "" && ends[job.Needs] != "success" || job.If != "" && !a.holds(job.If, false) {
		return "skipped"
	}
	remove(a.t, a.work())
	remove(a.t, filepath.Join(a.dir, "temp"))
	if err := os.MkdirAll(filepath.Join(a.dir, "temp"), 0o777); err != nil {
		a.t.Fatal(err)
	}
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_API_URL": a.forge.URL, "GITHUB_REPOSITORY": "example/kiva-files", "GITHUB_SHA": a.facts["github.sha"],
		"GITHUB_WORKSPACE": a.work(), "RUNNER_TEMP": filepath.Join(a.dir, "temp"),
	}
	for _, more := range []map[string]string{w.Env, job.Env} {
		for k, v := range more {
			env[k] = a.expand(v)
		}
	}
	failed := false
	for i, s := range job.Steps {
		if s.If == "" && failed || s.If != "" && !a.holds(s.If, failed) {
			a.facts["steps."+s.ID+".outcome"] = "skipped"
			continue
		}
		title := s.Name + s.Uses
		fmt.Fprintf(&a.log, "## %s: %s\n", name, title)
		if err := a.step(s, env, ref, run, filepath.Join(a.dir, fmt.Sprint("files-", i))); err != nil {
			fmt.Fprintf(&a.log, "%v\n", err)
			failed = true
		}
		a.facts["steps."+s.ID+".outcome"] = "done" // success or failure
	}
	for k, v := range job.Outputs {
		a.facts["needs."+name+".outputs."+k] = a.expand(v)
	}
	if failed {
		return "failure"
	}
	return "success"
}

func (a *actions) step(s actionStep, env map[string]string, ref string, run int, files string) error {
	with := make(map[string]string)
	for k, v := range s.With {
		with[k] = a.expand(v)
	}
	a.notice(s, with)
	action, _, _ := strings.Cut(s.Uses, "@")
	switch action {
	case "":
		return a.command(s, env, files)
	case "actions/checkout":
		a.checkout(with, ref)
		return nil
	case "actions/setup-go":
		_, err := os.Stat(filepath.Join(a.work(), with["go-version-file"]))
		return err
	case "actions/upload-artifact":
		data, err := os.ReadFile(a.inWork(with["path"]))
		a.forge.artifacts[fmt.Sprint(run, " ", with["name"])] = artifact{filepath.Base(with["path"]), data}
		return err
	case "actions/download-artifact":
		return a.download(with, fmt.Sprint(run))
	}
	a.t.Fatalf("the action %s isn't known here", s.Uses)
	return nil
}

func (a *actions) inWork(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(a.work(), path)
}

// notice keeps which steps are given which secrets.
func (a *actions) notice(s actionStep, values map[string]string) {
	for _, secrets := range a.secrets {
		for _, secret := range secrets {
			for _, value := range values {
				if strings.Contains(value, secret) && !slices.Contains(a.seen[secret], s.Name+s.Uses) {
					a.seen[secret] = append(a.seen[secret], s.Name+s.Uses)
				}
			}
		}
	}
}

// checkout makes the folder anew with one of the two repositories. The token
// stays in the clone unless the step says otherwise.
func (a *actions) checkout(with map[string]string, ref string) {
	if with["repository"] == "example/kivaform" {
		remove(a.t, a.work())
		git(a.t, a.dir, "clone", "--quiet", "file://"+a.source, a.work())
		git(a.t, a.work(), "checkout", "--quiet", with["ref"])
		return
	}
	a.clone(a.t, a.remote, ref)
	git(a.t, a.work(), "remote", "set-url", "origin", a.forge.URL+"/example/kiva-files")
	if with["persist-credentials"] != "false" {
		basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + a.facts["github.token"]))
		git(a.t, a.work(), "config", "http."+a.forge.URL+"/.extraheader", "AUTHORIZATION: basic "+basic)
	}
}

// download brings an artifact; its file mode is lost on the way.
func (a *actions) download(with map[string]string, run string) error {
	if from := with["run-id"]; from != "" {
		run = from
		if !a.forge.may(with["github-token"], "actions", "read") {
			return errors.New("the token can't read another run")
		}
	}
	file, ok := a.forge.artifacts[run+" "+with["name"]]
	if !ok {
		return fmt.Errorf("run %s has no artifact %s", run, with["name"])
	}
	to := a.inWork(cmp.Or(with["path"], "."))
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, file.name), file.data, 0o666)
}

// command runs a step as the runner does without a word on the shell: bash -e.
func (a *actions) command(s actionStep, env map[string]string, files string) error {
	env = maps.Clone(env)
	for k, v := range s.Env {
		env[k] = a.expand(v)
	}
	a.notice(s, env)
	if strings.Contains(s.Run, "${{") {
		a.t.Errorf("an expression in a script lets what people type run: %s", s.Run)
	}
	summary := filepath.Join(a.dir, "summary")
	for name, file := range map[string]string{"GITHUB_OUTPUT": files + "-output", "GITHUB_PATH": filepath.Join(a.dir, "temp", "path"), "GITHUB_STEP_SUMMARY": summary} {
		env[name] = file
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE, 0o666)
		if err != nil {
			return err
		}
		f.Close()
	}
	added, err := os.ReadFile(env["GITHUB_PATH"])
	if err != nil {
		return err
	}
	for dir := range strings.Lines(string(added)) {
		env["PATH"] = strings.TrimSpace(dir) + ":" + a.env["PATH"]
	}
	out, code, err := a.run([]string{"bash", "-e"}, s.Run, env)
	io.WriteString(&a.log, out)
	if err != nil {
		return err
	}
	outputs, err := os.ReadFile(env["GITHUB_OUTPUT"])
	for line := range strings.Lines(string(outputs)) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		a.facts["steps."+s.ID+".outputs."+k] = v
	}
	os.Remove(env["GITHUB_OUTPUT"])
	if code != 0 {
		return errors.Join(err, fmt.Errorf("exit %d", code))
	}
	return err
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// expand puts in what expressions name; one that nothing is known of is a
// mistake in the workflow.
func (a *actions) expand(s string) string {
	return expression.ReplaceAllStringFunc(s, func(e string) string { return a.fact(expression.FindStringSubmatch(e)[1]) })
}

func (a *actions) fact(name string) string {
	if text, ok := strings.CutPrefix(name, "'"); ok {
		return strings.TrimSuffix(text, "'")
	}
	value, ok := a.facts[name]
	if !ok && !strings.HasPrefix(name, "steps.") && !strings.HasPrefix(name, "secrets.") { // what was skipped or isn't there is empty
		a.t.Fatalf("the workflow names %s, of which nothing is known", name)
	}
	return value
}

// holds evaluates a condition. Unless it names a status, a step that failed
// before ends it.
func (a *actions) holds(condition string, failed bool) bool {
	for part := range strings.SplitSeq(condition, " && ") {
		left, right, differs := strings.Cut(part, " != ")
		if !differs {
			left, right, _ = strings.Cut(part, " == ")
		}
		switch {
		case part == "always()":
			failed = false
		case part == "failure()" && failed:
			failed = false
		case part == "failure()":
			return false
		case right == "":
			a.t.Fatalf("the condition %q isn't understood here", condition)
		case (a.fact(left) == a.fact(right)) == differs:
			return false
		}
	}
	return !failed
}
