package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// A state is what follows from the events so far. It holds what answers need,
// and the place in the log of the rest, so that a hundred thousand drafts are a
// matter of tens of megabytes.
type state struct {
	loans    []*loan // in the order in which they were listed
	byLoanID map[string]*loan
	drafts   []*draft // in the order in which they came
	byUUID   map[string]*draft
	archives []*archive
	uploads  []*upload
	reported map[string]money.Amount // the last accepted amount of each loan
	closed   string                  // the last period that was finalised
	requests map[keptCount]int       // with N zero in the key
	sent     []span                  // the requests, in the order in which they came

	read func(span) (*event, error)
}

// A loan is a listed loan and what the search looks into.
type loan struct {
	kiva.Loan
	search string
}

// A draft is a loan draft in PA2, published or not.
type draft struct {
	UUID     string
	loanID   string
	name     string
	created  time.Time
	listedAs string // the Kiva ID, once published
	at       span
}

// An archive is a batch of journals.
type archive struct {
	ID        string
	journals  int
	created   time.Time
	confirmed bool
	at        span
}

// An upload is a batch of repayments.
type upload struct {
	ID       int64
	period   string
	rows     int
	refused  int
	created  time.Time
	problems []problem
	at       span
}

func newState() *state {
	return &state{
		byLoanID: map[string]*loan{}, byUUID: map[string]*draft{},
		reported: map[string]money.Amount{}, requests: map[keptCount]int{},
	}
}

// apply changes the state by an event that stands at p in the log.
func (st *state) apply(e *event, p span) {
	if e.Reset {
		read := st.read
		*st = *newState()
		st.read = read
		for _, l := range seed(e.Time) {
			st.list(l)
		}
	}
	if e.Endpoint != "" {
		st.requests[keptCount{Endpoint: e.Endpoint, Status: e.Status}]++
		st.sent = append(st.sent, p)
	}
	switch {
	case e.Draft != nil:
		st.addDraft(e, p)
	case e.Journals != nil:
		st.archives = append(st.archives, &archive{
			ID: e.Journals.ArchiveID, journals: len(e.Journals.Journals), created: e.Time, at: p,
		})
	case e.Repayments != nil:
		st.addUpload(e, p)
	case e.Listed != nil:
		st.list(e.Listed.Loan)
		if d := st.byUUID[e.Listed.Draft]; d != nil {
			d.listedAs = e.Listed.Loan.KivaID
		}
	case e.Moved != nil:
		for _, id := range e.Moved.Loans {
			move(&st.byLoanID[id].Loan, e.Moved.Status, e.Time)
		}
	case e.Confirmed != "":
		st.archive(e.Confirmed).confirmed = true
	case e.Finalised != "":
		st.closed = e.Finalised
	}
}

func (st *state) addDraft(e *event, p span) {
	body := &e.Draft.Body
	d := &draft{UUID: e.Draft.UUID, loanID: body.loanID(), name: body.name(), created: e.Time, at: p}
	st.drafts = append(st.drafts, d)
	st.byUUID[d.UUID] = d
}

func (st *state) addUpload(e *event, p span) {
	u := &upload{
		ID: e.Repayments.UploadID, period: e.Repayments.Period, rows: len(e.Repayments.Rows),
		created: e.Time, problems: e.Repayments.Problems, at: p,
	}
	for _, r := range e.Repayments.Rows {
		if r.Refused {
			u.refused++
			continue
		}
		st.reported[r.LoanID] = r.Amount
	}
	st.uploads = append(st.uploads, u)
}

func (st *state) list(l kiva.Loan) {
	entry := &loan{l, strings.ToLower(strings.Join([]string{l.Name, l.InternalLoanID, l.InternalClientID, l.KivaID}, "\n"))}
	st.loans = append(st.loans, entry)
	st.byLoanID[l.InternalLoanID] = entry
}

// nextKivaID returns the public id of the next loan that is listed.
func (st *state) nextKivaID() string { return strconv.Itoa(firstKivaID + len(st.loans)) }

// archive returns the archive with the id, or nil.
func (st *state) archive(id string) *archive {
	i := slices.IndexFunc(st.archives, func(a *archive) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return st.archives[i]
}

// period returns the repayment period that is open at a time: its month, or the
// one after the last that was finalised.
func (st *state) period(now time.Time) string {
	month := now.Format("2006-01")
	if st.closed < month {
		return month
	}
	last, _ := time.Parse("2006-01", st.closed)
	return last.AddDate(0, 1, 0).Format("2006-01")
}

// counts returns the requests so far, sorted.
func (st *state) counts() []keptCount {
	counts := make([]keptCount, 0, len(st.requests))
	for c, n := range st.requests {
		c.N = n
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b keptCount) int {
		return cmp.Or(strings.Compare(a.Endpoint, b.Endpoint), a.Status-b.Status)
	})
	return counts
}
