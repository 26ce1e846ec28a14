package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// TestInterruptedWhileReading holds that a command which is interrupted before its
// files are read, or while they are, ends with the code of that, and does nothing.
func TestInterruptedWhileReading(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(dir, "export.csv")
	if err := os.WriteFile(export, []byte("key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, args := range [][]string{
		{"validate"}, {"plan"}, {"apply", "--auto-approve"}, {"apply", export}, {"todo"}, {"status"}, {"show", export},
		{"ack", "journal/L-1/a", "--reason", "r"}, {"adopt"}, {"fmt"}, {"env", "list"}, {"ledger", "list"},
		{"catalog", "list"}, {"convert", export, "--kind", "journal"}, {"resolve", "--file", export},
	} {
		var told strings.Builder
		code := run(ctx, append([]string{"-C", dir}, args...), cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &told}, func(string) string { return "" })
		if code != cli.ExitInterrupted {
			t.Errorf("%s: exit %d, %s", args[0], code, told.String())
		}
	}
}
