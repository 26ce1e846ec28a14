package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"kivaform/kiva/money"
)

// The kinds of an [keptEntry].
const (
	keptKindLoanDraft = "loan_draft"
	keptKindJournal   = "journal"
	keptKindRepayment = "repayment"
)

// An keptEntry is one thing that the sandbox accepted: a loan draft, a journal, or
// a row of a repayment upload. A thing that was sent twice has two entries.
type keptEntry struct {
	Kind    string       `json:"kind"`
	LoanID  string       `json:"loan_id"`           // the partner's
	Subject string       `json:"subject,omitempty"` // of a journal
	Period  string       `json:"period,omitempty"`  // of a repayment, YYYY-MM
	Amount  money.Amount `json:"amount"`            // of a repayment or a draft, local currency
	Batch   string       `json:"batch"`             // the draft's uuid, the archive's id, the upload's id
	Digest  string       `json:"digest"`            // SHA-256 in hex: of a draft's body as received, else of the item
	Time    time.Time    `json:"time"`
	Request string       `json:"request"` // as X-Request-Id of the answer
}

// Key names what was accepted: the Loan ID, with a journal's subject or a
// repayment's period after a slash.
func (e keptEntry) Key() string {
	switch e.Kind {
	case keptKindJournal:
		return e.LoanID + "/" + e.Subject
	case keptKindRepayment:
		return e.LoanID + "/" + e.Period
	}
	return e.LoanID
}

// A keptCount is how many requests an endpoint of the API got, by the status of
// the answer.
type keptCount struct {
	Endpoint string `json:"endpoint"` // as in [ParseFault], or jwks, or other
	Status   int    `json:"status"`   // 0 where there was no answer
	N        int    `json:"n"`
}

// Record returns everything that was accepted since the last reset, in order.
func (s *store) Record() ([]keptEntry, error) {
	var entries []keptEntry
	err := s.events(func(e *event) {
		if e.Reset {
			entries = nil
		}
		entries = append(entries, e.entries()...)
	})
	return entries, err
}

// Requests returns how many requests the API got since the last reset, sorted
// by endpoint and status.
func (s *store) Requests() (counts []keptCount, err error) {
	err = s.look(func(st *state) { counts = st.counts() })
	return counts, err
}

// events calls f for each event of the log.
func (s *store) events(f func(*event)) error {
	return s.alone(func() error {
		for line, err := range s.log.Lines(0) {
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

func (e *event) entries() (entries []keptEntry) {
	entry := keptEntry{Time: e.Time, Request: e.Request}
	switch {
	case e.Draft != nil:
		entry.Kind, entry.Batch, entry.Digest = keptKindLoanDraft, e.Draft.UUID, e.Draft.Digest
		entry.LoanID, entry.Amount = e.Draft.Body.loanID(), e.Draft.Body.amount()
		entries = append(entries, entry)
	case e.Journals != nil:
		entry.Kind, entry.Batch = keptKindJournal, e.Journals.ArchiveID
		for _, j := range e.Journals.Journals {
			entry.LoanID, entry.Subject, entry.Digest = j.LoanID, j.Subject, digestOf(j)
			entries = append(entries, entry)
		}
	case e.Repayments != nil:
		entry.Kind, entry.Batch, entry.Period = keptKindRepayment, e.Repayments.ID(), e.Repayments.Period
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
	data, _ := json.Marshal(v) // of strings and amounts: can't fail
	return digest(data)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
