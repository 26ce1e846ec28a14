package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

var accountGolden = []struct {
	name     string
	account  *view.Account
	maxBytes int
}{
	{"account", everyOutcome(), 0},
	{"account-1000", everyOutcome(), MinBytes},
	{"account-nothing", &view.Account{}, 0},
	{"account-sent", &view.Account{Counts: map[string]int{"sent": 3}, Todo: []view.Task{{Kind: "publish", Items: 3}}}, 0},
}

func TestAccountMarkdown(t *testing.T) {
	for _, tt := range accountGolden {
		t.Run(tt.name, func(t *testing.T) {
			viewtest.Golden(t, *update, tt.name+".md", accountOf(t, tt.account, Options{MaxBytes: tt.maxBytes}))
		})
	}
}

func accountOf(t *testing.T, a *view.Account, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := WriteAccount(&b, a, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func everyOutcome() *view.Account {
	entry := func(address plan.Address, line int, outcome, message string) view.Entry {
		return view.Entry{Address: address, Place: view.Place{File: "loans/2026-11/nakuru.yaml", Line: line}, Outcome: outcome, Message: message}
	}
	return &view.Account{
		Counts: map[string]int{"sent": 41, "adopted": 2, "rejected": 1, "unknown": 1, "not-sent": 1, "not-attempted": 7, "taken": 1},
		Failures: []view.Entry{
			entry("loan_draft/L-1042", 14, "rejected", "location: unknown location"),
			entry("loan_draft/L-1043", 30, "unknown", "the connection broke after the request was sent"),
			entry("loan_draft/L-1044", 46, "not-sent", "connection refused"),
			entry("loan_draft/L-1045", 62, "not-attempted", ""),
			entry("loan_draft/L-1046", 78, "taken", "by another run"),
		},
		Remarks: []view.Entry{{Address: "repayment/2026-11/L-0801", Place: view.Place{File: "repayments/2026-11.csv", Line: 2}, Outcome: "sent", Message: "ended_loan: the loan has ended"}},
		Stop:    &view.Stop{Reason: "unknown", Message: "the outcome of a request is not known"},
		Todo: []view.Task{
			{Kind: "publish", Items: 38},
			{Kind: "confirm", Items: 1, ConfirmURL: view.Mask},
			{Kind: "confirm", Items: 2},
			{Kind: "finalise", Address: "repayments/2026-11", Items: 40},
		},
	}
}

// TestTheAccountIsSafeAndFits is what the tests of a plan's page are.
func TestTheAccountIsSafeAndFits(t *testing.T) {
	page := func(s string) string {
		e := view.Entry{Address: plan.Address(s), Place: view.Place{File: s, Line: 2}, Outcome: "rejected", Message: s}
		return accountOf(t, &view.Account{
			Counts: map[string]int{"rejected": 1}, Failures: []view.Entry{e}, Remarks: []view.Entry{e}, Stop: &view.Stop{Message: s},
			Todo: []view.Task{{Kind: "confirm", Items: 1, ConfirmURL: s}, {Kind: "finalise", Address: plan.Address(s)}},
		}, Options{})
	}
	want, text := elements(t, page(harmlessText))
	for _, s := range hostileMarkdown {
		got, said := elements(t, page(s))
		if wantText := saidOf(s, text); !slices.Equal(got, want) || said != wantText {
			t.Errorf("%.60q changes the page: %s", s, said)
		}
	}
	a := everyOutcome()
	for i := range 2_000 {
		a.Failures = append(a.Failures, view.Entry{Address: plan.RowAddress("2026-11", fmt.Sprint(i)), Outcome: "not-attempted", Message: strings.Repeat("`@|", i)[:min(3*i, 300)]})
	}
	for limit := MinBytes; limit < 1<<18; limit *= 3 {
		if got := accountOf(t, a, Options{MaxBytes: limit}); len(got) > limit || len(got) < limit/8 || !strings.Contains(got, "unknown 1") || !strings.Contains(got, "Left out") {
			t.Errorf("limit %d: %d bytes", limit, len(got))
		}
	}
}
