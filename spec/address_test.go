package spec

import (
	"slices"
	"testing"
)

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		address Address
		text    string
		parts   []string
	}{
		{DraftAddress("L-1042"), "loan_draft/L-1042", []string{"loan_draft", "L-1042"}},
		{DraftAddress("LOAN/12/2026"), "loan_draft/LOAN%2F12%2F2026", []string{"loan_draft", "LOAN/12/2026"}},
		{DraftAddress("100% a b"), "loan_draft/100%25%20a%20b", []string{"loan_draft", "100% a b"}},
		{DraftAddress("ЗАЁМ-1#2"), "loan_draft/ЗАЁМ-1#2", []string{"loan_draft", "ЗАЁМ-1#2"}},
		{DraftAddress("a\u202eb"), "loan_draft/a%E2%80%AEb", []string{"loan_draft", "a\u202eb"}},
		{JournalAddress("a/b", "c/d"), "journal/a%2Fb/c%2Fd", []string{"journal", "a/b", "c/d"}},
		{RepaymentAddress("2026-11", "L 1"), "repayment/2026-11/L%201", []string{"repayment", "2026-11", "L 1"}},
		{ReportAddress("2026-11"), "repayments/2026-11", []string{"repayments", "2026-11"}},
	} {
		if string(tt.address) != tt.text || !slices.Equal(tt.address.Parts(), tt.parts) || tt.address.Kind() != tt.parts[0] {
			t.Errorf("%s %q, want %s %q", tt.address, tt.address.Parts(), tt.text, tt.parts)
		}
	}
}

// People type an id as they know it, or as it is shown.
func TestParseAddress(t *testing.T) {
	for typed, want := range map[string]Address{
		"loan_draft/L-1042":           DraftAddress("L-1042"),
		"loan_draft/LOAN/12/2026":     DraftAddress("LOAN/12/2026"),
		"loan_draft/LOAN%2F12%2F2026": DraftAddress("LOAN/12/2026"),
		"loan_draft/a b":              DraftAddress("a b"),
		"loan_draft/50%":              DraftAddress("50%"),
		"journal/L-1/visit":           JournalAddress("L-1", "visit"),
		"repayments/2026-11/3":        "repayments/2026-11/3",
		"journals/1":                  "journals/1",
	} {
		if got := ParseAddress(typed); got != want {
			t.Errorf("%s reads as %s, want %s", typed, got, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("L-1042", "visit")
	f.Add("LOAN/12/2026", "%2F")
	f.Fuzz(func(t *testing.T, loan, key string) {
		if loan == "" || key == "" {
			return
		}
		a := JournalAddress(loan, key)
		if p := a.Parts(); len(p) != 3 {
			t.Fatalf("%q has the parts %q", a, p)
		}
		d := DraftAddress(loan)
		if ParseAddress(string(d)) != d {
			t.Fatalf("%q reads as %q", d, ParseAddress(string(d)))
		}
	})
}
