package sandbox

import "kivaform/kiva/sandbox/internal/pa2"

// Kinds of an [Entry].
const (
	KindLoanDraft = pa2.KindLoanDraft
	KindJournal   = pa2.KindJournal
	KindRepayment = pa2.KindRepayment
)

// An Entry is one item that the sandbox accepted: a loan draft, a journal, or a
// row of a repayment upload. An item that was sent twice has two entries.
type Entry = pa2.Entry

// A Count is a number of requests to an endpoint, by status of the answer.
type Count = pa2.Count

// Record returns everything that the sandbox accepted since it was created or
// reset, in order.
func (s *Server) Record() ([]Entry, error) { return s.store.Record() }

// Requests counts the API's requests since the sandbox was created or reset,
// sorted by endpoint and status. It doesn't count the steps of people.
func (s *Server) Requests() ([]Count, error) { return s.store.Requests() }
