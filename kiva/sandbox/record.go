package sandbox

import "kivaform/kiva/sandbox/internal/pa2"

// The kinds of an [Entry].
const (
	KindLoanDraft = pa2.KindLoanDraft
	KindJournal   = pa2.KindJournal
	KindRepayment = pa2.KindRepayment
)

// An Entry is one thing that the sandbox accepted: a loan draft, a journal, or
// a row of a repayment upload. A thing that was sent twice has two entries.
type Entry = pa2.Entry

// A Count is how many requests an endpoint of the API got, by the status of
// the answer.
type Count = pa2.Count

// Record returns everything that the sandbox accepted since it was made or
// reset, in order.
func (s *Server) Record() ([]Entry, error) { return s.store.Record() }

// Requests returns how many requests the API got since the sandbox was made or
// reset, sorted by endpoint and status. The steps of people aren't counted.
func (s *Server) Requests() ([]Count, error) { return s.store.Requests() }
