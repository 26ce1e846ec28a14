package main

import (
	"bufio"
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// Whoever reads the events may go away: what is to be sent is sent, once, and
// recorded.
func TestApplyGoesOnWhenNobodyReads(t *testing.T) {
	m, err := newMonth(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	run := m.command(t.Context(), "apply", "--auto-approve", "--assume-empty", "--batch", monthBatch, "--json", "--parallelism", "1")
	var errs bytes.Buffer
	run.Stderr = &errs
	events, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(events); lines.Scan() && !strings.HasPrefix(lines.Text(), `{"type":"attempt"`); {
	}
	events.Close()
	err = run.Wait()
	if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != cli.ExitError {
		t.Errorf("it ended with %v: %s", err, errs.String())
	}
	if !strings.Contains(errs.String(), "error: write the events: ") {
		t.Errorf("it doesn't say that the events are cut: %s", errs.String())
	}
	if err := m.verdict(t.Context()); err != nil {
		t.Error(err)
	}
}
