//go:build unix

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/sandbox"
)

// withKivaform puts the program on the machine's PATH.
func (h *house) withKivaform() {
	h.t.Helper()
	copyProgram(h.t, filepath.Join(h.machine.dir, "bin"))
	h.machine.env["PATH"] = filepath.Join(h.machine.dir, "bin") + ":" + h.machine.env["PATH"]
	h.machine.env["KIVA_CLIENT_ID"], h.machine.env["KIVA_CLIENT_SECRET"] = sandbox.ClientID, sandbox.ClientSecret
	h.machine.env["KIVAFORM_LEDGER_KEY"] = "sixteen characters or more"
}

// must runs a script to a wanted end.
func (h *house) mustRun(want int, script string, more map[string]string) string {
	h.t.Helper()
	out, code, err := h.machine.run([]string{"sh", "-e"}, script, more)
	if err != nil || code != want {
		h.t.Fatalf("%s: %v, exit %d, not %d\n%s", script, err, code, want, out)
	}
	return out
}

// The plain script, as any runner would call it, on machines that keep nothing
// but the saved plan.
func TestShellPipeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "shell")
	h.machine.clone(t, h.remote, "main")
	h.withKivaform()
	defer h.plantLinks("plan.md")()
	h.propose("november", h.documents())
	h.machine.clone(t, h.remote, "november")
	out := h.mustRun(cli.ExitDone, "./kiva-pipeline plan", nil)
	markdown, err := os.ReadFile(filepath.Join(h.work(), "plan.md"))
	if err != nil || !strings.HasPrefix(string(markdown), "<!-- kivaform plan") || !strings.Contains(out, "600,000") {
		t.Errorf("%v\n%s\n%s", err, out, markdown)
	}
	saved, err := os.ReadFile(filepath.Join(h.work(), "kiva.kfplan"))
	if err != nil {
		t.Fatal(err)
	}
	h.merge("november")
	for i, want := range []int{cli.ExitDone, cli.ExitRefused} { // a plan can be used once
		h.machine.clone(t, h.remote, "main")
		if err := os.WriteFile(filepath.Join(h.work(), "kiva.kfplan"), saved, 0o666); err != nil {
			t.Fatal(err)
		}
		out = h.mustRun(want, "./kiva-pipeline apply", nil)
		if said := strings.Contains(out, "Nothing was sent: plan again"); said != (i == 1) {
			t.Errorf("%s", out)
		}
	}
	if n := h.sent(); n != monthItems {
		t.Errorf("%d items were sent, not %d", n, monthItems)
	}
	h.mustRun(cli.ExitInvalid, "./kiva-pipeline", nil)
}

// What Atlantis runs. The files say nothing that Atlantis doesn't know.
func TestAtlantis(t *testing.T) {
	t.Parallel()
	type named struct {
		Name, Dir string
		Autoplan  struct {
			WhenModified []string `yaml:"when_modified"`
		}
	}
	var repository struct {
		Version  int
		Projects []named
	}
	type stage struct{ Steps []map[string]string }
	var server struct {
		Repos []struct {
			ID, Branch, Workflow string
			PlanRequirements     []string `yaml:"plan_requirements"`
			ApplyRequirements    []string `yaml:"apply_requirements"`
			AllowedOverrides     []string `yaml:"allowed_overrides"`
			AllowCustomWorkflows bool     `yaml:"allow_custom_workflows"`
			Autodiscover         struct{ Mode string }
		}
		Workflows map[string]struct{ Plan, Apply stage }
	}
	decode(t, filepath.Join("atlantis", "atlantis.yaml"), &repository)
	decode(t, filepath.Join("atlantis", "repos.yaml"), &server)
	repo := server.Repos[0]
	flow, ok := server.Workflows[repo.Workflow]
	if !ok || !slices.Contains(repo.ApplyRequirements, "approved") || repo.AllowedOverrides == nil || len(repo.AllowedOverrides) > 0 ||
		repo.AllowCustomWorkflows || repo.Autodiscover.Mode != "disabled" {
		t.Fatalf("a pull request can choose what runs: %+v", server)
	}
	h := newHouse(t, "atlantis")
	h.machine.clone(t, h.remote, "main")
	h.withKivaform()
	h.propose("november", h.documents())
	h.machine.clone(t, h.remote, "november")
	planFile := map[string]string{"PLANFILE": filepath.Join(h.machine.dir, "kiva-default.tfplan")}
	for _, s := range flow.Plan.Steps {
		h.mustRun(cli.ExitDone, s["run"], planFile)
	}
	for _, s := range flow.Apply.Steps {
		h.mustRun(cli.ExitDone, s["run"], planFile)
		h.mustRun(cli.ExitRefused, s["run"], planFile)
	}
	if n := h.sent(); n != monthItems {
		t.Errorf("%d items were sent, not %d", n, monthItems)
	}
}

// decode reads an example's file, which may have no key that isn't known.
func decode(t *testing.T, name string, into any) {
	t.Helper()
	f, err := os.Open(filepath.Join(gitopsFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// A gitlabJob has the keys that the example uses.
type gitlabJob struct {
	Stage         string
	Environment   gitlabEnvironment
	ResourceGroup string `yaml:"resource_group"`
	Timeout       string
	Interruptible bool
	Needs         []string
	Rules         []map[string]string
	Script        []string
	Artifacts     struct {
		Paths    []string
		ExpireIn string `yaml:"expire_in"`
	}
}

type gitlabEnvironment struct{ Name, Action string }

// UnmarshalYAML takes a name, or a name and an action.
func (e *gitlabEnvironment) UnmarshalYAML(n *yaml.Node) error {
	type plain gitlabEnvironment
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&e.Name)
	}
	return n.Decode((*plain)(e))
}

type gitlabPipeline struct {
	Image     string
	Stages    []string
	Variables map[string]string
	Jobs      map[string]gitlabJob `yaml:",inline"`
}

// A gitlabVariable is one of a project's settings.
type gitlabVariable struct {
	name, value, environment string
	protected                bool // jobs of protected branches alone see it
}

// gitlab runs the jobs of GitLab's example.
type gitlab struct {
	*house
	pipeline  gitlabPipeline
	variables []gitlabVariable
	seen      map[string][]string          // the jobs that were given a secret, by its value
	files     map[string]map[string][]byte // the artifacts of a pipeline, by job and path
}

// start runs the jobs whose rules hold, in the order of the stages, and returns
// their names. A job that waits for a button is run, too.
func (g *gitlab) start(ref, request string, facts map[string]string) (ran []string) {
	g.t.Helper()
	facts = maps.Clone(facts)
	maps.Copy(facts, map[string]string{
		"CI_PROJECT_DIR": g.work(), "CI_API_V4_URL": g.forge.URL, "CI_PROJECT_ID": "7", "CI_DEFAULT_BRANCH": "main",
		"CI_SERVER_URL": g.forge.URL, "CI_PROJECT_URL": g.forge.URL + "/example/kiva-files",
	})
	g.files = make(map[string]map[string][]byte)
	for _, stage := range g.pipeline.Stages {
		for _, name := range slices.Sorted(maps.Keys(g.pipeline.Jobs)) {
			job := g.pipeline.Jobs[name]
			env := g.environment(job, ref, facts)
			if job.Stage == stage && slices.ContainsFunc(job.Rules, func(r map[string]string) bool { return g.holds(r["if"], env) }) {
				g.job(name, ref, env)
				ran = append(ran, name)
			}
		}
	}
	if saved := g.files["plan"]["kiva.kfplan"]; request != "" && saved != nil {
		g.forge.files["refs/merge-requests/"+request+"/merge plan kiva.kfplan"] = saved
	}
	return ran
}

// environment returns a job's variables. A pipeline of a fork has the fork's
// own settings, which are none.
func (g *gitlab) environment(job gitlabJob, ref string, facts map[string]string) map[string]string {
	env := maps.Clone(g.pipeline.Variables)
	maps.Copy(env, facts)
	for _, v := range g.variables {
		fork := facts["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"] != "" && facts["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"] != "7"
		if !fork && (v.environment == "*" || v.environment == job.Environment.Name) && (!v.protected || ref == "main") {
			env[v.name] = v.value
		}
	}
	return env
}

// holds evaluates a rule of comparisons that are all to hold.
func (g *gitlab) holds(rule string, env map[string]string) bool {
	value := func(s string) string {
		if name, ok := strings.CutPrefix(s, "$"); ok {
			return env[name]
		}
		return strings.Trim(s, `"`)
	}
	for part := range strings.SplitSeq(rule, " && ") {
		left, right, ok := strings.Cut(part, " == ")
		if !ok {
			g.t.Fatalf("the rule %q isn't understood here", rule)
		}
		if value(left) != value(right) {
			return false
		}
	}
	return true
}

// job runs one job on a fresh machine.
func (g *gitlab) job(name, ref string, env map[string]string) {
	g.t.Helper()
	job := g.pipeline.Jobs[name]
	g.checkout(ref)
	for _, need := range job.Needs {
		for path, data := range g.files[need] {
			file := filepath.Join(g.work(), path)
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				g.t.Fatal(err)
			}
			if err := os.WriteFile(file, data, 0o777); err != nil {
				g.t.Fatal(err)
			}
		}
	}
	for _, v := range g.variables {
		if env[v.name] == v.value && !slices.Contains(g.seen[v.value], name) {
			g.seen[v.value] = append(g.seen[v.value], name)
		}
	}
	out, code, err := g.machine.run([]string{"bash", "-e", "-o", "pipefail"}, strings.Join(job.Script, "\n"), env)
	if err != nil || code != 0 {
		g.t.Fatalf("%s: %v, exit %d\n%s", name, err, code, out)
	}
	g.files[name] = make(map[string][]byte)
	for _, path := range job.Artifacts.Paths {
		data, err := os.ReadFile(filepath.Join(g.work(), path))
		if err != nil {
			g.t.Fatal(err)
		}
		g.files[name][path] = data
	}
}

// checkout clones with the job's token in the remote's address, as GitLab's
// runner does. The token can read.
func (g *gitlab) checkout(ref string) {
	g.machine.clone(g.t, g.remote, ref)
	token := g.forge.token(map[string]string{"contents": "read"})
	address := strings.Replace(g.forge.URL, "://", "://gitlab-ci-token:"+token+"@", 1) + "/example/kiva-files.git"
	git(g.t, g.work(), "remote", "set-url", "origin", address)
}

// GitLab's example, from a merge request to what Kiva has. The secret that can
// send, and the token that writes the ledger, are given to one job.
func TestGitLabCI(t *testing.T) {
	t.Parallel()
	g := &gitlab{house: newHouse(t, "gitlab"), seen: make(map[string][]string)}
	decode(t, filepath.Join("gitlab", ".gitlab-ci.yml"), &g.pipeline)
	if apply := g.pipeline.Jobs["apply"]; apply.ResourceGroup == "" || apply.Interruptible || apply.Environment.Name != "kiva" {
		t.Errorf("%+v", apply)
	}
	ledgerToken, notesToken := g.forge.token(map[string]string{"contents": "write"}), g.forge.token(map[string]string{"api": "write"})
	g.variables = []gitlabVariable{
		{"KIVAFORM_REPOSITORY", "file://" + g.source, "*", false}, {"KIVAFORM_VERSION", g.version, "*", false}, {"KIVA_PLAN", "on", "*", false},
		{"KIVA_CLIENT_ID", readerID, "kiva-plan", false}, {"KIVA_CLIENT_SECRET", readerSecret, "kiva-plan", false},
		{"KIVAFORM_LEDGER_KEY", "sixteen characters or more", "kiva-plan", false}, {"GITLAB_NOTES_TOKEN", notesToken, "kiva-plan", false},
		{"KIVA_CLIENT_ID", sandbox.ClientID, "kiva", true}, {"KIVA_CLIENT_SECRET", sandbox.ClientSecret, "kiva", true},
		{"KIVAFORM_LEDGER_KEY", "sixteen characters or more", "kiva", true}, {"LEDGER_TOKEN", ledgerToken, "kiva", true},
	}
	documents := g.documents()
	request := func(branch, project string) []string {
		return g.start(branch, "12", map[string]string{
			"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "12", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": project,
		})
	}
	defer g.plantLinks("plan.md", "notes.json", "note.json", "answer.json")()
	g.propose("november", map[string]string{"loans.yaml": documents["loans.yaml"]})
	if ran := request("november", "7"); !slices.Equal(ran, []string{"check", "plan"}) {
		t.Errorf("a merge request ran %q", ran)
	}
	first := g.forge.bodies("12")
	g.propose("november", documents)
	request("november", "7")
	second := g.forge.bodies("12")
	if len(first) != 1 || len(second) != 1 || first[0] == second[0] || !strings.Contains(second[0], "600,000") {
		t.Errorf("notes:\n%q\nthen\n%q", first, second)
	}
	merge := g.merge("november")
	g.forge.merged[merge] = "12"
	for i, source := range []string{"push", "web", "schedule"} {
		g.start("main", "", map[string]string{"CI_PIPELINE_SOURCE": source, "CI_COMMIT_BRANCH": "main", "CI_COMMIT_SHA": merge})
		if n := g.sent(); n != monthItems {
			t.Errorf("after run %d %s", i, fmt.Sprint(n, " items were sent"))
		}
	}
	for secret, want := range map[string]string{
		sandbox.ClientSecret: "apply", ledgerToken: "apply", readerSecret: "plan reviewed", notesToken: "plan reviewed",
	} {
		if got := strings.Join(g.seen[secret], " "); got != want {
			t.Errorf("the secret %q was given to the jobs %q, not %q", secret, got, want)
		}
	}
}

// A merge request of a fork is checked with the fork's settings.
func TestGitLabFork(t *testing.T) {
	var pipeline gitlabPipeline
	decode(t, filepath.Join("gitlab", ".gitlab-ci.yml"), &pipeline)
	g := &gitlab{house: &house{t: t}, pipeline: pipeline}
	facts := map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8", "CI_PROJECT_ID": "7", "CI_DEFAULT_BRANCH": "main"}
	for name, job := range pipeline.Jobs {
		env := g.environment(job, "november", facts)
		env["KIVA_PLAN"] = "on" // even where the pipeline runs in the parent project
		runs := slices.ContainsFunc(job.Rules, func(r map[string]string) bool { return g.holds(r["if"], env) })
		if runs != (name == "check") || name == "check" && job.Environment.Name != "" {
			t.Errorf("%s: %t in the environment %q", name, runs, job.Environment.Name)
		}
	}
}
