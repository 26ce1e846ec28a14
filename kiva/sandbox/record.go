package sandbox

// The kinds of an [Entry].
const (
	KindLoanDraft = keptKindLoanDraft
	KindJournal   = keptKindJournal
	KindRepayment = keptKindRepayment
)

// An Entry is one thing that the sandbox accepted: a loan draft, a journal, or
// a row of a repayment upload. A thing that was sent twice has two entries.
type Entry = keptEntry

// A Count is how many requests an endpoint of the API got, by the status of
// the answer.
type Count = keptCount

// Record returns everything that the sandbox accepted since it was made or
// reset, in order.
func (s *Server) Record() ([]Entry, error) { return s.store.Record() }

// Requests returns how many requests the API got since the sandbox was made or
// reset, sorted by endpoint and status. The steps of people aren't counted.
func (s *Server) Requests() ([]Count, error) { return s.store.Requests() }
