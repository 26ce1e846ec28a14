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
	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/view"
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

// upload is the receipt of an upload of so many rows.
func upload(number, rows int) apply.Receipt {
	a := &ledger.Attempt{
		Intent: ledger.Intent{Stream: "repayments/2026-11", Attempt: number, Rows: make([]ledger.Row, rows)},
		Result: &ledger.Result{Outcome: plan.OutcomeAccepted},
	}
	return apply.Receipt{Attempt: a, Kind: "repayment", Items: rows}
}

// An account as data says what the account says.
func TestAccountData(t *testing.T) {
	acc := &apply.Account{
		Counts:   map[apply.Outcome]int{apply.Sent: 2, apply.NotSent: 1, apply.Taken: 0},
		Failures: []apply.Entry{{Address: "loan_draft/L-1", Outcome: apply.NotSent, Message: "no connection"}},
		Receipts: []apply.Receipt{upload(1, 3), upload(2, 4)},
		Stop:     apply.StopUnreachable, StopMessage: "Kiva can't be reached",
	}
	data := new(app).accountData(acc, "7f3a", false)
	if got := data.Counts; len(got) != 2 || got["sent"] != 2 || got["not-sent"] != 1 {
		t.Errorf("counts %v", got)
	}
	if data.Failures[0].Outcome != "not-sent" || data.Stop.Reason != "unreachable" {
		t.Errorf("%+v", data)
	}
	if r := data.Receipts[1]; r.Address != "repayments/2026-11" || r.Request != "repayments/2026-11/2" {
		t.Errorf("receipt %+v", r)
	}
	if want := (view.Task{Kind: "finalise", Address: "repayments/2026-11", Items: 7, What: "7 rows sent"}); len(data.Todo) != 1 || data.Todo[0] != want {
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
	e := events{streams: []*view.Stream{view.NewStream(file)}}
	e.send(view.Stopping{Message: "the deadline has come"})
	if err := e.end(nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
