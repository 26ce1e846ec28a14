package publicapi

import (
	"math/big"
	"slices"
	"time"

	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/pa2"
)

// publicState is the published data, by the partner's Loan ID.
type publicState struct {
	journals map[string][]publicJournal
	payments map[string][]publicPayment
	drafts   map[string]*pa2.DraftBody // by the Kiva ID
	n        int64                     // of the journals
}

// gatherPublic collects the confirmed journals, the finalised payments and the
// published drafts.
func gatherPublic(st *pa2.State) (*publicState, error) {
	t := &publicState{map[string][]publicJournal{}, map[string][]publicPayment{}, map[string]*pa2.DraftBody{}, 0}
	for _, a := range st.Archives {
		if !a.Confirmed {
			continue
		}
		e, err := st.Read(a.At)
		if err != nil {
			return nil, err
		}
		t.addJournals(e)
	}
	if err := t.addPayments(st); err != nil {
		return nil, err
	}
	for _, d := range st.Drafts {
		if d.ListedAs == "" {
			continue
		}
		e, err := st.Read(d.At)
		if err != nil {
			return nil, err
		}
		t.drafts[d.ListedAs] = &e.Draft.Body
	}
	return t, nil
}

const firstPublicID = 510_001

func (t *publicState) addJournals(e *pa2.Event) {
	for _, j := range e.Journals.Journals {
		t.n++
		t.journals[j.LoanID] = append(t.journals[j.LoanID], publicJournal{
			ID: firstPublicID + t.n, Subject: j.Subject, Body: j.Body, Date: formatMoment(e.Time), Author: pa2.PartnerName,
		})
	}
}

// addPayments reads amounts as principal repaid so far, which most partners
// report: a payment is the difference from the month before.
func (t *publicState) addPayments(st *pa2.State) error {
	type report struct {
		amount money.Amount
		at     time.Time
	}
	uploads := slices.DeleteFunc(slices.Clone(st.Uploads), func(u *pa2.Upload) bool { return u.Period > st.Closed })
	before := map[string]money.Amount{}
	for i := 0; i < len(uploads); {
		period := uploads[i].Period
		now := map[string]report{}
		for ; i < len(uploads) && uploads[i].Period == period; i++ {
			e, err := st.Read(uploads[i].At)
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
				t.addPayment(st.ByLoanID[id], paid, r.at)
			}
			before[id] = r.amount
		}
	}
	return nil
}

func (t *publicState) addPayment(l *pa2.Loan, local money.Amount, at time.Time) {
	of := t.payments[l.InternalLoanID]
	t.payments[l.InternalLoanID] = append(of, publicPayment{
		ID: parseLoanNumber(l.KivaID)*1000 + int64(len(of)), Amount: roundToCents(pa2.Dollars(local, l.Currency)), LocalAmount: local,
		ProcessedDate: formatPacificDay(at), SettlementDate: formatPacificDay(settlementDay(at)),
	})
}

// settlementDay returns the 17th of the next month, as in Kiva's blog.
func settlementDay(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month()+1, 17, 0, 0, 0, 0, time.UTC)
}

func roundToCents(dollars *big.Rat) money.Amount {
	a, err := money.Parse(dollars.FloatString(2))
	if err != nil {
		return money.Amount{}
	}
	return a
}

// formatPacificDay formats a day as the public API does.
func formatPacificDay(t time.Time) string {
	return t.UTC().Format(time.DateOnly) + "T08:00:00Z"
}

func formatMoment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
