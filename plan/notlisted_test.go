package plan_test

import (
	"strings"
	"testing"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// A row whose loan Kiva doesn't list says which loan may be meant.
func TestWhyALoanIsNotListed(t *testing.T) {
	const (
		plain   = "Kiva doesn't list this loan as payingBack or defaulted"
		dropped = " is known: a spreadsheet has probably dropped the zeros; format the column as text and export it again"
		group   = ": this is a borrower's id in a group; report the group's loan, 00310, in one row"
	)
	k := new(fakeKiva).add(kiva.PayingBack, "001045", "1046", "007", "008", "L-001", "00AB", "000").add(kiva.FundRaising, "0005", "08")
	five := draft("0005", 5) // which isn't paying back yet
	gang := draft("", 1)
	gang.InternalLoanID = "00310"
	gang.Entreps = []spec.Entrep{{LoanID: "L-1051", Amount: money.FromInt(1)}, {LoanID: "777", Amount: money.FromInt(1)}}
	drafts := []any{five, gang, draft("000777", 1), draft("00042", 1), draft("0007", 1), draft("08", 1)}
	for id, want := range map[string]string{
		"1045":    plain + ", but 001045" + dropped,
		"01045":   plain + ", but 001045" + dropped, // of some only
		"42":      plain + ", but 00042" + dropped,  // a draft that Kiva doesn't list yet
		"5":       plain + ", but 0005" + dropped,
		"7":       plain + ", but 007" + dropped, // what Kiva expects comes first
		"8":       plain + ", but 008" + dropped,
		"310":     plain + ", but 00310" + dropped,
		"0":       plain + ", but 000" + dropped,
		"777":     plain + group, // a borrower's id as it is comes before one without zeros
		"L-1051":  plain + group,
		"0001045": plain, // more zeros than the loan has
		"001046":  plain,
		"1047":    plain,
		"AB":      plain, // a spreadsheet takes zeros from numbers only
		"L-1":     plain,
	} {
		t.Run(id, func(t *testing.T) {
			r := compute(t, set(append(drafts, report("2026-11", row(id, 100)))...), new(fakeLedger), k).Reports[0].Rows[0]
			if r.Action != plan.Waiting || why(r.Reason) != want {
				t.Errorf("%c %q, want %q", r.Action, why(r.Reason), want)
			}
		})
	}
}

// Many rows that wait are told apart in time.
func TestManyRowsWithoutZeros(t *testing.T) {
	want := manyRows(100_000)
	k := payingBack(want)
	for i := range want.Reports[0].Rows {
		r := &want.Reports[0].Rows[i]
		k.loans[i].InternalLoanID, r.LoanID = "0"+r.LoanID[2:], r.LoanID[2:]
	}
	have, err := plan.Observe(t.Context(), want, new(fakeLedger), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan *plan.Plan, 1)
	go func() { done <- plan.Compute(want, have, nil) }()
	var p *plan.Plan
	select {
	case p = <-done: // within a second
	case <-time.After(30 * time.Second):
		t.Fatal("it takes too long")
	}
	for i, r := range p.Reports[0].Rows {
		if !strings.Contains(why(r.Reason), ", but "+k.loans[i].InternalLoanID+" is known: ") {
			t.Fatalf("row %d: %q", i, why(r.Reason))
		}
	}
}
