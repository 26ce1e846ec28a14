package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
)

var sentAt = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// attemptOn is an attempt that a person found at Kiva, or one that Kiva
// accepted where there is a result.
func attemptOn(stream plan.Address, number int, remoteID string, r *ledger.Result, in ledger.Intent) *ledger.Attempt {
	in.Stream, in.Attempt, in.At = stream, number, sentAt
	a := &ledger.Attempt{Intent: in, Result: r}
	if r == nil {
		a.Resolution = &ledger.Resolution{Decision: plan.OutcomeExists, RemoteID: remoteID}
	}
	return a
}

func accepted(receipts ...ledger.Receipt) *ledger.Result {
	return &ledger.Result{Outcome: plan.OutcomeAccepted, Receipts: receipts}
}

// What a person found at Kiva is told by the id that was given, and by what to
// look for where none was.
func TestTaskOfWhatAPersonFound(t *testing.T) {
	visit := ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}}}
	const url = "https://kiva.example/confirm/1"
	confirm := func(what, url string) task {
		return task{Kind: "confirm", Address: "journals/2", Items: 1, Since: &sentAt, What: what, URL: url}
	}
	for name, c := range map[string]struct {
		remoteID string
		result   *ledger.Result
		want     []task
	}{
		"no id":           {"", nil, []task{confirm("1 journal; Kiva's id of them isn't known: look in PA2 for an archive of 1 journal, made about 2026-11-20 08:00 UTC, with journal/L-1/visit", "")}},
		"an id":           {"77", nil, []task{confirm("1 journal; Kiva's id is 77", "")}},
		"an address":      {url, nil, []task{confirm("1 journal", url)}},
		"Kiva's":          {"", accepted(ledger.Receipt{ConfirmURL: url}), []task{confirm("1 journal", url)}},
		"without receipt": {"", accepted(), []task{confirm("1 journal", "")}},
	} {
		got := confirmTasks(attemptOn("journals", 2, c.remoteID, c.result, visit))
		if d := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(task{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}

	for id, want := range map[string]string{
		"d-7": "draft d-7",
		"":    "Kiva's id of it isn't known: look in PA2 for a draft with the Loan ID L-1, made about 2026-11-20 08:00 UTC",
	} {
		if got := publishTask(attemptOn("loan_draft/L-1", 1, id, nil, ledger.Intent{})).What; got != want {
			t.Errorf("draft of id %q: %s", id, got)
		}
	}
	if got := publishTask(attemptOn("loan_draft/L-1", 1, "", accepted(), ledger.Intent{})).What; got != "draft without a number from Kiva" {
		t.Error(got)
	}
}

// A report is one task, however many uploads it had; those that only a person
// found are told one by one.
func TestReportThatAPersonFoundInPart(t *testing.T) {
	row := ledger.Intent{Rows: []ledger.Row{{LoanID: "L-1"}}}
	reports := make(map[plan.Address]*task)
	for i, a := range []*ledger.Attempt{
		attemptOn("repayments/2026-11", 1, "", nil, row),
		attemptOn("repayments/2026-11", 2, "", accepted(), row),
		attemptOn("repayments/2026-11", 3, "U-9", nil, row),
	} {
		addFinalise(reports, a)
		if len(reports) != 1 {
			t.Fatalf("%d reports after upload %d", len(reports), i+1)
		}
	}
	want := "3 rows sent; Kiva's id of repayments/2026-11/1 isn't known: look in PA2 for an upload of 1 row, made about 2026-11-20 08:00 UTC, that begins with the Loan ID L-1" +
		"; Kiva's id of repayments/2026-11/3 is U-9"
	if got := reports["repayments/2026-11"]; got.What != want || got.Items != 3 {
		t.Errorf("%d items: %s", got.Items, got.What)
	}
}

// The address by which journals are published is shown to nobody but people at
// a terminal, also where a person gave it.
func TestGivenAddressIsHidden(t *testing.T) {
	tasks := confirmTasks(attemptOn("journals", 1, "https://kiva.example/confirm/1", nil, ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}}}))
	var out bytes.Buffer
	a := &app{streams: streams{out: &out}, personal: "mask"}
	a.printTasks(tasks)
	a.markdownTasks(tasks)
	if err := a.writeJSON(a.maskURLs(tasks)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "kiva.example") || !strings.Contains(out.String(), "--personal=show") {
		t.Error(out.String())
	}
}

// Kiva may add statuses: one that a loan has is none that nobody knows.
func TestStatusThatALoanHas(t *testing.T) {
	items := []itemStatus{{Status: "sent", KivaStatus: "underReview"}}
	if err := (statusFlags{status: "underreview"}).checkStatus(items); err != nil {
		t.Error(err)
	}
	if err := (statusFlags{status: "underreview"}).checkStatus(nil); err == nil {
		t.Error("taken where no loan has it")
	}
	if err := (statusFlags{status: string(kiva.PayingBack)}).checkStatus(nil); err != nil {
		t.Error(err)
	}
}

// The statuses that the help explains are those that are taken.
func TestHelpExplainsEachStatus(t *testing.T) {
	for _, s := range ownStatuses {
		if !strings.Contains(statusHelp, "  "+s+" ") {
			t.Errorf("%s isn't explained", s)
		}
	}
}
