// Package view is the public form of a plan, and of what came of applying it:
// what programs read as JSON and as events, with their schemas, and what the
// packages text, markdown and html show. Personal values are masked here and
// nowhere else: a masked view gives none of them.
package view

import (
	"iter"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// FormatVersion is the version of the data that a [View] gives, which programs
// read as JSON. Within a version things are added, never changed or taken away.
const FormatVersion = 1

// A View is a plan as programs and pages see it: values with their types and
// places, personal ones masked unless they are asked for. What a person wrote
// stands here as written; each renderer makes it harmless in its own way.
type View struct {
	Header
	Warnings []Fault // of probable mistakes
	Faults   []Fault // to be mended before anything is sent

	plan     *plan.Plan
	changed  map[plan.Address]bool
	personal bool
	reports  []Report
	again    struct{ drafts, journals int } // sent although they were sent before
	lacking  map[plan.Address][]Fault
}

// Meta holds facts that a plan itself lacks.
type Meta struct {
	Program  string    // kivaform's version
	Commit   string    // of the workspace; may be empty
	Created  time.Time // when the plan was made
	Expires  time.Time // of a saved plan; else zero
	SavedID  string    // of a saved plan
	LeftOut  int       // unchanged items that a saved plan doesn't hold
	Digest   string    // of the plan
	Warnings []*spec.Fault
	Changed  map[plan.Address]bool // items of a saved plan whose files have changed since, or aren't there, so that only what it holds is shown
}

// A Header sums a plan up.
type Header struct {
	FormatVersion int       `json:"format_version"`
	Program       string    `json:"program"`
	Environment   string    `json:"environment"`
	PartnerID     string    `json:"partner_id"`
	Addresses     []Address `json:"addresses,omitempty"` // that only kiva.yaml vouches for: the environment has others of its own, or none
	Today         string    `json:"today"`               // YYYY-MM-DD
	Digest        string    `json:"digest"`              // the same for every plan that would do the same
	Commit        string    `json:"commit,omitempty"`
	Created       time.Time `json:"created"`
	Expires       time.Time `json:"expires,omitzero"`
	SavedID       string    `json:"saved_id,omitempty"`
	LeftOut       int       `json:"left_out,omitempty"` // unchanged items that a saved plan doesn't hold; no tally counts them
	Personal      bool      `json:"personal"`           // personal values are shown
	Summary       Summary   `json:"summary"`
	Notes         []string  `json:"notes"`   // for a person, in sentences
	Reasons       []Reason  `json:"reasons"` // of the notes, in their order

	Unanswered []OpenRequest `json:"unanswered,omitempty"` // requests without a known answer of which the files no longer have items
}

// An OpenRequest was sent, no answer is known, and the files no longer have some of
// its items.
type OpenRequest struct {
	Request plan.Address   `json:"request"` // a draft's address, or a batch's
	Items   []plan.Address `json:"items"`   // that the files no longer have
	At      time.Time      `json:"at"`
	Run     string         `json:"run"`
	Why     string         `json:"why"` // in English
	Reason  Reason         `json:"reason"`
}

// An Address is one to which requests go, or what else decides where and how
// they go, by its key in kiva.yaml.
type Address struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// AddressesTitle is the heading of addresses that only kiva.yaml vouches for.
const AddressesTitle = "Addresses that kiva.yaml sets"

// A Summary counts a plan's items, by kind and action, and adds up the money
// that is to be sent.
type Summary struct {
	LoanDrafts  Tally `json:"loan_drafts"`
	Journals    Tally `json:"journals"`
	Repayments  Tally `json:"repayments"`
	Sends       int   `json:"sends"`        // items that apply sends
	Acts        int   `json:"acts"`         // items that apply sends or records
	NeedsPerson int   `json:"needs_person"` // items that wait for a person's decision
}

// A Tally counts the items of one kind.
type Tally struct {
	Total   int            `json:"total"`
	Actions map[Action]int `json:"actions"` // those with none are left out
	Sends   []Sum          `json:"sends"`   // the money of those that are sent, by currency
}

// A Sum is an amount of money in a local currency; the currency is empty where
// it isn't known.
type Sum struct {
	Currency string `json:"currency"`
	Amount   Amount `json:"amount"`
}

// An Amount is an exact amount of money. In JSON it is text, so that no program
// rounds it.
type Amount struct{ money.Amount }

// MarshalJSON writes the amount as a string: "1234.5".
func (a Amount) MarshalJSON() ([]byte, error) {
	text, err := a.MarshalText()
	return append(append([]byte{'"'}, text...), '"'), err
}

// A Reason is a sentence as data: a code and its arguments.
type Reason = plan.Reason

// A Fault is one thing that is wrong or odd in the files.
type Fault struct {
	Code     string       `json:"code"`
	Case     string       `json:"case,omitempty"` // which of the code's sentences it is, where it has several
	Args     spec.Args    `json:"args,omitempty"` // the variable parts of faults of the code
	Severity string       `json:"severity"`       // error or warning
	Place    Place        `json:"place"`
	Path     string       `json:"path,omitempty"`
	Message  string       `json:"message"`
	Hint     string       `json:"hint,omitempty"`
	Address  plan.Address `json:"address,omitempty"`
}

// A Place is a line of a file of the workspace; lines and columns count from 1.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// Short returns file:line.
func (p Place) Short() string { return spec.Pos{File: p.File, Line: int32(p.Line)}.Short() }

// An Item is a loan draft or a journal, with its action.
type Item struct {
	Address plan.Address `json:"address"`
	Kind    string       `json:"kind"` // loan_draft or journal
	Action  Action       `json:"action"`
	Place   Place        `json:"place"`
	Why     string       `json:"why,omitempty"` // the reason, in English
	Reason  Reason       `json:"reason,omitzero"`
	Again   bool         `json:"again,omitempty"` // sent although it was sent before: a person asked for it
	Sum     *Sum         `json:"sum,omitempty"`   // of a loan draft
	Fields  []Field      `json:"fields"`          // all that is wanted, and sent where the action sends
	Changes []Change     `json:"changes,omitempty"`
	Lacking []string     `json:"lacking,omitempty"` // fields that a person must add in PA2 before it can be published
	Last    *Attempt     `json:"last,omitempty"`
	Loan    *Loan        `json:"loan,omitempty"`
	Partial bool         `json:"partial,omitempty"` // the files have changed since the plan was saved, or aren't there: fields holds only what the plan kept

	Lacks []Fault `json:"-"` // Lacking as data

	// The photo of a loan draft: its file, or what stands for one in a document.
	// A masked view has none.
	Image        *Image `json:"-"`
	ImageEncoded string `json:"-"` // base64, maybe as a data URL
}

// An Image is a photo file of the workspace.
type Image = spec.Image

// A Field is one value of a request.
type Field struct {
	Path     string `json:"path"`           // entreps[0].amount, in Kiva's names
	Type     string `json:"type"`           // text, id, money, date, bool, choice or photo
	Value    string `json:"value"`          // as it is sent; of a photo the first digits of its file's SHA-256; of what is masked the mask
	Show     string `json:"show,omitempty"` // the name of a choice, the format and size of a photo
	Personal bool   `json:"personal,omitempty"`
	Masked   bool   `json:"masked,omitempty"`
}

// A Change is one field that differs between the sent and the wanted item.
type Change struct {
	Path     string  `json:"path"`
	Type     string  `json:"type"`
	Old      *string `json:"old"` // null where it wasn't sent, and where it is personal: the ledger doesn't hold it
	New      *string `json:"new"` // null where it is no longer wanted
	Was      bool    `json:"was"` // it was sent
	Is       bool    `json:"is"`  // it is wanted
	Personal bool    `json:"personal,omitempty"`
	Masked   bool    `json:"masked,omitempty"`
}

// An Attempt is the last attempt to send an item.
type Attempt struct {
	Number  int       `json:"number"`
	Outcome string    `json:"outcome,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Run     string    `json:"run,omitempty"`
	Message string    `json:"message,omitempty"`
}

// A Loan is an item's loan as Kiva shows it.
type Loan struct {
	KivaID string `json:"kiva_id"`
	Status string `json:"status"`
}

// A Report is a repayment report; its rows are told one by one.
type Report struct {
	Address   plan.Address `json:"address"`
	Period    string       `json:"period"` // YYYY-MM
	Amounts   string       `json:"amounts"`
	Place     Place        `json:"place"`
	Tally     Tally        `json:"tally"`
	Coverage  *Coverage    `json:"coverage,omitempty"`
	Gone      []string     `json:"gone,omitempty"` // loan ids of rows that Kiva has and the file no longer has
	Duplicate *Duplicate   `json:"duplicate,omitempty"`

	File string `json:"-"` // that has the rows

	report   *plan.Report
	findings map[int][]plan.Finding // by row
}

// A Coverage holds a report against the loans that Kiva expects in it.
type Coverage struct {
	Expected int      `json:"expected"`
	Reported int      `json:"reported"`
	Missing  []string `json:"missing"`
	Totals   []Sum    `json:"totals"` // of the rows of the reported ones
}

// A Duplicate is an earlier upload of just the same rows for another period.
type Duplicate struct {
	Period string    `json:"period"`
	Rows   int       `json:"rows"`
	At     time.Time `json:"at"`
	Run    string    `json:"run,omitempty"`
}

// A Row is one row of a repayment report, with its action.
type Row struct {
	Address     plan.Address `json:"address"`
	LoanID      string       `json:"loan_id"`
	ClientID    string       `json:"client_id,omitempty"`
	Action      Action       `json:"action"`
	Amount      Amount       `json:"amount"`                  // local currency
	Currency    string       `json:"currency,omitempty"`      // of the loan, where Kiva showed it
	Was         *Amount      `json:"was,omitempty"`           // as last reported
	WasClientID string       `json:"was_client_id,omitempty"` // the client id it was last reported with, where that was another
	Place       Place        `json:"place"`
	Why         string       `json:"why,omitempty"` // the reason, in English
	Reason      Reason       `json:"reason,omitzero"`
	Findings    []Finding    `json:"findings,omitempty"` // for a person to look at; they stop nothing
	Last        *Attempt     `json:"last,omitempty"`
}

// A Finding is something odd about a row.
type Finding struct {
	Kind   string `json:"kind"` // not-expected, wrong-client, above-price or zero
	What   string `json:"what"` // in English
	Reason Reason `json:"reason"`
}

// Items iterates over loan drafts, then journals, in the order of the plan;
// unchanged ones only if all is true.
func (v *View) Items(all bool) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for i := range len(v.plan.Drafts) + len(v.plan.Journals) {
			if (all || v.plannedItem(i).Action != Unchanged) && !yield(v.Item(i)) {
				return
			}
		}
	}
}

// Reports iterates over the repayment reports.
func (v *View) Reports() iter.Seq[Report] {
	return func(yield func(Report) bool) {
		for _, r := range v.reports {
			if !yield(r) {
				return
			}
		}
	}
}

// Rows iterates over the rows of a report; unchanged ones only if all is true.
func (r *Report) Rows(all bool) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for i := range r.report.Rows {
			if (all || r.report.Rows[i].Action != plan.Unchanged) && !yield(r.Row(i)) {
				return
			}
		}
	}
}
