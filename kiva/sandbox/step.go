package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// What people do in PA2, apart from how they ask for it. Each step looks at the
// state and returns the event that it makes of it.

var (
	errNotThere = errors.New("not there")
	errConflict = errors.New("not possible now")
)

// A flawedError says why a draft can't be published.
type flawedError struct{ flaws []Flaw }

func (e *flawedError) Error() string { return fmt.Sprintf("the draft has %d fault(s)", len(e.flaws)) }

// draftOf reads a draft back, and what PA2 says about it on a day.
func (st *state) draftOf(uuid string, today time.Time) (*draft, *draftEvent, []Flaw, error) {
	d := st.byUUID[uuid]
	if d == nil {
		return nil, nil, nil, fmt.Errorf("draft %s: %w", uuid, errNotThere)
	}
	e, err := st.read(d.at)
	if err != nil {
		return nil, nil, nil, err
	}
	flaws := check(&e.Draft.Body, e.Draft.Photo, today)
	if d.listedAs == "" && st.byLoanID[d.loanID] != nil {
		flaws = append(flaws, Flaw{"loan_id", fmt.Sprintf("a loan with the Loan ID %s is listed already", d.loanID)})
	}
	return d, e.Draft, flaws, nil
}

// publish makes a listed loan of a draft that PA2 has nothing against.
func (st *state) publish(uuid string, today time.Time) (*event, error) {
	d, e, flaws, err := st.draftOf(uuid, today)
	if err != nil {
		return nil, err
	}
	if d.listedAs != "" {
		return nil, fmt.Errorf("draft %s is published already: %w", uuid, errConflict)
	}
	if len(flaws) > 0 {
		return nil, &flawedError{flaws}
	}
	return &event{Listed: &listedEvent{Draft: uuid, Loan: st.loanOf(&e.Body, today)}}, nil
}

// loanOf is the loan that a draft becomes. Its uuid is another than the
// draft's: that they are equal is nowhere said.
func (st *state) loanOf(b *draftBody, today time.Time) kiva.Loan {
	return st.newLoan(kiva.Loan{
		InternalLoanID: b.loanID(), InternalClientID: b.clientID(), Name: b.name(), Location: b.Location,
		BorrowerCount: len(b.Entreps), LocalPrice: b.amount(), Currency: b.Currency,
	}, kiva.Inactive, today)
}

// newLoan completes a loan that is listed from now on.
func (st *state) newLoan(l kiva.Loan, s kiva.Status, now time.Time) kiva.Loan {
	now = now.UTC().Truncate(time.Second)
	l.KivaID, l.UUID, l.PartnerID, l.Partner = st.nextKivaID(), newUUID(), seedPartner, partnerName
	l.Price = price(l.LocalPrice, l.Currency)
	l.CreateTime = now
	move(&l, s, now)
	return l
}

// A loanRequest asks for a loan that was published without the API. What is
// empty has a default.
type loanRequest struct {
	LoanID     string       `json:"internal_loan_id"`
	ClientID   string       `json:"internal_client_id"`
	Name       string       `json:"name"`
	Location   string       `json:"location"`
	Status     kiva.Status  `json:"status"` // payingBack
	LocalPrice money.Amount `json:"loan_local_price"`
	Currency   string       `json:"loan_currency"` // KES
	Borrowers  int          `json:"borrower_count"`
}

// add lists a loan that was published without the API.
func (st *state) add(r loanRequest, now time.Time) (*event, error) {
	if r.LoanID == "" {
		return nil, fmt.Errorf("internal_loan_id is needed: %w", errConflict)
	}
	if st.byLoanID[r.LoanID] != nil {
		return nil, fmt.Errorf("loan %s is listed already: %w", r.LoanID, errConflict)
	}
	if r.Status != "" && !slices.Contains(statuses, r.Status) {
		return nil, fmt.Errorf("there is no status %q: %w", r.Status, errConflict)
	}
	l := kiva.Loan{
		InternalLoanID: r.LoanID, InternalClientID: r.ClientID, Name: cmp.Or(r.Name, "Amina"),
		Location: cmp.Or(r.Location, "Nakuru: Kenya"), BorrowerCount: max(r.Borrowers, 1),
		LocalPrice: cmp.Or(r.LocalPrice, money.FromInt(50000)), Currency: cmp.Or(r.Currency, "KES"),
	}
	return &event{Listed: &listedEvent{Loan: st.newLoan(l, cmp.Or(r.Status, kiva.PayingBack), now)}}, nil
}

// moveOne changes the status of one loan. With force it takes any way.
func (st *state) moveOne(loanID string, to kiva.Status, force bool) (*event, error) {
	l := st.byLoanID[loanID]
	if l == nil {
		return nil, fmt.Errorf("loan %s: %w", loanID, errNotThere)
	}
	if !slices.Contains(statuses, to) {
		return nil, fmt.Errorf("there is no status %q: %w", to, errConflict)
	}
	if err := canMove(l.Status, to); err != nil && !force {
		return nil, fmt.Errorf("%w: %w", err, errConflict)
	}
	return &event{Moved: &movedEvent{to, []string{loanID}}}, nil
}

// advance moves every loan that gets to a status without a mishap.
func (st *state) advance(to kiva.Status) (*event, error) {
	if !slices.Contains(mainLine, to) {
		return nil, fmt.Errorf("loans can be moved on to %v, not %q: %w", mainLine[1:], to, errConflict)
	}
	moved := &movedEvent{Status: to, Loans: []string{}}
	for _, l := range st.loans {
		if ahead(l.Status, to) {
			moved.Loans = append(moved.Loans, l.InternalLoanID)
		}
	}
	return &event{Moved: moved}, nil
}

// confirm publishes the journals of an archive.
func (st *state) confirm(archiveID string) (*event, error) {
	a := st.archive(archiveID)
	switch {
	case a == nil:
		return nil, fmt.Errorf("archive %s: %w", archiveID, errNotThere)
	case a.confirmed:
		return nil, fmt.Errorf("archive %s is confirmed already: %w", archiveID, errConflict)
	}
	return &event{Confirmed: archiveID}, nil
}

// finalise closes the repayment period. Uploads go to the next one from then
// on.
func (st *state) finalise(now time.Time) (*event, error) {
	period := st.period(now)
	if !slices.ContainsFunc(st.uploads, func(u *upload) bool { return u.period == period }) {
		return nil, fmt.Errorf("nothing was uploaded for %s: %w", period, errConflict)
	}
	return &event{Finalised: period}, nil
}
