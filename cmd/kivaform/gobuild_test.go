//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// goBuild stands in for go in the scripts of pipelines, unless everything runs
// at full length. A build in a fresh clone compiles all packages anew, as the
// compiler's cache knows them by their folder; so the program that the tests
// run, of the same source, is copied. Whatever else is asked of go fails.
const goBuild = `#!/bin/sh
dir=.
if [ "$1" = -C ]; then dir=$2; shift 2; fi
if [ "$1 $2 $4 $#" != "build -o ./cmd/kivaform 4" ] || ! [ -f "$dir/go.mod" ] || ! [ -f "$dir/cmd/kivaform/main.go" ]; then
	echo "go in the tests of pipelines only builds kivaform in its clone, not: $*" >&2
	exit 2
fi
mkdir -p "$(dirname "$3")" && cp "$KIVAFORM_BUILT" "$3"
`

// withGo has the machine build kivaform: for real where everything runs at full
// length, as a copy otherwise.
func (m *machine) withGo(t *testing.T) {
	t.Helper()
	if os.Getenv("KIVAFORM_LONG") != "" {
		return
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(goBuild), 0o777); err != nil {
		t.Fatal(err)
	}
	m.env["PATH"] = bin + string(filepath.ListSeparator) + m.env["PATH"]
	m.env["KIVAFORM_BUILT"] = builtProgram(t)
}

// builtProgram returns the program that TestMain has built.
func builtProgram(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("kivaform")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// copyProgram puts the program into a folder that doesn't exist yet.
func copyProgram(t *testing.T, dir string) {
	t.Helper()
	from, err := os.Open(builtProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	to, err := os.OpenFile(filepath.Join(dir, "kivaform"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o777)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
}
