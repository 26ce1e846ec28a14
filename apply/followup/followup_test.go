package followup

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/spec"
)

var sentAt = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// attemptOn is an attempt that a person found at Kiva, or one that Kiva
// accepted where there is a result.
func attemptOn(stream plan.Address, number int, remoteID string, r *ledger.Result, in ledger.Intent) *ledger.Attempt {
	in.Stream, in.Attempt, in.At = stream, number, sentAt
	a := &ledger.Attempt{Intent: in, Result: r}
	if r == nil {
		a.Resolutions = []ledger.Resolution{{Decision: plan.OutcomeExists, RemoteID: remoteID}}
	}
	return a
}

func accepted(receipts ...ledger.Receipt) *ledger.Result {
	return &ledger.Result{Outcome: plan.OutcomeAccepted, Receipts: receipts}
}

func draftAttempt(id string, number int, r *ledger.Result) *ledger.Attempt {
	a := attemptOn(spec.DraftAddress(id), number, "", r, ledger.Intent{Items: []ledger.Item{{Address: spec.DraftAddress(id)}}})
	a.Resolutions = nil
	return a
}

func done(a *ledger.Attempt) *ledger.Attempt { a.Done = true; return a }

// What a person found at Kiva is told by the id that was given, and by what to
// look for where none was.
func TestTaskOfWhatAPersonFound(t *testing.T) {
	visit := ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}}}
	const url = "https://kiva.example/confirm/1"
	confirm := func(what, url string) view.Task {
		return view.Task{Kind: view.TaskConfirm, Address: "journals/2", Items: 1, Since: &sentAt, What: what, ConfirmURL: url}
	}
	lost := confirm("1 journal; Kiva's id of them isn't known: look in PA2 for an archive of 1 journal, made about 2026-11-20 08:00 UTC, with journal/L-1/visit", "")
	lost.NoReceipt = true
	for name, c := range map[string]struct {
		remoteID string
		result   *ledger.Result
		want     []view.Task
	}{
		"no id":           {"", nil, []view.Task{lost}},
		"an id":           {"77", nil, []view.Task{confirm("1 journal; Kiva's id is 77", "")}},
		"an address":      {url, nil, []view.Task{confirm("1 journal", url)}},
		"Kiva's":          {"", accepted(ledger.Receipt{ConfirmURL: url}), []view.Task{confirm("1 journal", url)}},
		"without receipt": {"", accepted(), []view.Task{confirm("1 journal", "")}},
	} {
		got := confirmTasks(attemptOn("journals", 2, c.remoteID, c.result, visit))
		if d := cmp.Diff(c.want, got); d != "" {
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
	tasks := batchTasks([]*ledger.Attempt{
		attemptOn("repayments/2026-11", 1, "", nil, row),
		attemptOn("repayments/2026-11", 2, "", accepted(), row),
		attemptOn("repayments/2026-11", 3, "U-9", nil, row),
	})
	want := "3 rows sent; Kiva's id of repayments/2026-11/1 isn't known: look in PA2 for an upload of 1 row, made about 2026-11-20 08:00 UTC, that begins with the Loan ID L-1" +
		"; Kiva's id of repayments/2026-11/3 is U-9"
	if len(tasks) != 1 || tasks[0].What != want || tasks[0].Items != 3 || !tasks[0].NoReceipt {
		t.Errorf("%+v", tasks)
	}
}

// What was sent a moment ago may still get its answer, and nobody need look for it
// yet.
func TestResolveTaskOfARunThatMayWait(t *testing.T) {
	const waits = "; the run that sent it may still wait for the answer"
	for _, tt := range []struct {
		ago    time.Duration
		result *ledger.Result
		want   bool
	}{
		{time.Minute, nil, true}, {time.Hour, nil, false}, {time.Minute, new(ledger.Result), false},
	} {
		now := sentAt.Add(tt.ago)
		got := resolveTask(draftAttempt("L-1", 1, tt.result), Known{Plan: new(plan.Plan), Now: now, MayRun: 10 * time.Minute})
		if strings.HasSuffix(got.What, waits) != tt.want {
			t.Errorf("%s ago: %q", tt.ago, got.What)
		}
	}
}

// The tasks of a ledger: each attempt leaves just what only people can do.
func TestTasks(t *testing.T) {
	row := func(ids ...string) (in ledger.Intent) {
		for _, id := range ids {
			in.Rows = append(in.Rows, ledger.Row{LoanID: id})
		}
		return in
	}
	visit := ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}}}
	refused := accepted()
	refused.Problems = []ledger.Problem{{LoanID: "L-1", Severity: "error"}, {LoanID: "L-2", Severity: "warning"}}
	again := draftAttempt("L-1", 2, accepted(ledger.Receipt{DraftUUID: "d-2"}))
	again.Intent.Items[0].Again = true
	adopted := draftAttempt("L-1", 1, nil)
	adopted.Intent.Recorded = plan.OutcomeAdopted
	unpublished := new(spec.LoanDraft)
	unpublished.InternalLoanID = "L-1"
	withLoan := &plan.Plan{Drafts: []plan.Item{{Resource: unpublished, Loan: new(kiva.Loan)}}}

	for name, tt := range map[string]struct {
		attempts []*ledger.Attempt
		known    Known
		want     string // kind, address, items and, of some, what
	}{
		"nothing":                      {nil, Known{}, ""},
		"a draft":                      {[]*ledger.Attempt{draftAttempt("L-1", 1, accepted())}, Known{}, "publish loan_draft/L-1 1"},
		"a published draft":            {[]*ledger.Attempt{draftAttempt("L-1", 1, accepted())}, Known{Listed: map[string]bool{"L-1": true}}, ""},
		"an adopted draft":             {[]*ledger.Attempt{adopted}, Known{}, ""},
		"a rejected draft":             {[]*ledger.Attempt{draftAttempt("L-1", 1, &ledger.Result{Outcome: plan.OutcomeRejected})}, Known{}, ""},
		"a draft that was given up":    {[]*ledger.Attempt{done(draftAttempt("L-1", 1, accepted()))}, Known{}, ""},
		"a draft that was sent again":  {[]*ledger.Attempt{draftAttempt("L-1", 1, accepted()), again}, Known{}, "publish loan_draft/L-1 1"},
		"no answer":                    {[]*ledger.Attempt{draftAttempt("L-1", 1, nil)}, Known{}, "resolve loan_draft/L-1 1"},
		"no answer and a loan":         {[]*ledger.Attempt{draftAttempt("L-1", 1, nil)}, Known{Plan: withLoan}, "resolve loan_draft/L-1 1"},
		"journals":                     {[]*ledger.Attempt{attemptOn("journals", 2, "", accepted(), visit)}, Known{}, "confirm journals/2 1"},
		"confirmed journals":           {[]*ledger.Attempt{done(attemptOn("journals", 2, "", accepted(), visit))}, Known{}, ""},
		"two uploads":                  {[]*ledger.Attempt{attemptOn("repayments/2026-11", 1, "", accepted(), row("L-1", "L-2")), attemptOn("repayments/2026-11", 2, "", accepted(), row("L-3"))}, Known{}, "finalise repayments/2026-11 3"},
		"rows that Kiva rejected":      {[]*ledger.Attempt{attemptOn("repayments/2026-11", 1, "", refused, row("L-1", "L-2"))}, Known{}, "finalise repayments/2026-11 1"},
		"only rows that Kiva rejected": {[]*ledger.Attempt{attemptOn("repayments/2026-11", 1, "", refused, row("L-1"))}, Known{}, ""},
	} {
		if tt.known.Plan == nil {
			tt.known.Plan = new(plan.Plan)
		}
		var w Work
		for _, a := range tt.attempts {
			w.Add(a)
		}
		tt.known.Now = sentAt.Add(time.Hour)
		var got []string
		for _, task := range w.Tasks(tt.known) {
			got = append(got, strings.Join([]string{task.Kind, string(task.Address), string(rune('0' + task.Items))}, " "))
			if strings.Contains(task.What, "--probe") != (tt.known.Plan == withLoan) {
				t.Errorf("%s: %s", name, task.What)
			}
		}
		if s := strings.Join(got, "; "); s != tt.want {
			t.Errorf("%s: %q, want %q", name, s, tt.want)
		}
	}
}

// After a run, all drafts are one task, each batch of journals is one, and all
// uploads of a report are one.
func TestAfterRun(t *testing.T) {
	visit := ledger.Intent{Items: []ledger.Item{{Address: "journal/L-1/visit"}}}
	row := ledger.Intent{Rows: []ledger.Row{{LoanID: "L-1"}, {LoanID: "L-2"}}}
	got := AfterRun([]*ledger.Attempt{
		attemptOn("journals", 1, "", accepted(ledger.Receipt{ConfirmURL: "https://kiva.example/1"}), visit),
		attemptOn("journals", 2, "", accepted(), visit),
		draftAttempt("L-1", 1, accepted()), draftAttempt("L-2", 1, accepted()),
		attemptOn("repayments/2026-11", 1, "", accepted(), row), attemptOn("repayments/2026-11", 2, "", accepted(), row),
	})
	want := []view.Task{
		{Kind: view.TaskPublish, Items: 2, What: "2 loan drafts"},
		{Kind: view.TaskConfirm, Address: "journals/1", Items: 1, What: "1 journal", Since: &sentAt, ConfirmURL: "https://kiva.example/1"},
		{Kind: view.TaskConfirm, Address: "journals/2", Items: 1, What: "1 journal", Since: &sentAt},
		{Kind: view.TaskFinalise, Address: "repayments/2026-11", Items: 4, What: "4 rows sent", Since: &sentAt},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if none := AfterRun(nil); none == nil || len(none) != 0 {
		t.Errorf("nothing was sent: %v", none)
	}
}
