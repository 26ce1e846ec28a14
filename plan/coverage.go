package plan

import (
	"slices"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/spec"
)

// A Coverage holds a repayment report against the loans that Kiva expects in it:
// those that are payingBack or defaulted (fetch_loans.md).
type Coverage struct {
	Expected int      // loans that Kiva expects
	Reported int      // those of them that the report has a row for, or Kiva has one of its period
	Missing  []string // the loan ids of the others, sorted
	Totals   Totals   // of the rows of the reported ones, by currency
	Findings []Finding
}

// A Finding is a row that a person should look at before it is sent. It stops
// nothing.
type Finding struct {
	Row    int // index in the report
	Kind   FindingKind
	Reason Reason // the oddity
}

// A FindingKind names an oddity of a row.
type FindingKind string

// The kinds of findings.
const (
	NotExpected FindingKind = "not-expected" // its loan can't take a repayment
	WrongClient FindingKind = "wrong-client" // Kiva has another client id for the loan
	AbovePrice  FindingKind = "above-price"  // more than the loan's local price
	Zero        FindingKind = "zero"
)

// cover compares a report with the loans that were read, those of its rows among
// them. A row that Kiva has for the period counts also where the file no longer
// has it. It knows nothing where Kiva wasn't asked for all that it expects.
func (s computer) cover(r Report, loans []*kiva.Loan, past map[string]*RowAttempt) *Coverage {
	if !s.AllReportable {
		return nil
	}
	c := new(Coverage)
	expects := func(loan *kiva.Loan) bool { return loan != nil && takesRepayment(loan.Status) }
	for i, loan := range loans {
		c.Findings = appendOddities(c.Findings, i, &r.Report.Rows[i], loan, r.Mode)
	}
	for _, id := range r.Gone {
		loans = append(loans, s.Loans[id])
	}
	for _, loan := range loans { // each loan has one row
		if expects(loan) {
			c.Reported++
		}
	}
	c.Totals = sums(len(loans), func(i int) (bool, string, money.Amount) {
		if !expects(loans[i]) {
			return false, "", money.Amount{}
		}
		if i >= len(r.Rows) {
			return true, loans[i].Currency, past[r.Gone[i-len(r.Rows)]].Reported
		}
		return true, loans[i].Currency, r.Report.Rows[i].Amount
	})
	for _, loan := range s.Loans {
		if expects(loan) {
			c.Expected++
		}
	}
	if c.Reported < c.Expected {
		c.Missing = s.missing(loans, expects)
	}
	return c
}

// missing returns the ids of the loans that are expected and not reported, in
// order.
func (s computer) missing(reported []*kiva.Loan, expects func(*kiva.Loan) bool) []string {
	has := make(map[*kiva.Loan]bool, len(reported))
	for _, loan := range reported {
		has[loan] = true
	}
	var ids []string
	for id, loan := range s.Loans {
		if expects(loan) && !has[loan] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// appendOddities appends the oddities of a row. One thing must not hide
// another: a spreadsheet that has stripped all client ids of their zeros would
// leave no amount looked at.
func appendOddities(to []Finding, i int, want *spec.Repayment, loan *kiva.Loan, mode spec.AmountMode) []Finding {
	add := func(kind FindingKind, why Reason) { to = append(to, Finding{i, kind, why}) }
	switch {
	case loan == nil:
		add(NotExpected, NewReason(ReasonNotListed))
	case !takesRepayment(loan.Status):
		add(NotExpected, whyStatus(ReasonStatus, loan.Status))
	default:
		if want.ClientID != "" && loan.InternalClientID != "" && want.ClientID != loan.InternalClientID {
			add(WrongClient, NewReason(ReasonOtherClient, "client_id", want.ClientID, "kiva_client_id", loan.InternalClientID))
		}
		if loan.LocalPrice.Sign() > 0 && want.Amount.Cmp(loan.LocalPrice) > 0 {
			add(AbovePrice, NewReason(ReasonAbovePrice, "amount", want.Amount.String(), "currency", loan.Currency, "price", loan.LocalPrice.String()))
		}
		switch {
		case !want.Amount.IsZero():
		case mode == spec.OutstandingPrincipal:
			add(Zero, NewReason(ReasonNothingOwed))
		default:
			add(Zero, NewReason(ReasonNothingRepaid))
		}
	}
	return to
}
