package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// What nobody could read wasn't answered, whichever command it was.
func TestLostOutputIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"todo", "todo --markdown", "explain", "explain KF021", "version", "env list", "ledger list", "ledger verify", "validate", "plan", "drift", "--help"} {
		var said bytes.Buffer
		args := append([]string{"-C", dir}, strings.Fields(command)...)
		code := run(t.Context(), args, streams{in: strings.NewReader(""), out: full{}, err: &said}, func(string) string { return "" })
		if code != exitError || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%s ended with %d and said %q", command, code, &said)
		}
	}
}
