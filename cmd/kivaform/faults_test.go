package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// People see what a file is called in a form that does nothing to their
// terminal; programs get the name as it is.
func TestFileNamesAreHarmless(t *testing.T) {
	dir := t.TempDir()
	const name = "\x1b[31mred\n\u202e.yaml"
	for file, text := range map[string]string{
		"kiva.yaml": "version: 1\npartner_id: \"145\"\n",
		name:        "kind: Journal\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Skip("no such name is allowed here: ", err)
		}
	}
	validate := func(more ...string) (string, string) {
		var out, errs bytes.Buffer
		args := append([]string{"-C", dir, "validate"}, more...)
		if code := run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, settingsOf(nil)); code != cli.ExitInvalid {
			t.Errorf("%q: exit %d\n%s%s", args, code, &out, &errs)
		}
		return out.String(), errs.String()
	}
	out, errs := validate()
	if all := out + errs; !strings.Contains(all, `\x1b[31mred\n\u202e.yaml:1:1: `) || strings.ContainsAny(all, "\x1b\u202e") {
		t.Errorf("people see %q", all)
	}
	out, errs = validate("--json")
	if !strings.Contains(out, `\u001b[31mred\n`) || strings.Contains(out, `\\x1b`) || strings.ContainsAny(errs, "\x1b\u202e") {
		t.Errorf("programs get %q, people %q", out, errs)
	}
}
