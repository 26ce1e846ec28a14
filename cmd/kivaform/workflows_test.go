package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// pinned is an action at a commit, with the version beside it.
var pinned = regexp.MustCompile(`^\s*- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// What workflows promise beside their commands, the project's own and the
// example's.
func TestWorkflowsAreSafe(t *testing.T) {
	own, err := filepath.Glob(filepath.Join("..", "..", ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join("..", "..", "examples", "gitops", "github", ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(own) != 1 || len(examples) != 2 {
		t.Fatalf("%q %q", own, examples)
	}
	for _, file := range append(own, examples...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range workflowFaults(t, string(data)) {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

// workflowFaults returns what would let a pull request, or an action that was
// changed, reach more than it needs.
func workflowFaults(t *testing.T, text string) (faults []string) {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); strings.Contains(line, "uses: ") && !pinned.MatchString(line) {
			faults = append(faults, "not pinned by a commit with its version: "+line)
		}
	}
	if _, ok := w.On["pull_request_target"]; ok {
		faults = append(faults, "pull_request_target gives secrets to what strangers propose")
	}
	if w.Permissions == nil || len(w.Permissions) > 0 {
		faults = append(faults, "the workflow gives rights to all its jobs")
	}
	if namesSecret(w.Env) {
		faults = append(faults, "the workflow gives a secret to all its jobs")
	}
	for name, job := range w.Jobs {
		for _, fault := range jobFaults(job) {
			faults = append(faults, name+": "+fault)
		}
	}
	return faults
}

func jobFaults(job workflowJob) (faults []string) {
	if job.Permissions == nil {
		faults = append(faults, "has no permissions of its own")
	}
	if namesSecret(job.Env) {
		faults = append(faults, "gives a secret to all its steps")
	}
	for _, s := range job.Steps {
		title := s.Name + s.Uses
		if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != "false" {
			faults = append(faults, title+" keeps its credentials")
		}
		if (namesSecret(s.Env) || namesSecret(s.With)) && job.Environment == "" {
			faults = append(faults, title+" has a secret of no environment")
		}
		if strings.Contains(s.Run, "kivaform apply") != (job.Environment == "kiva" && strings.Contains(s.Env["KIVA_CLIENT_SECRET"], "secrets.")) {
			faults = append(faults, title+": apply alone has the secrets of the environment kiva")
		}
	}
	return faults
}

func namesSecret(values map[string]string) bool {
	for _, v := range values {
		if strings.Contains(v, "secrets.") || strings.Contains(v, "github.token") {
			return true
		}
	}
	return false
}

// Each fault is found in a workflow that has it alone.
func TestWorkflowFaultsAreFound(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitops", "github", ".github", "workflows", "kiva-apply.yml"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	for name, change := range map[string][2]string{
		"a tag":                   {"actions/checkout@fbc6f3992d24b796d5a048ff273f7fcc4a7b6c09 # v5.1.0", "actions/checkout@v5"},
		"no version":              {" # v5.1.0", ""},
		"a target":                {"  push:\n    branches: [main]", "  pull_request_target:"},
		"rights for all":          {"permissions: {}", "permissions: {contents: write}"},
		"a job without rights":    {"    permissions:\n      contents: write # the branch with the ledger\n", ""},
		"a secret for all":        {"  KIVAFORM_REPOSITORY: example/kivaform", "  SECRET: ${{ secrets.KIVA_CLIENT_SECRET }}"},
		"a secret for a job":      {"    environment: kiva #", "    env: {SECRET: \"${{ secrets.KIVA_CLIENT_SECRET }}\"}\n    environment: kiva #"},
		"kept credentials":        {"persist-credentials: false", "persist-credentials: true"},
		"another environment":     {"    environment: kiva #", "    environment: kiva-plan #"},
		"no environment":          {"    environment: kiva-plan\n", ""},
		"a secret in another run": {"        if: failure()\n        env:", "        if: failure()\n        env:\n          KIVA_CLIENT_SECRET: ${{ secrets.KIVA_CLIENT_SECRET }}"},
	} {
		if !strings.Contains(good, change[0]) {
			t.Errorf("%s: the workflow has no %q", name, change[0])
		}
		if faults := workflowFaults(t, strings.Replace(good, change[0], change[1], 1)); len(faults) == 0 {
			t.Errorf("%s is no fault", name)
		}
	}
}

// The workflows of the example: a plan is cancelled for a newer one, an apply
// never.
func TestWorkflowsThatAreCancelled(t *testing.T) {
	for name, cancels := range map[string]bool{"kiva-plan.yml": true, "kiva-apply.yml": false} {
		data, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitops", "github", ".github", "workflows", name))
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(data, &w); err != nil {
			t.Fatal(err)
		}
		if w.Concurrency.Group == "" || w.Concurrency.CancelInProgress != cancels {
			t.Errorf("%s: %+v", name, w.Concurrency)
		}
	}
}

// The example's CODEOWNERS holds all that decides where secrets go.
func TestCodeOwners(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitops", "github", ".github", "CODEOWNERS"))
	if err != nil {
		t.Fatal(err)
	}
	owned := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) == 2 && strings.HasPrefix(fields[1], "@") {
			owned[fields[0]] = true
		}
	}
	for _, pattern := range []string{"kiva.yaml", "**/.kivaform", "**/.kivaform/**", "/.github/**"} {
		if !owned[pattern] {
			t.Errorf("%s belongs to nobody", pattern)
		}
	}
}
