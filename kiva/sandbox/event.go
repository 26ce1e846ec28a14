package sandbox

import (
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// An event is one line of the log: one request to the API with what it
// changed, or one step of a person in PA2. As it is one line, it is kept as a
// whole or not at all.
type event struct {
	Time     time.Time `json:"time"`
	Endpoint string    `json:"endpoint,omitempty"` // of the API; empty for PA2
	Status   int       `json:"status,omitempty"`   // of the answer; 0 where there was none
	Request  string    `json:"request,omitempty"`  // the request's id

	Reset      bool             `json:"reset,omitempty"` // everything before is forgotten
	Draft      *draftEvent      `json:"draft,omitempty"`
	Journals   *journalsEvent   `json:"journals,omitempty"`
	Repayments *repaymentsEvent `json:"repayments,omitempty"`
	Listed     *listedEvent     `json:"listed,omitempty"`
	Moved      *movedEvent      `json:"moved,omitempty"`
	Confirmed  string           `json:"confirmed,omitempty"` // an archive's id
	Finalised  string           `json:"finalised,omitempty"` // a period
}

// A draftEvent is a loan draft that was taken.
type draftEvent struct {
	UUID   string    `json:"uuid"`
	Digest string    `json:"digest"` // of the request's body
	Photo  *photo    `json:"photo,omitempty"`
	Body   draftBody `json:"body"` // without the photo
}

// A journalsEvent is an archive of journals that was taken.
type journalsEvent struct {
	ArchiveID string        `json:"archive_id"`
	Journals  []journalBody `json:"journals"`
}

// A repaymentsEvent is an upload of repayments that was taken.
type repaymentsEvent struct {
	UploadID int64     `json:"upload_id"`
	Period   string    `json:"period"` // YYYY-MM
	Rows     []row     `json:"rows"`
	Problems []problem `json:"problems"`
}

// A row is one repayment of an upload. A refused one has a problem of severity
// error.
type row struct {
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
