// Package pa2 is PA2 without its pages: the log of events, the state derived
// from it, the rules for drafts, journals and repayments, and the steps of
// people. It answers no requests.
package pa2

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// A State is derived from the events so far. It holds the data of answers, and
// spans of the log for the rest, so that a hundred thousand drafts need tens of
// megabytes.
type State struct {
	Loans    []*Loan // in the order of listing
	ByLoanID map[string]*Loan
	Drafts   []*Draft // in the order of arrival
	byUUID   map[string]*Draft
	Archives []*Archive
	Uploads  []*Upload
	reported map[string]money.Amount // the last accepted amount of each loan
	Closed   string                  // the last finalised period
	requests map[Count]int           // with N zero in the key
	Sent     []Span                  // the requests, in the order of arrival

	Read func(Span) (*Event, error)
}

// A Loan is a listed loan with its text for searching.
type Loan struct {
	kiva.Loan
	Search string
}

// A Draft is a loan draft in PA2, published or not.
type Draft struct {
	UUID     string
	LoanID   string
	Name     string
	Created  time.Time
	ListedAs string // the Kiva ID, once published
	At       Span
}

// An Archive is a batch of journals.
type Archive struct {
	ID        string
	Journals  int
	Created   time.Time
	Confirmed bool
	At        Span
}

// An Upload is a batch of repayments.
type Upload struct {
	ID       int64
	Period   string
	Rows     int
	Refused  int
	Created  time.Time
	Problems []Problem
	At       Span
}

func newState() *State {
	return &State{
		ByLoanID: map[string]*Loan{}, byUUID: map[string]*Draft{},
		reported: map[string]money.Amount{}, requests: map[Count]int{},
	}
}

// applyEvent changes the state by the event at p in the log.
func (st *State) applyEvent(e *Event, p Span) {
	if e.Reset {
		read := st.Read
		*st = *newState()
		st.Read = read
		for _, l := range seedLoans(e.Time) {
			st.listLoan(l)
		}
	}
	if e.Endpoint != "" {
		st.requests[Count{Endpoint: e.Endpoint, Status: e.Status}]++
		st.Sent = append(st.Sent, p)
	}
	switch {
	case e.Draft != nil:
		st.addDraft(e, p)
	case e.Journals != nil:
		st.Archives = append(st.Archives, &Archive{
			ID: e.Journals.ArchiveID, Journals: len(e.Journals.Journals), Created: e.Time, At: p,
		})
	case e.Repayments != nil:
		st.addUpload(e, p)
	case e.Listed != nil:
		st.listLoan(e.Listed.Loan)
		if d := st.byUUID[e.Listed.Draft]; d != nil {
			d.ListedAs = e.Listed.Loan.KivaID
		}
	case e.Moved != nil:
		for _, id := range e.Moved.Loans {
			setStatus(&st.ByLoanID[id].Loan, e.Moved.Status, e.Time)
		}
	case e.Confirmed != "":
		st.Archive(e.Confirmed).Confirmed = true
	case e.Finalised != "":
		st.Closed = e.Finalised
	}
}

func (st *State) addDraft(e *Event, p Span) {
	body := &e.Draft.Body
	d := &Draft{UUID: e.Draft.UUID, LoanID: body.LoanID(), Name: body.publicName(), Created: e.Time, At: p}
	st.Drafts = append(st.Drafts, d)
	st.byUUID[d.UUID] = d
}

func (st *State) addUpload(e *Event, p Span) {
	u := &Upload{
		ID: e.Repayments.UploadID, Period: e.Repayments.Period, Rows: len(e.Repayments.Rows),
		Created: e.Time, Problems: e.Repayments.Problems, At: p,
	}
	for _, r := range e.Repayments.Rows {
		if r.Refused {
			u.Refused++
			continue
		}
		st.reported[r.LoanID] = r.Amount
	}
	st.Uploads = append(st.Uploads, u)
}

func (st *State) listLoan(l kiva.Loan) {
	entry := &Loan{l, strings.ToLower(strings.Join([]string{l.Name, l.InternalLoanID, l.InternalClientID, l.KivaID}, "\n"))}
	st.Loans = append(st.Loans, entry)
	st.ByLoanID[l.InternalLoanID] = entry
}

// nextKivaID returns the public id of the next listed loan.
func (st *State) nextKivaID() string { return strconv.Itoa(firstKivaID + len(st.Loans)) }

// Archive returns the archive with the id, or nil.
func (st *State) Archive(id string) *Archive {
	i := slices.IndexFunc(st.Archives, func(a *Archive) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return st.Archives[i]
}

// Period returns the open repayment period: the month of now, or the one after
// the last finalised.
func (st *State) Period(now time.Time) string {
	month := now.Format("2006-01")
	if st.Closed < month {
		return month
	}
	last, _ := time.Parse("2006-01", st.Closed)
	return last.AddDate(0, 1, 0).Format("2006-01")
}

// Counts returns the requests so far, sorted.
func (st *State) Counts() []Count {
	counts := make([]Count, 0, len(st.requests))
	for c, n := range st.requests {
		c.N = n
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(strings.Compare(a.Endpoint, b.Endpoint), a.Status-b.Status)
	})
	return counts
}
