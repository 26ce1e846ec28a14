package history

import (
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
)

// Address names an item or a stream of attempts.
type Address = plan.Address

// An Intent is what is about to be sent, in one request. It is stored before
// the first byte leaves.
type Intent struct {
	Version     int     `json:"version"`
	Object      string  `json:"object"` // "intent"
	Environment string  `json:"environment"`
	PartnerID   string  `json:"partner_id"`
	Stream      Address `json:"stream"`  // whose attempts are numbered together: a draft's, a report's, or those of all journals
	Attempt     int     `json:"attempt"` // the number
	// MergedFrom is the attempt's number in the copy of the ledger that it was
	// merged from; 0 where it was begun here.
	MergedFrom int `json:"merged_from,omitempty"`
	// Recorded is the outcome of an attempt that sends nothing: something was
	// adopted, acknowledged or approved.
	Recorded plan.Outcome `json:"recorded,omitempty"`
	Reason   string       `json:"reason,omitempty"` // of a person who asked for it
	// MovedFrom is that of the item or row, where there is only one.
	MovedFrom Address   `json:"moved_from,omitempty"`
	At        time.Time `json:"at"`
	Run       string    `json:"run"`
	Program   string    `json:"program,omitempty"` // kivaform's version
	Commit    string    `json:"commit,omitempty"`  // of the workspace
	API       string    `json:"api_url,omitempty"` // where it goes
	Saw       *Extent   `json:"ledger,omitempty"`  // how far the ledger was when the run began
	Items     []Item    `json:"items,omitempty"`   // drafts and journals
	Rows      []Row     `json:"rows,omitempty"`    // repayments
}

// An Extent says how far a ledger was.
type Extent = plan.Extent

// An Item is a loan draft or a journal in an intent.
type Item struct {
	Address     Address           `json:"address"`
	After       int               `json:"after,omitempty"` // the attempt that the plan saw last; 0 where it saw none
	Again       bool              `json:"again,omitempty"` // a person asked for it although the last attempt may stand
	Fingerprint string            `json:"fingerprint"`
	Contents    string            `json:"contents,omitempty"` // digests by which it is known under another id; earlier ledgers don't have them
	Source      string            `json:"source,omitempty"`   // file:line
	Values      map[string]string `json:"values,omitempty"`   // of fields that aren't personal
	Digests     map[string]string `json:"digests,omitempty"`  // of personal fields
	// MovedFrom is the address under which Kiva has it, of an item that is the same
	// thing as another, as a person said.
	MovedFrom Address `json:"moved_from,omitempty"`
}

// A Row is one row of a repayment report in an intent.
type Row struct {
	LoanID   string       `json:"loan_id"`
	ClientID string       `json:"client_id,omitempty"`
	Amount   money.Amount `json:"amount"`
	After    int          `json:"after,omitempty"` // the attempt that the plan saw last for this row
	Again    bool         `json:"again,omitempty"` // corrects what was accepted before
	// MovedFrom is the address under which Kiva has it, as of an [Item].
	MovedFrom Address `json:"moved_from,omitempty"`
	Source    string  `json:"source,omitempty"`
}

// A Result is how an attempt ended. Its Outcome is never OutcomeUnknown by
// silence: an attempt without a Result is unknown.
type Result struct {
	Version   int          `json:"version"`
	Object    string       `json:"object"` // "outcome"
	Stream    Address      `json:"stream"`
	Attempt   int          `json:"attempt"`
	Outcome   plan.Outcome `json:"outcome"`
	At        time.Time    `json:"at"`
	Status    int          `json:"status,omitempty"` // HTTP
	Code      string       `json:"code,omitempty"`
	Message   string       `json:"message,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
	Receipts  []Receipt    `json:"receipts,omitempty"`
	Problems  []Problem    `json:"problems,omitempty"`
	Exchanges []Exchange   `json:"exchanges,omitempty"` // all of the attempt, in order
}

// An Exchange is one request on the wire, and the answer to it. An attempt has
// several where Kiva throttled it or refused its token.
type Exchange struct {
	At         time.Time `json:"at"`                    // when it began
	Status     int       `json:"status,omitempty"`      // HTTP; absent where no answer came
	RetryAfter int       `json:"retry_after,omitempty"` // seconds, as the answer asked
	RequestID  string    `json:"request_id,omitempty"`  // as the answer named it
}

// A Receipt is what Kiva gave for an accepted request.
type Receipt struct {
	DraftUUID  string `json:"loan_draft_uuid,omitempty"`
	ArchiveID  string `json:"archive_id,omitempty"`
	ConfirmURL string `json:"confirm_url,omitempty"`
	UploadID   string `json:"upload_id,omitempty"`
	KivaID     string `json:"kiva_id,omitempty"` // of an adopted loan
}

// A Problem is what Kiva said about one row of an accepted upload. One that
// couldn't be read has no more than its text in Details.
type Problem struct {
	LoanID   string `json:"loan_id"`
	Code     string `json:"code,omitempty"`
	Details  string `json:"details,omitempty"`
	Severity string `json:"severity,omitempty"`
}

// A Resolution is a person's word on an attempt, or on items of it, of which no
// answer is known. A later one corrects it.
type Resolution struct {
	Version  int          `json:"version"`
	Object   string       `json:"object"` // "resolution"
	Stream   Address      `json:"stream"`
	Attempt  int          `json:"attempt"`
	Items    []Address    `json:"items,omitempty"` // the rows or journals that it is about; absent for all of the attempt
	Decision plan.Outcome `json:"decision"`        // OutcomeExists or OutcomeAbsent
	RemoteID string       `json:"remote_id,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	At       time.Time    `json:"at"`
	Run      string       `json:"run"`
}

// A Done says that people have finished in PA2 what an attempt left to them.
type Done struct {
	Version int       `json:"version"`
	Object  string    `json:"object"` // "done"
	Stream  Address   `json:"stream"`
	Attempt int       `json:"attempt"`
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
}
