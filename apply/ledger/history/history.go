// Package history folds the attempts of a ledger into what is known of each
// item: the one place that decides what was sent.
//
// An attempt is one request; its entries are the drafts, journals or rows in it.
// The state of an item follows from its entries alone, in the order of their
// numbers. Nothing is read or written here.
package history

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"kivaform/plan"
)

// A History is what attempts say of each item, of one partner in one
// environment. It isn't safe for use by several goroutines.
type History struct {
	options  Options
	states   map[string]*State            // of drafts and journals, by their keys
	rows     map[string]map[string]*State // by period and loan id
	closings map[string]*closing          // by period
	retained map[attemptID]*Attempt
}

// A closing is what people said of a period's report: the last attempts that are
// finalised, and that reopened it.
type closing struct{ finalised, reopened int }

// Options say what a history holds beside the states.
type Options struct {
	// Key returns the key by which an item is known, if that isn't its address.
	Key func(Address) string
	// Values keeps the values of drafts that aren't personal.
	Values bool
	// Retain reports whether an attempt is kept whole. One that a person has to
	// decide about always is.
	Retain func(*Attempt) bool
}

// An attemptID names an attempt.
type attemptID struct {
	stream Address
	number int
}

// New returns an empty history.
func New(o Options) *History {
	if o.Key == nil {
		o.Key = func(a Address) string { return string(a) }
	}
	return &History{
		options: o, states: make(map[string]*State), rows: make(map[string]map[string]*State), closings: make(map[string]*closing), retained: make(map[attemptID]*Attempt),
	}
}

// Grow makes room for so many drafts and journals.
func (h *History) Grow(items int) {
	if len(h.states) == 0 {
		h.states = make(map[string]*State, items)
	}
}

// Add adds an attempt. One with the same number as an earlier one takes its
// place: more is known of it by now.
func (h *History) Add(a *Attempt) {
	facts := factsOf(a)
	for e := range a.Entries() {
		t := try{number: a.Intent.Attempt, outcome: e.Outcome, facts: facts, asItIs: a.rejectsContents(e)}
		if e.Row != nil {
			t.row, t.problem = e.Row, e.Problem
			h.row(a.Period(), e.Address, e.Row.LoanID).add(t)
			continue
		}
		t.fingerprint, t.contents = e.Item.Fingerprint, e.Item.Contents
		if e.Address.Kind() == "journal" && t.contents == "" {
			t.item = e.Item
		}
		if h.options.Values {
			t.values = e.Item.Values
		}
		s := h.state(h.options.Key(e.Address))
		s.Address = e.Address
		s.add(t)
	}
	h.addClosing(a)
	id := attemptID{a.Intent.Stream, a.Intent.Attempt}
	if a.IsOpen() || h.options.Retain != nil && h.options.Retain(a) {
		h.retained[id] = a
	} else {
		delete(h.retained, id)
	}
}

// addClosing notes a person's word on the report that an attempt is of. A word that
// reopened it in another copy of the ledger counts for that copy only.
func (h *History) addClosing(a *Attempt) {
	period := a.Period()
	reopens := a.Outcome() == plan.OutcomeReopened && a.Intent.MergedFrom == 0
	if period == "" || !a.Done && !reopens {
		return
	}
	c := h.closings[period]
	if c == nil {
		c = new(closing)
		h.closings[period] = c
	}
	if reopens {
		c.reopened = max(c.reopened, a.Intent.Attempt)
	}
	if a.Done {
		c.finalised = max(c.finalised, a.Intent.Attempt)
	}
}

// Finalised reports whether a person said that a period's report is finalised, and
// nobody has reopened it since. An attempt that reopened it may be finalised, too.
func (h *History) Finalised(period string) bool {
	c := h.closings[period]
	return c != nil && c.finalised > 0 && c.finalised >= c.reopened
}

// AddDraft adds what the keys of a ledger tell of an attempt on a draft: the
// draft's key, how the attempt ended, and the fingerprint. Its address stays
// unknown.
func (h *History) AddDraft(key string, number int, o plan.Outcome, fingerprint, contents string) {
	h.state(key).add(try{number: number, outcome: o, fingerprint: fingerprint, contents: contents})
}

func (h *History) state(key string) *State {
	s := h.states[key]
	if s == nil {
		s = new(State)
		h.states[key] = s
	}
	return s
}

func (h *History) row(period string, a Address, loanID string) *State {
	byLoan := h.rows[period]
	if byLoan == nil {
		byLoan = make(map[string]*State)
		h.rows[period] = byLoan
	}
	s := byLoan[loanID]
	if s == nil {
		s = &State{Address: a}
		byLoan[loanID] = s
	}
	return s
}

// State returns what is known of an item, nil where it was never attempted.
func (h *History) State(a Address) *State {
	if parts := a.Parts(); parts[0] == "repayment" && len(parts) == 3 {
		return h.rows[parts[1]][parts[2]]
	}
	return h.states[h.options.Key(a)]
}

// Last returns the attempt on a draft or a journal that counts, nil where there
// is none.
func (h *History) Last(a Address) *plan.Attempt { return h.states[h.options.Key(a)].Last() }

// Rows returns the attempt on each row of a period that counts, by loan id.
func (h *History) Rows(period string) map[string]*plan.RowAttempt {
	rows := make(map[string]*plan.RowAttempt, len(h.rows[period]))
	for id, s := range h.rows[period] {
		if last := s.lastRow(); last != nil {
			rows[id] = last
		}
	}
	return rows
}

// Periods returns the periods of which a row is at Kiva or may be, in order.
func (h *History) Periods() []string {
	var periods []string
	for period, rows := range h.rows {
		for _, s := range rows {
			if s.MayBeAtKiva() {
				periods = append(periods, period)
				break
			}
		}
	}
	slices.Sort(periods)
	return periods
}

// States iterates over the items that were attempted, in no order: drafts and
// journals, then rows. It leaves out those of which only keys are known.
func (h *History) States() iter.Seq[*State] {
	return func(yield func(*State) bool) {
		for _, s := range h.states {
			if s.Address != "" && s.current() != nil && !yield(s) {
				return
			}
		}
		for _, rows := range h.rows {
			for _, s := range rows {
				if s.current() != nil && !yield(s) {
					return
				}
			}
		}
	}
}

// AtKiva iterates over the drafts and journals that Kiva has or may have, by their
// keys, in no order.
func (h *History) AtKiva() iter.Seq2[string, *State] {
	return func(yield func(string, *State) bool) {
		for key, s := range h.states {
			if s.MayBeAtKiva() && !yield(key, s) {
				return
			}
		}
	}
}

// Empty reports whether nothing was ever attempted.
func (h *History) Empty() bool { return len(h.states) == 0 && len(h.rows) == 0 }

// Unknown returns the attempts of which it isn't known how they, or single items
// of them, ended, by stream and number. A person has to decide about each, also
// if its items were sent again since.
func (h *History) Unknown() []*Attempt {
	return slices.DeleteFunc(h.Retained(), func(a *Attempt) bool { return !a.IsOpen() })
}

// Retained returns the attempts that are kept whole, by stream and number.
func (h *History) Retained() []*Attempt {
	return slices.SortedFunc(maps.Values(h.retained), func(a, b *Attempt) int {
		return cmp.Or(cmp.Compare(a.Intent.Stream, b.Intent.Stream), cmp.Compare(a.Intent.Attempt, b.Intent.Attempt))
	})
}
