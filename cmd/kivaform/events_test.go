package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply"
	"kivaform/plan/render"
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
	if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != exitError {
		t.Errorf("it ended with %v: %s", err, errs.String())
	}
	if !strings.Contains(errs.String(), "error: write the events: ") {
		t.Errorf("it doesn't say that the events are cut: %s", errs.String())
	}
	if err := m.verdict(t.Context()); err != nil {
		t.Error(err)
	}
}

// An account as data says what the account says.
func TestAccountData(t *testing.T) {
	acc := &apply.Account{
		Counts:   map[apply.Outcome]int{apply.Sent: 2, apply.NotSent: 1, apply.Taken: 0},
		Failures: []apply.Entry{{Address: "loan_draft/L-1", Outcome: apply.NotSent, Message: "no connection"}},
		Receipts: []apply.Receipt{{Stream: "repayments/2026-11", Kind: "repayment", Items: 3}, {Stream: "repayments/2026-11", Kind: "repayment", Items: 4}},
		Stop:     apply.StopUnreachable, StopMessage: "Kiva can't be reached",
	}
	data := new(app).accountData(acc, "7f3a", false)
	if got := data.Counts; len(got) != 2 || got["sent"] != 2 || got["not-sent"] != 1 {
		t.Errorf("counts %v", got)
	}
	if data.Failures[0].Outcome != "not-sent" || data.Stop.Reason != "unreachable" {
		t.Errorf("%+v", data)
	}
	if want := (render.Task{Kind: "finalise", Address: "repayments/2026-11", Items: 7}); len(data.Todo) != 1 || data.Todo[0] != want {
		t.Errorf("todo %+v", data.Todo)
	}
}

// A file that can't be written to its end is an error, and stops nothing.
func TestEventsAreCut(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	e := events{streams: []*render.Stream{render.NewStream(file)}}
	e.send(render.Stopping{Message: "the deadline has come"})
	if err := e.end(nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
