package format_test

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kivaform/spec"
	"kivaform/spec/format"
	"kivaform/spec/load"
)

// source formats a text that must be well.
func source(t testing.TB, text string) string {
	t.Helper()
	out, err := format.Source("a.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(out)
}

// workspaces returns the files of every workspace of spec's test data and of the
// examples, and where they stand.
func workspaces(t testing.TB) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	archives, _ := filepath.Glob("../load/testdata/*.txtar")
	for _, name := range archives {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		workspace, _, _ := strings.Cut(string(data), "-- faults --\n")
		all[name] = archived(workspace)
	}
	const example = "../../examples/quickstart"
	names, err := load.Files(context.Background(), example)
	if err != nil || len(archives) == 0 {
		t.Fatal("no test data", err)
	}
	quickstart := map[string]string{}
	for _, name := range append(names, "repayments/2026-11.csv") {
		text, err := os.ReadFile(filepath.Join(example, name))
		if err != nil {
			t.Fatal(err)
		}
		quickstart[name] = string(text)
	}
	all["quickstart"] = quickstart
	return all
}

// archived returns the files of a text in which each stands below a line
// "-- name --".
func archived(text string) map[string]string {
	files := map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(rest, " --\n") {
			name = strings.TrimSuffix(rest, " --\n")
			files[name] = ""
		} else if name != "" {
			files[name] += line
		}
	}
	return files
}

// load loads a workspace of these files.
func loadFiles(t testing.TB, files map[string]string) *spec.Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load.Workspace(t.Context(), dir, load.Options{Now: func() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// sayTheSame compares what two workspaces say, but for places.
func sayTheSame(a, b *spec.Set) string {
	return gocmp.Diff(a, b,
		cmpopts.IgnoreTypes(spec.Pos{}),
		cmpopts.IgnoreFields(spec.Set{}, "Dir"),
		cmpopts.IgnoreFields(spec.Repayment{}, "Line", "Column"),
		cmpopts.IgnoreFields(spec.Fault{}, "Message"),
		cmpopts.EquateComparable(spec.Settings{}.Limits.Amount[""]),
		cmpopts.SortSlices(func(a, b *spec.Fault) bool {
			return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), strings.Compare(a.Code, b.Code), strings.Compare(a.Path, b.Path),
				strings.Compare(string(a.Address), string(b.Address)), strings.Compare(a.Message, b.Message)) < 0
		}))
}

// yamlFiles returns the names of a workspace's YAML files, sorted.
func yamlFiles(files map[string]string) []string {
	var names []string
	for name := range files {
		if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
