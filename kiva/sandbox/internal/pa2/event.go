package pa2

import (
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// An Event is one line of the log: one request to the API with its
// change, or one step of a person in PA2. As it is one line, it is kept as a
// whole or not at all.
type Event struct {
	Time     time.Time `json:"time"`
	Endpoint string    `json:"endpoint,omitempty"` // of the API; empty for PA2
	Status   int       `json:"status,omitempty"`   // of the answer; 0 where there was none
	Request  string    `json:"request,omitempty"`  // the request's id

	Reset      bool             `json:"reset,omitempty"` // everything before is forgotten
	Draft      *DraftEvent      `json:"draft,omitempty"`
	Journals   *JournalsEvent   `json:"journals,omitempty"`
	Repayments *RepaymentsEvent `json:"repayments,omitempty"`
	Listed     *listedEvent     `json:"listed,omitempty"`
	Moved      *movedEvent      `json:"moved,omitempty"`
	Confirmed  string           `json:"confirmed,omitempty"` // an archive's id
	Finalised  string           `json:"finalised,omitempty"` // a period
}

// A DraftEvent is a loan draft that was taken.
type DraftEvent struct {
	UUID   string    `json:"uuid"`
	Digest string    `json:"digest"` // of the request's body
	Photo  *Photo    `json:"photo,omitempty"`
	Body   DraftBody `json:"body"` // without the photo
}

// A JournalsEvent is an archive of journals that was taken.
type JournalsEvent struct {
	ArchiveID string        `json:"archive_id"`
	Journals  []JournalBody `json:"journals"`
}

// A RepaymentsEvent is an upload of repayments that was taken.
type RepaymentsEvent struct {
	UploadID int64     `json:"upload_id"`
	Period   string    `json:"period"` // YYYY-MM
	Rows     []Row     `json:"rows"`
	Problems []Problem `json:"problems"`
}

// A Row is one repayment of an upload. A refused one has a problem of severity
// error.
type Row struct {
	LoanID   string       `json:"loan_id"`
	ClientID string       `json:"client_id,omitempty"`
	Amount   money.Amount `json:"amount"`
	Refused  bool         `json:"refused,omitempty"`
}

// A listedEvent is a loan that Kiva lists from now on: a draft that a person
// published, or one that was published without the API.
type listedEvent struct {
	Draft string    `json:"draft,omitempty"` // its uuid
	Loan  kiva.Loan `json:"loan"`
}

// A movedEvent is a change of the status of loans.
type movedEvent struct {
	Status kiva.Status `json:"status"`
	Loans  []string    `json:"loans"` // their Loan IDs
}
