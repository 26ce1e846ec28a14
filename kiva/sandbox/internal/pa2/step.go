package pa2

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// The steps of people in PA2: each reads the state and returns an event.

var (
	ErrNotThere = errors.New("not there")
	ErrConflict = errors.New("not possible now")
)

// A FlawedError reports that a draft can't be published.
type FlawedError struct{ Flaws []Flaw }

// Error counts the flaws.
func (e *FlawedError) Error() string { return fmt.Sprintf("the draft has %d fault(s)", len(e.Flaws)) }

// DraftOf reads a draft back, with its flaws on a day.
func (st *State) DraftOf(uuid string, today time.Time) (*Draft, *DraftEvent, []Flaw, error) {
	d := st.byUUID[uuid]
	if d == nil {
		return nil, nil, nil, fmt.Errorf("draft %s: %w", uuid, ErrNotThere)
	}
	e, err := st.Read(d.At)
	if err != nil {
		return nil, nil, nil, err
	}
	flaws := checkDraft(&e.Draft.Body, e.Draft.Photo, today)
	if d.ListedAs == "" && st.ByLoanID[d.LoanID] != nil {
		flaws = append(flaws, Flaw{"loan_id", fmt.Sprintf("a loan with the Loan ID %s is listed already", d.LoanID)})
	}
	return d, e.Draft, flaws, nil
}

// Publish lists the loan of a draft without flaws.
func (st *State) Publish(uuid string, today time.Time) (*Event, error) {
	d, e, flaws, err := st.DraftOf(uuid, today)
	if err != nil {
		return nil, err
	}
	if d.ListedAs != "" {
		return nil, fmt.Errorf("draft %s is published already: %w", uuid, ErrConflict)
	}
	if len(flaws) > 0 {
		return nil, &FlawedError{flaws}
	}
	return &Event{Listed: &listedEvent{Draft: uuid, Loan: st.loanOf(&e.Body, today)}}, nil
}

// loanOf returns the loan of a draft, with a uuid of its own: Kiva doesn't
// document that the two are equal.
func (st *State) loanOf(b *DraftBody, today time.Time) kiva.Loan {
	return st.newLoan(kiva.Loan{
		InternalLoanID: b.LoanID(), InternalClientID: b.clientID(), Name: b.publicName(), Location: b.Location,
		BorrowerCount: len(b.Entreps), LocalPrice: b.Amount(), Currency: b.Currency,
	}, kiva.Inactive, today)
}

// newLoan completes a newly listed loan.
func (st *State) newLoan(l kiva.Loan, s kiva.Status, now time.Time) kiva.Loan {
	now = now.UTC().Truncate(time.Second)
	l.KivaID, l.UUID, l.PartnerID, l.Partner = st.nextKivaID(), NewUUID(), PartnerID, PartnerName
	l.Price = Price(l.LocalPrice, l.Currency)
	l.CreateTime = now
	setStatus(&l, s, now)
	return l
}

// A LoanRequest describes a loan published without the API. Empty fields have a
// default.
type LoanRequest struct {
	LoanID     string       `json:"internal_loan_id"`
	ClientID   string       `json:"internal_client_id"`
	Name       string       `json:"name"`
	Location   string       `json:"location"`
	Status     kiva.Status  `json:"status"` // payingBack
	LocalPrice money.Amount `json:"loan_local_price"`
	Currency   string       `json:"loan_currency"` // KES
	Borrowers  int          `json:"borrower_count"`
}

// Add lists a loan that was published without the API.
func (st *State) Add(r LoanRequest, now time.Time) (*Event, error) {
	if r.LoanID == "" {
		return nil, fmt.Errorf("internal_loan_id is needed: %w", ErrConflict)
	}
	if st.ByLoanID[r.LoanID] != nil {
		return nil, fmt.Errorf("loan %s is listed already: %w", r.LoanID, ErrConflict)
	}
	if r.Status != "" && !slices.Contains(Statuses, r.Status) {
		return nil, fmt.Errorf("there is no status %q: %w", r.Status, ErrConflict)
	}
	l := kiva.Loan{
		InternalLoanID: r.LoanID, InternalClientID: r.ClientID, Name: cmp.Or(r.Name, "Amina"),
		Location: cmp.Or(r.Location, "Nakuru: Kenya"), BorrowerCount: max(r.Borrowers, 1),
		LocalPrice: cmp.Or(r.LocalPrice, money.FromInt(50000)), Currency: cmp.Or(r.Currency, "KES"),
	}
	return &Event{Listed: &listedEvent{Loan: st.newLoan(l, cmp.Or(r.Status, kiva.PayingBack), now)}}, nil
}

// MoveOne changes the status of one loan. With force it allows any change.
func (st *State) MoveOne(loanID string, to kiva.Status, force bool) (*Event, error) {
	l := st.ByLoanID[loanID]
	if l == nil {
		return nil, fmt.Errorf("loan %s: %w", loanID, ErrNotThere)
	}
	if !slices.Contains(Statuses, to) {
		return nil, fmt.Errorf("there is no status %q: %w", to, ErrConflict)
	}
	if err := canMove(l.Status, to); err != nil && !force {
		return nil, fmt.Errorf("%w: %w", err, ErrConflict)
	}
	return &Event{Moved: &movedEvent{to, []string{loanID}}}, nil
}

// Advance moves every loan whose regular life leads to a status.
func (st *State) Advance(to kiva.Status) (*Event, error) {
	if !slices.Contains(mainLine, to) {
		return nil, fmt.Errorf("loans can be moved on to %v, not %q: %w", mainLine[1:], to, ErrConflict)
	}
	moved := &movedEvent{Status: to, Loans: []string{}}
	for _, l := range st.Loans {
		if isAhead(l.Status, to) {
			moved.Loans = append(moved.Loans, l.InternalLoanID)
		}
	}
	return &Event{Moved: moved}, nil
}

// Confirm publishes the journals of an archive.
func (st *State) Confirm(archiveID string) (*Event, error) {
	a := st.Archive(archiveID)
	switch {
	case a == nil:
		return nil, fmt.Errorf("archive %s: %w", archiveID, ErrNotThere)
	case a.Confirmed:
		return nil, fmt.Errorf("archive %s is confirmed already: %w", archiveID, ErrConflict)
	}
	return &Event{Confirmed: archiveID}, nil
}

// Finalise closes the repayment period. Later uploads belong to the next one.
func (st *State) Finalise(now time.Time) (*Event, error) {
	period := st.Period(now)
	if !slices.ContainsFunc(st.Uploads, func(u *Upload) bool { return u.Period == period }) {
		return nil, fmt.Errorf("nothing was uploaded for %s: %w", period, ErrConflict)
	}
	return &Event{Finalised: period}, nil
}
