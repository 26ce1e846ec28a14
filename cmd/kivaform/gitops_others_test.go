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
)

// withKivaform puts the program on the machine's PATH.
func (h *house) withKivaform() {
	h.t.Helper()
	out, code, err := h.machine.run([]string{"bash", "-e"}, `go -C "$SOURCE" build -o "$BIN/kivaform" ./cmd/kivaform`,
		map[string]string{"SOURCE": h.source, "BIN": filepath.Join(h.machine.dir, "bin")})
	if err != nil || code != 0 {
		h.t.Fatalf("%v, exit %d\n%s", err, code, out)
	}
	h.machine.env["PATH"] = filepath.Join(h.machine.dir, "bin") + ":" + h.machine.env["PATH"]
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
	h.propose("november", h.documents())
	h.machine.clone(t, h.remote, "november")
	out := h.mustRun(exitDone, "./kiva-pipeline plan", nil)
	markdown, err := os.ReadFile(filepath.Join(h.work(), "plan.md"))
	if err != nil || !strings.HasPrefix(string(markdown), "<!-- kivaform plan") || !strings.Contains(out, "600,000") {
		t.Errorf("%v\n%s\n%s", err, out, markdown)
	}
	saved, err := os.ReadFile(filepath.Join(h.work(), "kiva.kfplan"))
	if err != nil {
		t.Fatal(err)
	}
	h.merge("november")
	for i, want := range []int{exitDone, exitRefused} { // a plan can be used once
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
	h.mustRun(exitInvalid, "./kiva-pipeline", nil)
}

// What Atlantis runs. The files say nothing that Atlantis doesn't know.
func TestAtlantis(t *testing.T) {
	t.Parallel()
	type named struct {
		Name, Dir, Workflow string
		Autoplan            struct {
			WhenModified []string `yaml:"when_modified"`
		}
		PlanRequirements  []string `yaml:"plan_requirements"`
		ApplyRequirements []string `yaml:"apply_requirements"`
	}
	var repository struct {
		Version  int
		Projects []named
	}
	type stage struct{ Steps []map[string]string }
	var server struct {
		Repos []struct {
			ID               string
			AllowedOverrides []string `yaml:"allowed_overrides"`
			AllowedWorkflows []string `yaml:"allowed_workflows"`
		}
		Workflows map[string]struct{ Plan, Apply stage }
	}
	decode(t, filepath.Join("atlantis", "atlantis.yaml"), &repository)
	decode(t, filepath.Join("atlantis", "repos.yaml"), &server)
	project := repository.Projects[0]
	flow, ok := server.Workflows[project.Workflow]
	if !ok || !slices.Contains(server.Repos[0].AllowedWorkflows, project.Workflow) || !slices.Contains(project.ApplyRequirements, "approved") {
		t.Fatalf("%+v %+v", repository, server)
	}
	h := newHouse(t, "atlantis")
	h.machine.clone(t, h.remote, "main")
	h.withKivaform()
	h.propose("november", h.documents())
	h.machine.clone(t, h.remote, "november")
	planFile := map[string]string{"PLANFILE": filepath.Join(h.machine.dir, "kiva-default.tfplan")}
	for _, s := range flow.Plan.Steps {
		h.mustRun(exitDone, s["run"], planFile)
	}
	for _, s := range flow.Apply.Steps {
		h.mustRun(exitDone, s["run"], planFile)
		h.mustRun(exitRefused, s["run"], planFile)
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
	Extends, Stage string
	Environment    string
	ResourceGroup  string `yaml:"resource_group"`
	Timeout        string
	Interruptible  bool
	Needs          []string
	Rules          []map[string]string
	BeforeScript   []string `yaml:"before_script"`
	Script         []string
	Artifacts      struct {
		Paths    []string
		ExpireIn string `yaml:"expire_in"`
	}
}

type gitlabPipeline struct {
	Image     string
	Stages    []string
	Variables map[string]string
	Jobs      map[string]gitlabJob `yaml:",inline"`
}

// gitlab runs the jobs of GitLab's example.
type gitlab struct {
	*house
	pipeline gitlabPipeline
}

// start runs the jobs whose rules hold, in the order of the stages. A job that
// waits for a button is run, too.
func (g *gitlab) start(ref, request string, facts map[string]string) {
	g.t.Helper()
	conditions := map[string]bool{
		`$CI_PIPELINE_SOURCE == "merge_request_event"`: facts["CI_PIPELINE_SOURCE"] == "merge_request_event",
		`$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`:      facts["CI_COMMIT_BRANCH"] == "main",
	}
	var artifact []byte
	for _, stage := range g.pipeline.Stages {
		for _, name := range slices.Sorted(maps.Keys(g.pipeline.Jobs)) {
			job := g.pipeline.Jobs[name]
			if job.Stage != stage {
				continue
			}
			holds, known := conditions[job.Rules[0]["if"]]
			if !known {
				g.t.Fatalf("the rule %q isn't understood here", job.Rules[0]["if"])
			}
			if holds {
				artifact = g.job(name, ref, facts, artifact)
			}
		}
	}
	if request != "" {
		g.forge.files["refs/merge-requests/"+request+"/head plan kiva.kfplan"] = artifact
	}
}

// job runs one job on a fresh machine, and returns its saved plan.
func (g *gitlab) job(name, ref string, facts map[string]string, artifact []byte) []byte {
	g.t.Helper()
	job := g.pipeline.Jobs[name]
	g.machine.clone(g.t, g.remote, ref)
	file := filepath.Join(g.work(), "kiva.kfplan")
	if len(job.Needs) > 0 {
		if err := os.WriteFile(file, artifact, 0o666); err != nil {
			g.t.Fatal(err)
		}
	}
	env := map[string]string{
		"CI_PROJECT_DIR": g.work(), "CI_API_V4_URL": g.forge.URL, "CI_PROJECT_ID": "7", "CI_DEFAULT_BRANCH": "main",
		"KIVAFORM_REPOSITORY": "file://" + g.source, "KIVAFORM_VERSION": "v1", "GITLAB_NOTES_TOKEN": "forge-token",
		"KIVAFORM_LEDGER_KEY": "sixteen characters or more",
	}
	maps.Copy(env, g.pipeline.Variables)
	maps.Copy(env, facts)
	lines := slices.Concat(g.pipeline.Jobs[job.Extends].BeforeScript, job.Script)
	out, code, err := g.machine.run([]string{"bash", "-e", "-o", "pipefail"}, strings.Join(lines, "\n"), env)
	if err != nil || code != 0 {
		g.t.Fatalf("%s: %v, exit %d\n%s", name, err, code, out)
	}
	saved, err := os.ReadFile(file)
	if err != nil {
		g.t.Fatal(err)
	}
	return saved
}

// GitLab's example, from a merge request to what Kiva has.
func TestGitLabCI(t *testing.T) {
	t.Parallel()
	g := &gitlab{house: newHouse(t, "gitlab")}
	decode(t, filepath.Join("gitlab", ".gitlab-ci.yml"), &g.pipeline)
	if apply := g.pipeline.Jobs["apply"]; apply.ResourceGroup == "" || apply.Interruptible || apply.Environment == "" {
		t.Errorf("%+v", apply)
	}
	documents := g.documents()
	request := func(branch string) {
		g.start(branch, "12", map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "12"})
	}
	g.propose("november", map[string]string{"loans.yaml": documents["loans.yaml"]})
	request("november")
	first := g.forge.bodies("12")
	g.propose("november", documents)
	request("november")
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
}
