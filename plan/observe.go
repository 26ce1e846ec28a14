package plan

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kivaform/kiva"
	"kivaform/spec"
)

// A Source gives a plan Kiva's loans. [*kiva.Client] is one.
type Source interface {
	LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error)
	// AtOnce returns how many pages may be asked for at once.
	AtOnce() int
}

// A History gives a plan the ledger's attempts.
type History interface {
	// Load reads the last attempts.
	Load(ctx context.Context) (Past, error)
	// Known iterates over the drafts and journals that Kiva has or may have.
	Known(ctx context.Context) iter.Seq2[Known, error]
	// Recorded returns the fields of an item as they were at its last attempt,
	// and completes what the attempt says of itself.
	Recorded(ctx context.Context, a spec.Address, last *Attempt) (Recorded, error)
}

// Past holds a ledger's attempts in memory.
type Past interface {
	// MatchesItem reports whether a recorded fingerprint is that of an item, as a
	// [Digester] does.
	MatchesItem(fingerprint string, a spec.Address, r spec.Resource) bool
	// MatchesField reports whether a recorded digest is that of a field of an item.
	MatchesField(digest string, a spec.Address, f spec.Field) bool
	// Digester makes the ledger's digests.
	Digester() Digester
	// Last returns the last attempt on a draft or a journal, nil where there
	// was none. Of one that is at Kiva it may know the number, the outcome and
	// the fingerprint only.
	Last(a spec.Address) *Attempt
	// Rows returns the last attempt of each row of a period, by loan id.
	Rows(period string) map[string]*RowAttempt
	// Unknown returns every request of which no answer is known, in order.
	Unknown() []OpenRequest
	// Periods returns the periods of which a row is at Kiva or may be, in order.
	Periods() []string
	// Finalised reports whether a person said that a period's report is finalised
	// in PA2, and nobody has reopened it since.
	Finalised(period string) bool
}

// Recorded is what the ledger holds of an item's fields, by path: plain values
// of what isn't personal, digests of what is.
type Recorded struct {
	Values    map[string]string
	Digests   map[string]string
	MovedFrom spec.Address // of an item that a person said to be the same as another; else ""
}

// An OpenRequest was sent, and no answer is known: a person decides.
type OpenRequest struct {
	Request spec.Address   // by which a person decides: loan_draft/L-1042, journals/2, repayments/2026-11/3
	Items   []spec.Address // the drafts, journals or rows in it
	At      time.Time
	Run     string
}

// Why is the reason of a request that the files no longer have.
func (o *OpenRequest) Why() Reason {
	const named = 5
	names := make([]string, 0, named)
	for _, a := range o.Items[:min(len(o.Items), named)] {
		names = append(names, string(a))
	}
	list := strings.Join(names, ", ")
	if len(o.Items) > named {
		list += ", …"
	}
	return NewReason(ReasonUnansweredGone, "request", string(o.Request), "at", moment(o.At), "run", o.Run, "items", strconv.Itoa(len(o.Items)), "names", list)
}

// A State is all that [Compute] needs to know beside the workspace.
type State struct {
	Past Past
	// Recorded holds the recorded fields of those items that are at Kiva with
	// another fingerprint than the wanted one.
	Recorded map[spec.Address]Recorded
	// Loans are the loans that Kiva lists, by the partner's loan id: all of
	// those that were looked for.
	Loans map[string]*kiva.Loan
	// Alike holds the reasons of the items that may be at Kiva under another id.
	Alike map[spec.Address]Reason
	// Shared are notes on drafts that have the story or the photo of another client's.
	Shared []Reason
	// AllReportable says that Loans holds every loan that a repayment report
	// must cover.
	AllReportable bool
	// List is how much came of the list of all loans, nil where it wasn't read.
	List *Listing
	// AssumeListed takes the list for whole although it doesn't agree with Kiva's
	// count: a person said so.
	AssumeListed bool
	// Doubled are loan ids that Kiva lists more than once.
	Doubled []string
	// Listed is how many loans of the partner Kiva lists in all, where Counted:
	// it isn't asked for its own sake.
	Listed  int
	Counted bool

	wanted []wanted // drafts, then journals, as they were looked up
}

// A wanted is a draft or a journal, with its last attempt.
type wanted struct {
	resource spec.Resource
	address  spec.Address
	last     *Attempt
}

// Observe reads what [Compute] must know: from the ledger everything about the
// wanted items, from Kiva no more than is needed to decide.
func Observe(ctx context.Context, want *spec.Set, history History, source Source, resend Resend) (*State, error) {
	past, err := history.Load(ctx)
	if err != nil {
		return nil, err
	}
	have := &State{
		Past:     past,
		Recorded: make(map[spec.Address]Recorded),
		Loans:    make(map[string]*kiva.Loan),
	}
	if err := have.readEdited(ctx, want, history); err != nil {
		return nil, err
	}
	if err := have.readLoans(ctx, want, source, resend); err != nil {
		return nil, err
	}
	if err := have.findAlike(ctx, want, history, resend); err != nil {
		return nil, err
	}
	return have, nil
}

// readEdited finds the items that changed since they were sent and reads what
// the ledger recorded of them.
func (s *State) readEdited(ctx context.Context, want *spec.Set, history History) error {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	check := func(chunk []wanted) error {
		for i := range chunk {
			w := &chunk[i]
			w.address = w.resource.Address()
			w.last = s.Past.Last(w.address)
			if w.last == nil || !w.last.Outcome.AtKiva() || w.last.Fingerprint == NoFingerprint {
				continue
			}
			if s.Past.MatchesItem(w.last.Fingerprint, w.address, w.resource) {
				continue
			}
			recorded, err := history.Recorded(ctx, w.address, w.last)
			if err != nil {
				return err
			}
			mu.Lock()
			s.Recorded[w.address] = recorded
			mu.Unlock()
		}
		return nil
	}
	s.wanted = resources(want)
	for chunk := range slices.Chunk(s.wanted, 256) {
		g.Go(func() error { return check(chunk) })
	}
	return g.Wait()
}

func resources(want *spec.Set) []wanted {
	all := make([]wanted, 0, len(want.Drafts)+len(want.Journals))
	for _, d := range want.Drafts {
		all = append(all, wanted{resource: d})
	}
	for _, j := range want.Journals {
		all = append(all, wanted{resource: j})
	}
	return all
}

// known returns what is known of the resource at place i of drafts and
// journals.
func (s *State) known(i int, r spec.Resource) wanted {
	if i < len(s.wanted) && s.wanted[i].resource == r {
		return s.wanted[i]
	}
	a := r.Address() // the state wasn't observed for this workspace
	return wanted{r, a, s.Past.Last(a)}
}

// readLoans reads the loans that decide what happens to items that aren't at
// Kiva yet. When everything was sent before, it reads nothing. Where a draft may be
// sent, it reads the whole list: nothing less proves that Kiva hasn't got the loan.
func (s *State) readLoans(ctx context.Context, want *spec.Set, source Source, resend Resend) error {
	ids := s.undecidedLoans(want, resend)
	l := newLoanReader(source, s)
	whole := false
	if s.anyDraftOpen(want, resend) {
		list, err := l.readAll(ctx, kiva.LoanQuery{}, 0)
		if err != nil {
			return fmt.Errorf("list loans: %w", err)
		}
		s.List, whole = &list, list.Whole()
		s.Listed, s.Counted = max(list.Total, list.Read), true
	}
	if rows := s.rowsUndecided(want, resend); rows > 0 {
		s.AllReportable = whole
		if !whole {
			var err error
			if s.AllReportable, err = l.readReportable(ctx, rows); err != nil {
				return err
			}
		}
	}
	if !whole {
		missing := slices.DeleteFunc(ids, func(id string) bool { return s.Loans[id] != nil })
		if err := l.readSome(ctx, missing); err != nil {
			return fmt.Errorf("list loans: %w", err)
		}
	}
	slices.Sort(s.Doubled)
	s.Doubled = slices.Compact(s.Doubled)
	return nil
}

// anyDraftOpen reports whether a draft may be sent without a person's word.
func (s *State) anyDraftOpen(want *spec.Set, resend Resend) bool {
	for i, d := range want.Drafts {
		if w := s.known(i, d); !resend[w.address] && (w.last == nil || w.last.Outcome.MayRepeat()) {
			return true
		}
	}
	return false
}

// reportable are the statuses of loans that a repayment report must cover.
// Source: fetch_loans.md.
var reportable = []kiva.Status{kiva.PayingBack, kiva.Defaulted}

// undecidedLoans returns the ids of the loans that decide, each once.
func (s *State) undecidedLoans(want *spec.Set, resend Resend) []string {
	ids := make([]string, 0, len(want.Drafts))
	for i, d := range want.Drafts { // each loan has one
		if w := s.known(i, d); w.last == nil || !w.last.Outcome.AtKiva() || resend[w.address] {
			ids = append(ids, d.LoanID())
		}
	}
	if len(want.Journals) == 0 {
		return ids
	}
	for i, j := range want.Journals {
		if w := s.known(len(want.Drafts)+i, j); w.last == nil || w.last.Outcome.MayRepeat() || resend[w.address] {
			ids = append(ids, j.LoanID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// rowsUndecided returns how many rows the longest report has of which not all
// are at Kiva as they are; 0 where there is none.
func (s *State) rowsUndecided(want *spec.Set, resend Resend) int {
	most := 0
	for _, r := range want.Reports {
		past := s.Past.Rows(r.Period)
		undecided := func(row spec.Repayment) bool {
			last := past[row.LoanID]
			return last == nil || !last.Same(&row) || resend[RowAddress(r.Period, row.LoanID)]
		}
		if slices.ContainsFunc(r.Rows, undecided) {
			most = max(most, len(r.Rows))
		}
	}
	return most
}
