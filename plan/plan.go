// Package plan compares what a partner wants with what is known, and says what
// to do.
//
// [Observe] reads (Kiva and the ledger) and decides nothing; [Compute] decides
// and reads nothing. The [Plan] between planning and applying is data: what is
// shown and what is sent come from the same values.
package plan

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/spec"
)

// Address and Field are the words of the workspace that a history is kept in.
type (
	Address = spec.Address
	Field   = spec.Field
)

// RowAddress returns repayment/<period>/<loan id>.
func RowAddress(period, loanID string) Address { return spec.RepaymentAddress(period, loanID) }

// An Action is a plan's decision about one item. The rune is the mark
// that people see.
type Action rune

// The actions.
const (
	// Submit sends it: it isn't at Kiva and not in the ledger, or the last
	// attempt is known to have failed.
	Submit Action = '+'
	// Adopt records it without sending: Kiva lists a loan with this id already.
	Adopt Action = '='
	// ReportAgain sends a repayment's new amount in a new upload, which
	// corrects the one before.
	ReportAgain Action = '~'
	// Edited needs a person: it changed after it was sent, and Kiva's API
	// can't change it.
	Edited Action = '≠'
	// Alike needs a person: it may be something that was sent, or that Kiva lists,
	// under another id.
	Alike Action = '≈'
	// Rejected does nothing: Kiva rejected its contents, and they are the same. It
	// is sent once it is mended, or on a person's word.
	Rejected Action = '✗'
	// Waiting does nothing yet: the loan can't take it.
	Waiting Action = '…'
	// Unknown needs a person: it was sent, and no answer is known.
	Unknown Action = '?'
	// Unchanged does nothing: it was sent, and it is the same.
	Unchanged Action = ' '
)

// Actions lists all actions in the order in which a plan shows them: what
// needs a person first.
var Actions = []Action{Unknown, Edited, Alike, Rejected, Submit, ReportAgain, Adopt, Waiting, Unchanged}

// String names the action in one word.
func (a Action) String() string {
	switch a {
	case Submit:
		return "submit"
	case Adopt:
		return "adopt"
	case ReportAgain:
		return "report-again"
	case Edited:
		return "edited"
	case Alike:
		return "alike"
	case Rejected:
		return "rejected"
	case Waiting:
		return "waiting"
	case Unknown:
		return "unknown"
	case Unchanged:
		return "unchanged"
	}
	return "invalid"
}

// MarshalText returns the name of the action.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name of an action.
func (a *Action) UnmarshalText(name []byte) error {
	for _, known := range Actions {
		if known.String() == string(name) {
			*a = known
			return nil
		}
	}
	return fmt.Errorf("no action is called %q", name)
}

// Sends reports whether the action sends a request to Kiva.
func (a Action) Sends() bool { return a == Submit || a == ReportAgain }

// Acts reports whether applying the action does anything.
func (a Action) Acts() bool { return a.Sends() || a == Adopt }

// NeedsPerson reports whether nothing goes on until a person has decided.
func (a Action) NeedsPerson() bool { return a == Edited || a == Alike || a == Unknown }

// A Plan has an action for each item of a workspace.
type Plan struct {
	Environment string
	PartnerID   string
	Today       spec.Date
	Addresses   []Destination // where and how requests go, and where they are recorded
	Settings    []Setting     // of kiva.yaml, that change what is sent
	// AssumeListed says that a person takes Kiva's list for whole although it doesn't
	// agree with Kiva's count.
	AssumeListed bool
	Drafts       []Item
	Journals     []Item
	Reports      []Report
	Open         []OpenRequest // without a known answer, and without a document
	Notes        []Reason      // for a person
	Faults       []*spec.Fault // to be mended or approved before anything is sent
}

// A Destination is an address of the environment, or what else decides where and
// how requests go, by its key in kiva.yaml.
type Destination struct {
	Key   string `json:"key"` // token_url
	Value string `json:"value"`
	Own   bool   `json:"own,omitempty"` // kiva.yaml sets it, and the preset of that name has another or none
}

// A Setting of kiva.yaml changes the requests of a plan, by its key there:
// photos.max_pixels.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// OwnAddresses returns those that only kiva.yaml vouches for.
func (p *Plan) OwnAddresses() []Destination {
	return slices.DeleteFunc(slices.Clone(p.Addresses), func(d Destination) bool { return !d.Own })
}

// An Item is a loan draft or a journal, with its action.
type Item struct {
	Action   Action
	Resource spec.Resource
	Again    bool       // sent although it was sent before: a person asked for it
	Reason   Reason     // of waiting, or of an earlier failure; may be zero
	Changes  []Change   // of an Edited item: field by field
	Last     *Attempt   // in the ledger, nil before the first attempt
	Loan     *kiva.Loan // the item's loan at Kiva, nil if none was looked for or found

	address spec.Address // where it is known
}

// Address returns the natural key of the item.
func (i Item) Address() spec.Address {
	if i.address != "" {
		return i.address
	}
	return i.Resource.Address()
}

// A Change is one field that differs between what was sent and what is wanted.
type Change struct {
	Path     string
	Kind     spec.FieldKind
	Personal bool   // the ledger holds a digest alone: Old can't be known
	Old, New string // "" where the field is absent, and Old where it is Personal
	Was      bool   // the field was sent
	Is       bool   // the field is wanted
}

// A Report is a repayment report, with an action for each of its rows.
type Report struct {
	Report *spec.RepaymentReport
	Mode   spec.AmountMode
	Rows   []Row // as many as the report has, in its order

	// Gone are the loan ids of rows that Kiva has for the period and the file no
	// longer has, in order. Nothing is done with them: the API can't take a row
	// back.
	Gone []string

	Coverage  *Coverage  // nil where Kiva wasn't asked for all loans that it expects
	Duplicate *Duplicate // nil where no upload of the last weeks had the same rows
}

// Address returns repayments/<period>.
func (r Report) Address() spec.Address { return r.Report.Address() }

// RowAddress returns repayment/<period>/<loan id> of row i.
func (r Report) RowAddress(i int) spec.Address {
	return RowAddress(r.Report.Period, r.Report.Rows[i].LoanID)
}

// A Row is the action on one row of a repayment report.
type Row struct {
	Action   Action
	Again    bool         // sent although it was sent before: a person asked for it
	Currency string       // of the loan, where Kiva showed it
	Was      money.Amount // as last reported; meaningful where Last isn't nil
	Reason   Reason
	Last     *RowAttempt // in the ledger, nil before the first attempt
}

// An Outcome is the recorded end of an attempt.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted Outcome = "accepted"
	OutcomeAdopted  Outcome = "adopted" // never sent: Kiva listed it already
	OutcomeRejected Outcome = "rejected"
	OutcomeNotSent  Outcome = "not-sent"
	OutcomeUnknown  Outcome = "unknown" // also: an intent without an outcome
	OutcomeExists   Outcome = "exists"  // a person found it at Kiva
	OutcomeAbsent   Outcome = "absent"  // a person made sure that Kiva doesn't have it

	// OutcomeAcknowledged: never sent. A person made PA2 agree with what the
	// files say by now.
	OutcomeAcknowledged Outcome = "acknowledged"
	// OutcomeApproved: never sent. A person says that a repayment's amount is
	// right although it looks wrong; it may be sent.
	OutcomeApproved Outcome = "approved"
	// OutcomeMoved: never sent. A person says that it is the same thing as one that
	// Kiva has under another address.
	OutcomeMoved Outcome = "moved"
	// OutcomeReopened: never sent. A person says that a report which was finalised
	// takes rows again.
	OutcomeReopened Outcome = "reopened"
)

// Outcomes lists every outcome.
var Outcomes = []Outcome{
	OutcomeAccepted, OutcomeAdopted, OutcomeRejected, OutcomeNotSent, OutcomeUnknown,
	OutcomeExists, OutcomeAbsent, OutcomeAcknowledged, OutcomeApproved, OutcomeMoved, OutcomeReopened,
}

// AtKiva reports whether Kiva has the attempted item.
func (o Outcome) AtKiva() bool {
	return o == OutcomeAccepted || o == OutcomeAdopted || o == OutcomeExists || o == OutcomeAcknowledged || o == OutcomeMoved
}

// MayRepeat reports whether another attempt can't double anything.
func (o Outcome) MayRepeat() bool {
	return o == OutcomeRejected || o == OutcomeNotSent || o == OutcomeAbsent || o == OutcomeApproved
}

// An Attempt is the last attempt to send an item, as the ledger knows it.
type Attempt struct {
	Stream      spec.Address // whose attempts are counted: the draft's address, or the batch's
	Number      int          // from 1
	Outcome     Outcome
	Fingerprint string // of the item's fields, as by a Digester
	At          time.Time
	Run         string
	Message     string // Kiva's, where it refused
	Open        bool   // no outcome is recorded: the run may still be waiting for one

	// Approved says that a person said that the item may be sent as it is (another
	// thing, or a right amount), and that it wasn't at Kiva since.
	Approved bool
	// Rejection is how Kiva last rejected the item for its contents; nil where it
	// didn't, or where the item arrived since or a person looked for it.
	Rejection *Rejection
}

// A Rejection says that Kiva looked at the contents of an item and declined them.
type Rejection struct {
	At          time.Time
	Message     string       // Kiva's
	Fingerprint string       // of the item's fields, as by a Digester; "" of a row
	Amount      money.Amount // of a row
	ClientID    string       // of a row
}

// isOfRow reports whether what Kiva rejected is what is wanted now.
func (r *Rejection) isOfRow(want *spec.Repayment) bool {
	return r != nil && r.Amount == want.Amount && r.ClientID == want.ClientID
}

// A RowAttempt is the last attempt to report one row.
type RowAttempt struct {
	*Attempt // of the batch
	Outcome  Outcome
	ClientID string
	Amount   money.Amount
	Message  string // Kiva's problem with the row

	// Reported is the amount that is at Kiva, where WasReported says that any
	// is: of this attempt or of an earlier one.
	Reported         money.Amount
	ReportedClientID string
	WasReported      bool

	Approval  *money.Amount // the amount that a person approved since; nil where none did
	Rejection *Rejection    // as an [Attempt] has it, for this row
}

// Same reports whether Kiva has exactly the wanted amount.
func (r *RowAttempt) Same(want *spec.Repayment) bool {
	switch {
	case r.Outcome.AtKiva():
		return r.Amount == want.Amount && r.ClientID == want.ClientID
	case r.Outcome.MayRepeat():
		return r.WasReported && r.Reported == want.Amount && r.ReportedClientID == want.ClientID
	}
	return false
}

// NoFingerprint stands for the fingerprint of a loan that was adopted without a
// document: no document can differ from it.
const NoFingerprint = "none"

// Items iterates over drafts and journals, in the order of the plan.
func (p *Plan) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, list := range [][]Item{p.Drafts, p.Journals} {
			for _, item := range list {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// Counts says how many items a plan has for each action.
type Counts map[Action]int

// Count counts all items: drafts, journals and repayment rows, and those without a
// document that wait for a person.
func (p *Plan) Count() Counts {
	c := CountItems(p.Drafts)
	c.add(CountItems(p.Journals))
	for _, r := range p.Reports {
		c.add(r.Count())
	}
	for i := range p.Open {
		c.add(Counts{Unknown: len(p.Open[i].Items)})
	}
	return c
}

// CountItems counts the items of a list.
func CountItems(items []Item) Counts {
	return countActions(len(items), func(i int) Action { return items[i].Action })
}

// Count counts the rows of a report.
func (r Report) Count() Counts {
	return countActions(len(r.Rows), func(i int) Action { return r.Rows[i].Action })
}

// countActions counts actions without a look into a map for each.
func countActions(n int, action func(i int) Action) Counts {
	counts := make([]int, len(Actions))
	for i := range n {
		counts[slices.Index(Actions, action(i))]++
	}
	c := make(Counts)
	for i, n := range counts {
		if n > 0 {
			c[Actions[i]] = n
		}
	}
	return c
}

func (c Counts) add(more Counts) {
	for a, n := range more {
		c[a] += n
	}
}

// Has reports whether any item has an action for which is holds.
func (c Counts) Has(is func(Action) bool) bool {
	for a, n := range c {
		if n > 0 && is(a) {
			return true
		}
	}
	return false
}

// Sends tells which items the plan sends. Repayment rows don't count: their
// faults are never pending.
func (p *Plan) Sends() map[spec.Address]bool {
	sends := make(map[spec.Address]bool, len(p.Drafts)+len(p.Journals))
	for item := range p.Items() {
		if item.Action.Sends() {
			sends[item.Address()] = true
		}
	}
	return sends
}

// Undecided tells which items may be sent yet: those that the plan sends, and those
// of which a person may say that they are another thing.
func (p *Plan) Undecided() map[spec.Address]bool {
	open := p.Sends()
	for item := range p.Items() {
		if item.Action == Alike {
			open[item.Address()] = true
		}
	}
	return open
}

// Totals are amounts by currency; the currency is "" where it isn't known.
type Totals map[string]money.Amount

// Currencies returns the currencies in alphabetical order.
func (t Totals) Currencies() []string { return slices.Sorted(maps.Keys(t)) }

func (t Totals) add(currency string, a money.Amount) {
	if sum, ok := t[currency].Add(a); ok {
		t[currency] = sum
	}
}

// DraftTotals sums the amounts of the drafts that are to be sent.
func (p *Plan) DraftTotals() Totals {
	return sums(len(p.Drafts), func(i int) (bool, string, money.Amount) {
		d := p.Drafts[i].Resource.(*spec.LoanDraft)
		return p.Drafts[i].Action.Sends(), d.Currency, d.Amount()
	})
}

// Totals sums the rows that are to be sent.
func (r Report) Totals() Totals {
	return sums(len(r.Rows), func(i int) (bool, string, money.Amount) {
		return r.Rows[i].Action.Sends(), r.Rows[i].Currency, r.Report.Rows[i].Amount
	})
}

// sums adds up those of n amounts that count. Most have the currency of the one
// before, and needn't look for their total.
func sums(n int, amount func(i int) (counts bool, currency string, a money.Amount)) Totals {
	t := make(Totals)
	var currency string
	var sum money.Amount
	any := false
	for i := range n {
		counts, of, a := amount(i)
		if !counts {
			continue
		}
		if any && of != currency {
			t.add(currency, sum)
			sum = money.Amount{}
		}
		currency, any = of, true
		if more, ok := sum.Add(a); ok {
			sum = more
		}
	}
	if any {
		t.add(currency, sum)
	}
	return t
}
