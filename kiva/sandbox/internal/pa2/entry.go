package pa2

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"kivaform/kiva/money"
)

// Kinds of an [Entry].
const (
	KindLoanDraft = "loan_draft"
	KindJournal   = "journal"
	KindRepayment = "repayment"
)

// An Entry is one item that the sandbox accepted: a loan draft, a journal, or a
// row of a repayment upload. An item that was sent twice has two entries.
type Entry struct {
	Kind    string       `json:"kind"`
	LoanID  string       `json:"loan_id"`           // the partner's
	Subject string       `json:"subject,omitempty"` // of a journal
	Period  string       `json:"period,omitempty"`  // of a repayment, YYYY-MM
	Amount  money.Amount `json:"amount"`            // of a repayment or a draft, local currency
	Batch   string       `json:"batch"`             // the draft's uuid, the archive's id, the upload's id
	Digest  string       `json:"digest"`            // SHA-256 in hex: of a draft's body as received, else of the item
	Time    time.Time    `json:"time"`
	Request string       `json:"request"` // as in the answer's X-Request-Id
}

// Key identifies the entry: the Loan ID, then a slash and a journal's subject or
// a repayment's period.
func (e Entry) Key() string {
	switch e.Kind {
	case KindJournal:
		return e.LoanID + "/" + e.Subject
	case KindRepayment:
		return e.LoanID + "/" + e.Period
	}
	return e.LoanID
}

// A Count is a number of requests to an endpoint, by status of the answer.
type Count struct {
	Endpoint string `json:"endpoint"` // as in [ParseFault], or jwks, or other
	Status   int    `json:"status"`   // 0 for no answer
	N        int    `json:"n"`
}

// Record returns everything accepted since the last reset, in order.
func (s *Store) Record() ([]Entry, error) {
	var entries []Entry
	err := s.eachEvent(func(e *Event) {
		if e.Reset {
			entries = nil
		}
		entries = append(entries, e.toEntries()...)
	})
	return entries, err
}

// Requests counts the API's requests since the last reset, sorted by endpoint
// and status.
func (s *Store) Requests() (counts []Count, err error) {
	err = s.Look(func(st *State) { counts = st.Counts() })
	return counts, err
}

// eachEvent calls f for each event of the log.
func (s *Store) eachEvent(f func(*Event)) error {
	return s.withLock(func() error {
		for line, err := range s.Log.Lines(0) {
			if err != nil {
				return err
			}
			e, err := decodeEvent(line)
			if err != nil {
				return err
			}
			f(e)
		}
		return nil
	})
}

func (e *Event) toEntries() (entries []Entry) {
	entry := Entry{Time: e.Time, Request: e.Request}
	switch {
	case e.Draft != nil:
		entry.Kind, entry.Batch, entry.Digest = KindLoanDraft, e.Draft.UUID, e.Draft.Digest
		entry.LoanID, entry.Amount = e.Draft.Body.LoanID(), e.Draft.Body.Amount()
		entries = append(entries, entry)
	case e.Journals != nil:
		entry.Kind, entry.Batch = KindJournal, e.Journals.ArchiveID
		for _, j := range e.Journals.Journals {
			entry.LoanID, entry.Subject, entry.Digest = j.LoanID, j.Subject, digestOf(j)
			entries = append(entries, entry)
		}
	case e.Repayments != nil:
		entry.Kind, entry.Batch, entry.Period = KindRepayment, e.Repayments.ID(), e.Repayments.Period
		for _, r := range e.Repayments.Rows {
			if !r.Refused {
				entry.LoanID, entry.Amount, entry.Digest = r.LoanID, r.Amount, digestOf(r)
				entries = append(entries, entry)
			}
		}
	}
	return entries
}

// digestOf returns the SHA-256 of v's JSON, in hex.
func digestOf(v any) string {
	data, _ := json.Marshal(v) // strings and amounts: can't fail
	return Digest(data)
}

// Digest returns the SHA-256 of data, in hex.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
