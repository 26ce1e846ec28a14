package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// A full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// Names of a ledger's folder, which come with a clone, are shown as text: no
// control character, no line of their own, and no command for a runner.
func TestNamesAreHarmless(t *testing.T) {
	dir := t.TempDir()
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	kivaform := func(variable string, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		run(t.Context(), append([]string{"-C", dir}, args...), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out}, settingsOf(map[string]string{variable: "True", "KIVAFORM_CACHE_DIR": t.TempDir()}))
		return out.String()
	}
	kivaform("", "apply", "--auto-approve")
	const mean = "a\x1b]0;T\a\n::error::x\u009b##vso[task.complete]##[error]"
	folder := filepath.Join(dir, ".kivaform", "ledger")
	objects, err := filepath.Glob(filepath.Join(folder, "*", "*", "*"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("no objects in %s (%v)", folder, err)
	}
	for _, place := range []string{filepath.Join(filepath.Dir(objects[0]), mean+".json"), filepath.Join(dir, "loans", mean+".yaml")} {
		if err := os.WriteFile(place, []byte("{}"), 0o666); err != nil {
			t.Skip("no such names here: ", err)
		}
	}
	for _, command := range []string{"ledger verify", "ledger verify --json", "ledger list", "status", "validate", "plan", "fmt --check", "fmt"} {
		plain := kivaform("", strings.Fields(command)...)
		controls := "\x1b\a\u009b"
		if strings.HasSuffix(command, "--json") {
			controls = "\x1b\a" // JSON escapes no others
		}
		if strings.ContainsAny(plain, controls) || strings.Contains(plain, "\n::error") {
			t.Errorf("%s prints control characters: %q", command, plain)
		}
		if strings.HasPrefix(command, "ledger verify") && !runnerCommand.MatchString(plain) {
			t.Errorf("%s doesn't name the file: %q", command, plain)
		}
		if got := kivaform("TF_BUILD", strings.Fields(command)...); runnerCommand.MatchString(got) {
			t.Errorf("%s on Azure prints %q in %q", command, runnerCommand.FindString(got), got)
		}
	}
}

// What nobody could read wasn't answered, whichever command it was.
func TestLostOutputIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"todo", "todo --markdown", "explain", "explain KF021", "version", "env list", "ledger list", "ledger verify", "validate", "plan", "drift", "--help"} {
		var said bytes.Buffer
		args := append([]string{"-C", dir}, strings.Fields(command)...)
		code := run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: full{}, Err: &said}, func(string) string { return "" })
		if code != cli.ExitError || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%s ended with %d and said %q", command, code, &said)
		}
	}
}

// YAML has no escapes that mean the same everywhere, so a runner gets none with
// commands.
func TestDocumentsHoldNoCommands(t *testing.T) {
	for text, code := range map[string]int{"kind: Journal\nbody: '##vso[task.complete]'\n": cli.ExitRefused, "kind: Journal\nbody: fine\n": cli.ExitDone} {
		for variable, want := range map[string]int{"TF_BUILD": code, "GITHUB_ACTIONS": code, "CI": cli.ExitDone} {
			var out, errs bytes.Buffer
			got := run(t.Context(), []string{"fmt", "-"}, cli.Streams{In: strings.NewReader(text), Out: &out, Err: &errs}, settingsOf(map[string]string{variable: "true"}))
			if got != want || runnerCommand.MatchString(out.String()) && variable != "CI" {
				t.Errorf("%s: exit %d: %s%s", variable, got, &out, &errs)
			}
		}
	}
}
