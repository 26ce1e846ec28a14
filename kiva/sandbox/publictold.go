package sandbox

import (
	"math/big"
	"slices"
	"time"

	"kivaform/kiva/money"
)

// publicState is all that lenders have been told, by the partner's Loan ID.
type publicState struct {
	journals map[string][]publicJournal
	payments map[string][]publicPayment
	drafts   map[string]*draftBody // by the Kiva ID
	n        int64                 // of the journals
}

// gatherPublic gathers the confirmed journals, the finalised payments and the drafts
// that were published.
func gatherPublic(st *state) (*publicState, error) {
	t := &publicState{map[string][]publicJournal{}, map[string][]publicPayment{}, map[string]*draftBody{}, 0}
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

func (t *publicState) addJournals(e *event) {
	for _, j := range e.Journals.Journals {
		t.n++
		t.journals[j.LoanID] = append(t.journals[j.LoanID], publicJournal{
			ID: firstPublicID + t.n, Subject: j.Subject, Body: j.Body, Date: moment(e.Time), Author: partnerName,
		})
	}
}

// addPayments reads amounts as principal repaid so far, which most partners
// report: a payment is the difference from the month before.
func (t *publicState) addPayments(st *state) error {
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

func (t *publicState) pay(l *loan, local money.Amount, at time.Time) {
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
