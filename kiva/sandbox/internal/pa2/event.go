package pa2

import (
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// An Event is one line of the log: a request to the API with its change, or a
// step of a person in PA2. A line is written whole or not at all.
type Event struct {
	Time     time.Time `json:"time"`
	Endpoint string    `json:"endpoint,omitempty"` // of the API; empty for PA2
	Status   int       `json:"status,omitempty"`   // of the answer; 0 for none
	Request  string    `json:"request,omitempty"`  // the request's id

	Reset      bool             `json:"reset,omitempty"` // forgets everything before
	Draft      *DraftEvent      `json:"draft,omitempty"`
	Journals   *JournalsEvent   `json:"journals,omitempty"`
	Repayments *RepaymentsEvent `json:"repayments,omitempty"`
	Listed     *listedEvent     `json:"listed,omitempty"`
	Moved      *movedEvent      `json:"moved,omitempty"`
	Confirmed  string           `json:"confirmed,omitempty"` // an archive's id
	Finalised  string           `json:"finalised,omitempty"` // a period
}

// A DraftEvent is an accepted loan draft.
type DraftEvent struct {
	UUID   string    `json:"uuid"`
	Digest string    `json:"digest"` // of the request's body
	Photo  *Photo    `json:"photo,omitempty"`
	Body   DraftBody `json:"body"` // without the photo
}

// A JournalsEvent is an accepted archive of journals.
type JournalsEvent struct {
	ArchiveID string        `json:"archive_id"`
	Journals  []JournalBody `json:"journals"`
}

// A RepaymentsEvent is an accepted upload of repayments.
type RepaymentsEvent struct {
	UploadID int64     `json:"upload_id"`
	Period   string    `json:"period"` // YYYY-MM
	Rows     []Row     `json:"rows"`
	Problems []Problem `json:"problems"`
}

// A Row is one repayment of an upload. A rejected one has a problem of severity
// error.
type Row struct {
	LoanID   string       `json:"loan_id"`
	ClientID string       `json:"client_id,omitempty"`
	Amount   money.Amount `json:"amount"`
	Refused  bool         `json:"refused,omitempty"`
}

// A listedEvent is a loan that Kiva lists from now on: a draft published by a
// person, or a loan published without the API.
type listedEvent struct {
	Draft string    `json:"draft,omitempty"` // its uuid
	Loan  kiva.Loan `json:"loan"`
}

// A movedEvent changes the status of loans.
type movedEvent struct {
	Status kiva.Status `json:"status"`
	Loans  []string    `json:"loans"` // their Loan IDs
}
