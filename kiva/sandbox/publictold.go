package sandbox

import (
	"math/big"
	"slices"
	"time"

	"kivaform/kiva/money"
)

// told is what lenders have been told, by the partner's Loan ID.
type told struct {
	journals map[string][]publicJournal
	payments map[string][]publicPayment
	drafts   map[string]*draftBody // by the Kiva ID
	n        int64                 // of the journals
}

// told gathers the confirmed journals, the finalised payments and the drafts
// that were published.
func (st *state) told() (*told, error) {
	t := &told{map[string][]publicJournal{}, map[string][]publicPayment{}, map[string]*draftBody{}, 0}
	for _, a := range st.archives {
		if !a.confirmed {
			continue
		}
		e, err := st.read(a.at)
		if err != nil {
			return nil, err
		}
		t.addJournals(e)
	}
	if err := t.addPayments(st); err != nil {
		return nil, err
	}
	for _, d := range st.drafts {
		if d.listedAs == "" {
			continue
		}
		e, err := st.read(d.at)
		if err != nil {
			return nil, err
		}
		t.drafts[d.listedAs] = &e.Draft.Body
	}
	return t, nil
}

const firstPublicID = 510_001

func (t *told) addJournals(e *event) {
	for _, j := range e.Journals.Journals {
		t.n++
		t.journals[j.LoanID] = append(t.journals[j.LoanID], publicJournal{
			ID: firstPublicID + t.n, Subject: j.Subject, Body: j.Body, Date: moment(e.Time), Author: partnerName,
		})
	}
}

// addPayments reads amounts as principal repaid so far, which most partners
// report: a payment is the difference from the month before.
func (t *told) addPayments(st *state) error {
	type report struct {
		amount money.Amount
		at     time.Time
	}
	uploads := slices.DeleteFunc(slices.Clone(st.uploads), func(u *upload) bool { return u.period > st.closed })
	before := map[string]money.Amount{}
	for i := 0; i < len(uploads); {
		period := uploads[i].period
		now := map[string]report{}
		for ; i < len(uploads) && uploads[i].period == period; i++ {
			e, err := st.read(uploads[i].at)
			if err != nil {
				return err
			}
			for _, r := range e.Repayments.Rows {
				if !r.Refused {
					now[r.LoanID] = report{r.Amount, e.Time}
				}
			}
		}
		for id, r := range now {
			if paid, ok := r.amount.Sub(before[id]); ok && paid.Sign() > 0 {
				t.pay(st.byLoanID[id], paid, r.at)
			}
			before[id] = r.amount
		}
	}
	return nil
}

func (t *told) pay(l *loan, local money.Amount, at time.Time) {
	of := t.payments[l.InternalLoanID]
	t.payments[l.InternalLoanID] = append(of, publicPayment{
		ID: loanNumber(l.KivaID)*1000 + int64(len(of)), Amount: cents(dollars(local, l.Currency)), LocalAmount: local,
		ProcessedDate: pacificMidnight(at), SettlementDate: pacificMidnight(settlement(at)),
	})
}

// settlement is the 17th of the month after, as Kiva's blog names it.
func settlement(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month()+1, 17, 0, 0, 0, 0, time.UTC)
}

func cents(dollars *big.Rat) money.Amount {
	a, err := money.Parse(dollars.FloatString(2))
	if err != nil {
		return money.Amount{}
	}
	return a
}

// pacificMidnight writes a day as the public API does.
func pacificMidnight(t time.Time) string {
	return t.UTC().Format(time.DateOnly) + "T08:00:00Z"
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// loan shows a loan to lenders. Its status is empty where they don't see it.
// Lists leave out what only the loan's own page has.
func (t *told) loan(l *loan, detail bool) publicLoan {
	p := publicLoan{
		ID: loanNumber(l.KivaID), Name: l.Name, Status: publicStatuses[l.Status], Activity: "Dairy", Sector: "Agriculture",
		Location: country(l.Location), PartnerID: loanNumber(l.PartnerID), PostedDate: moment(l.CreateTime),
		LoanAmount: l.Price, FundedAmount: l.FundedAmount, PaidAmount: nil, BorrowerCount: l.BorrowerCount, Delinquent: l.Delinquent,
		Description: map[string]any{"languages": []string{"en"}},
	}
	draft := t.drafts[l.KivaID]
	if draft != nil {
		p.Use = draft.LoanUse
	}
	if !detail {
		return p
	}
	p.Journals = map[string]int{"entries": len(t.journals[l.InternalLoanID]), "bulkEntries": 0}
	p.Payments = t.payments[l.InternalLoanID]
	var paid money.Amount
	for _, payment := range p.Payments {
		paid, _ = paid.Add(payment.Amount.(money.Amount))
	}
	p.PaidAmount = paid
	p.Borrowers = []publicBorrower{{FirstName: l.Name, Pictured: true}}
	p.Terms = &publicTerms{
		DisbursalDate: pacificMidnight(l.CreateTime), DisbursalCurrency: l.Currency, DisbursalAmount: l.LocalPrice, LoanAmount: l.Price,
		LocalPayments: []publicInstalment{}, LossLiability: map[string]string{"nonpayment": "lender", "currency_exchange": "shared"},
	}
	if draft != nil {
		p.describe(draft)
	}
	return p
}

// describe adds what only the draft said. Last names aren't public.
func (p *publicLoan) describe(b *draftBody) {
	p.Description["texts"] = map[string]string{"en": b.Description}
	p.Borrowers = nil
	for i, e := range b.Entreps {
		pictured := i >= len(b.NotPictured) || !b.NotPictured[i]
		p.Borrowers = append(p.Borrowers, publicBorrower{FirstName: e.FirstName, Gender: gender(e.Gender), Pictured: pictured})
	}
	p.Terms.DisbursalDate = string(b.DisburseTime) + "T08:00:00Z"
	for _, i := range b.Schedule {
		p.Terms.LocalPayments = append(p.Terms.LocalPayments, publicInstalment{string(i.Date) + "T08:00:00Z", i.Principal.Amount})
	}
}
