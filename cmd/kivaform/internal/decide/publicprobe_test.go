package decide

import (
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/kiva/public"
	"kivaform/plan"
	"kivaform/spec"
)

// What lenders see counts as proof only where all of a batch is seen, as it was
// sent, and after it was sent: a wrong "exists" would leave something unsent.
func TestEvidence(t *testing.T) {
	sent := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	digests := plan.NewDigester([]byte("a key of sixteen"))
	item := func(loan string) ledger.Item {
		a := spec.JournalAddress(loan, "visit")
		return ledger.Item{Address: a, Digests: map[string]string{
			"subject": digests.Field(a, spec.Field{Path: "subject", Value: "A visit"}), "body": digests.Field(a, spec.Field{Path: "body", Value: "All is well."}),
		}}
	}
	journals := &ledger.Attempt{Intent: ledger.Intent{At: sent, Items: []ledger.Item{item("L-1"), item("L-2")}}}
	rows := &ledger.Attempt{Intent: ledger.Intent{At: sent, Rows: []ledger.Row{
		{LoanID: "L-1", Amount: money.FromInt(300)}, {LoanID: "L-2", Amount: money.FromInt(50)},
	}}}
	journal := func(subject, body string, days int) []public.Journal {
		return []public.Journal{{Subject: subject, Body: body, Date: public.Moment{Time: sent.AddDate(0, 0, days)}}}
	}
	right := journal("A visit", "All is well.", 1)
	loan := func(id string, payments ...public.Payment) public.Loan {
		return public.Loan{ID: public.Text(id), Payments: payments}
	}
	paid := func(amount int64, day public.Day) public.Payment {
		return public.Payment{LocalAmount: public.Money{Amount: money.FromInt(amount), Known: true}, ProcessedDate: day}
	}
	const before, after = public.Day("2026-10-17"), public.Day("2026-12-17")
	listed := map[string]*kiva.Loan{"L-1": {KivaID: "1"}, "L-2": {KivaID: "2"}}
	for _, tt := range []struct {
		name     string
		attempt  *ledger.Attempt
		mode     spec.AmountMode
		journals [2][]public.Journal
		loans    [2]public.Loan
		proves   bool
	}{
		{name: "both journals", attempt: journals, journals: [2][]public.Journal{right, right}, proves: true},
		{name: "one of two", attempt: journals, journals: [2][]public.Journal{right, nil}},
		{name: "an older one", attempt: journals, journals: [2][]public.Journal{right, journal("A visit", "All is well.", -3)}},
		{name: "another body", attempt: journals, journals: [2][]public.Journal{right, journal("A visit", "All was well.", 1)}},
		{name: "another subject", attempt: journals, journals: [2][]public.Journal{right, journal("Visit", "All is well.", 1)}},
		{name: "nothing", attempt: journals},

		{name: "both payments", attempt: rows, loans: [2]public.Loan{loan("1", paid(100, before), paid(200, after)), loan("2", paid(50, before))}, proves: true},
		{name: "one short", attempt: rows, loans: [2]public.Loan{loan("1", paid(300, after)), loan("2", paid(49, after))}},
		{name: "one more", attempt: rows, loans: [2]public.Loan{loan("1", paid(300, after)), loan("2", paid(51, after))}},
		{name: "all before", attempt: rows, loans: [2]public.Loan{loan("1", paid(300, before)), loan("2", paid(50, before))}},
		{name: "one not visible", attempt: rows, loans: [2]public.Loan{loan("1", paid(300, after)), loan("")}},
		{name: "outstanding amounts", attempt: rows, mode: spec.OutstandingPrincipal, loans: [2]public.Loan{loan("1", paid(300, after)), loan("2", paid(50, after))}},
		{name: "amounts of the month", attempt: rows, mode: spec.PaidThisPeriod, loans: [2]public.Loan{loan("1", paid(300, after)), loan("2", paid(50, after))}},
	} {
		if tt.mode == "" {
			tt.mode = spec.CumulativePrincipal
		}
		w := &session.Workspace{Set: &spec.Set{Settings: spec.Settings{RepaymentAmounts: tt.mode}}}
		seen := &session.Lenders{
			Loans:    map[string]public.Loan{"1": tt.loans[0], "2": tt.loans[1]},
			Journals: map[string][]public.Journal{"1": tt.journals[0], "2": tt.journals[1]},
		}
		if why := evidence(w, tt.attempt, digests, listed, seen); (why != "") != tt.proves {
			t.Errorf("%s: %q", tt.name, why)
		}
		if why := evidence(w, tt.attempt, digests, nil, seen); why != "" {
			t.Errorf("%s, with loans that Kiva doesn't list: %q", tt.name, why)
		}
	}
}
