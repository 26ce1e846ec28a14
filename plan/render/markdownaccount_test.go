package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kivaform/plan"
)

var accountGolden = []struct {
	name     string
	account  *Account
	maxBytes int
}{
	{"account", everyOutcome(), 0},
	{"account-1000", everyOutcome(), MinMarkdown},
	{"account-nothing", &Account{}, 0},
	{"account-sent", &Account{Counts: map[string]int{"sent": 3}, Todo: []Task{{Kind: "publish", Items: 3}}}, 0},
}

func TestAccountMarkdown(t *testing.T) {
	for _, tt := range accountGolden {
		t.Run(tt.name, func(t *testing.T) {
			holdAgainst(t, tt.name+".md", accountOf(t, tt.account, MarkdownOptions{MaxBytes: tt.maxBytes}))
		})
	}
}

func accountOf(t *testing.T, a *Account, o MarkdownOptions) string {
	t.Helper()
	var b strings.Builder
	if err := AccountMarkdown(&b, a, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func everyOutcome() *Account {
	entry := func(address plan.Address, line int, outcome, message string) Entry {
		return Entry{Address: address, Place: Place{File: "loans/2026-11/nakuru.yaml", Line: line}, Outcome: outcome, Message: message}
	}
	return &Account{
		Counts: map[string]int{"sent": 41, "adopted": 2, "rejected": 1, "unknown": 1, "not-sent": 1, "not-attempted": 7, "taken": 1},
		Failures: []Entry{
			entry("loan_draft/L-1042", 14, "rejected", "location: unknown location"),
			entry("loan_draft/L-1043", 30, "unknown", "the connection broke after the request was sent"),
			entry("loan_draft/L-1044", 46, "not-sent", "connection refused"),
			entry("loan_draft/L-1045", 62, "not-attempted", ""),
			entry("loan_draft/L-1046", 78, "taken", "by another run"),
		},
		Remarks: []Entry{{Address: "repayment/2026-11/L-0801", Place: Place{File: "repayments/2026-11.csv", Line: 2}, Outcome: "sent", Message: "ended_loan: the loan has ended"}},
		Stop:    &Stop{Reason: "unknown", Message: "the outcome of a request is not known"},
		Todo: []Task{
			{Kind: "publish", Items: 38},
			{Kind: "confirm", Items: 1, ConfirmURL: mask},
			{Kind: "confirm", Items: 2},
			{Kind: "finalise", Address: "repayments/2026-11", Items: 40},
		},
	}
}

// TestTheAccountIsSafeAndFits is what the tests of a plan's page are.
func TestTheAccountIsSafeAndFits(t *testing.T) {
	page := func(s string) string {
		e := Entry{Address: plan.Address(s), Place: Place{File: s, Line: 2}, Outcome: "rejected", Message: s}
		return accountOf(t, &Account{
			Counts: map[string]int{"rejected": 1}, Failures: []Entry{e}, Remarks: []Entry{e}, Stop: &Stop{Message: s},
			Todo: []Task{{Kind: "confirm", Items: 1, ConfirmURL: s}, {Kind: "finalise", Address: plan.Address(s)}},
		}, MarkdownOptions{})
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
		a.Failures = append(a.Failures, Entry{Address: plan.RowAddress("2026-11", fmt.Sprint(i)), Outcome: "not-attempted", Message: strings.Repeat("`@|", i)[:min(3*i, 300)]})
	}
	for limit := MinMarkdown; limit < 1<<18; limit *= 3 {
		if got := accountOf(t, a, MarkdownOptions{MaxBytes: limit}); len(got) > limit || len(got) < limit/8 || !strings.Contains(got, "unknown 1") || !strings.Contains(got, "Left out") {
			t.Errorf("limit %d: %d bytes", limit, len(got))
		}
	}
}
