package view

import (
	"io"
	"time"

	"kivaform/plan"
)

// A Stream writes what a command does while it does it, for programs: a JSON
// object a line, each with its type first. The first line is a [Start], the
// last an [End]; a stream without one was cut. The lines are described by
// [EventSchema]; a reader passes over types that it doesn't know.
//
// After the first error of its writer a stream writes nothing more, and tells
// of it in Err: no command depends on its readers.
type Stream struct {
	json *jsonWriter
	err  error
}

// NewStream returns a stream that writes to w.
func NewStream(w io.Writer) *Stream { return &Stream{json: newJSONWriter(w)} }

// Err returns the first error.
func (s *Stream) Err() error { return s.err }

// Send writes events at once.
func (s *Stream) Send(events ...Event) {
	for _, e := range events {
		s.add(e)
	}
	s.flush()
}

// Plan writes a plan: its header, its items, and its reports, each followed by
// its rows. Unchanged items and rows are there only if all is true. Warnings
// and faults are left to their own events.
func (s *Stream) Plan(v *View, all bool) {
	s.add(v.Header)
	for item := range v.Items(all) {
		s.add(item)
	}
	for r := range v.Reports() {
		s.add(r)
		for row := range r.Rows(all) {
			s.add(row)
		}
	}
	s.flush()
}

func (s *Stream) add(e Event) {
	if s.err != nil {
		return
	}
	s.json.text(`{"type":"` + e.event() + `",`)
	s.json.members(e)
	s.json.text("}\n")
}

func (s *Stream) flush() {
	if s.err == nil {
		s.err = s.json.flush()
	}
}

// An Event is one line of a [Stream].
type Event interface {
	event() string // its type
}

func (Start) event() string    { return "start" }
func (Files) event() string    { return "files" }
func (Fault) event() string    { return "fault" }
func (Header) event() string   { return "plan" }
func (Item) event() string     { return "item" }
func (Report) event() string   { return "report" }
func (Row) event() string      { return "row" }
func (Saved) event() string    { return "saved" }
func (Sending) event() string  { return "attempt" }
func (Pausing) event() string  { return "pause" }
func (Finished) event() string { return "outcome" }
func (Stopping) event() string { return "stop" }
func (Account) event() string  { return "account" }
func (End) event() string      { return "end" }

// A Start says who writes.
type Start struct {
	FormatVersion int       `json:"format_version"`
	Program       string    `json:"program"` // kivaform's version
	Command       string    `json:"command"` // plan, apply or validate
	At            time.Time `json:"at"`
}

// Files counts a workspace's documents.
type Files struct {
	LoanDrafts       int `json:"loan_drafts"`
	Journals         int `json:"journals"`
	RepaymentReports int `json:"repayment_reports"`
	Rows             int `json:"rows"` // of all reports
}

// A Saved says that the plan was saved in a file.
type Saved struct {
	File    string    `json:"file"`
	SavedID string    `json:"saved_id"`
	Expires time.Time `json:"expires"`
}

// A Sending says that a request goes out; its intent is recorded.
type Sending struct {
	Address plan.Address `json:"address"` // as of a Receipt
	Items   int          `json:"items"`   // in the request
	Done    int          `json:"done"`    // items that are through, of all
	Total   int          `json:"total"`
}

// A Pausing says that Kiva asked to come back later.
type Pausing struct {
	Address plan.Address `json:"address"`
	Items   int          `json:"items"`
	Seconds float64      `json:"seconds"`
	Message string       `json:"message"`
}

// A Finished says how a request ended.
type Finished struct {
	Address plan.Address `json:"address"`
	Items   int          `json:"items"`
	Outcome string       `json:"outcome"` // as in an Account
	Message string       `json:"message,omitempty"`
	Done    int          `json:"done"`
	Total   int          `json:"total"`
}

// A Stopping says that nothing more is started.
type Stopping struct {
	Message string `json:"message"`
}

// An End says how the command ended.
type End struct {
	ExitCode int       `json:"exit_code"`
	Error    string    `json:"error,omitempty"`
	Hint     string    `json:"hint,omitempty"` // the remedy of the error
	At       time.Time `json:"at"`
}
