package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
)

// Address names an item or a stream of attempts.
type Address = plan.Address

const version = 1

// An Intent is what is about to be sent, in one request. It is stored before
// the first byte leaves.
type Intent struct {
	Version     int     `json:"version"`
	Object      string  `json:"object"` // "intent"
	Environment string  `json:"environment"`
	PartnerID   string  `json:"partner_id"`
	Stream      Address `json:"stream"` // the draft's address, or the batch's
	Attempt     int     `json:"attempt"`
	// MergedFrom is the attempt's number in the copy of the ledger that it was
	// merged from; 0 where it was begun here.
	MergedFrom int `json:"merged_from,omitempty"`
	// Recorded is the outcome of an attempt that sends nothing: something was
	// adopted, acknowledged or approved.
	Recorded plan.Outcome `json:"recorded,omitempty"`
	Reason   string       `json:"reason,omitempty"` // of a person who asked for it
	At       time.Time    `json:"at"`
	Run      string       `json:"run"`
	Program  string       `json:"program,omitempty"` // kivaform's version
	Commit   string       `json:"commit,omitempty"`  // of the workspace
	Items    []Item       `json:"items,omitempty"`   // drafts and journals
	Rows     []Row        `json:"rows,omitempty"`    // repayments
}

// An Item is a loan draft or a journal in an intent.
type Item struct {
	Address     Address           `json:"address"`
	After       int               `json:"after,omitempty"` // the attempt that the plan saw last; 0 where it saw none
	Again       bool              `json:"again,omitempty"` // a person asked for it although the last attempt may stand
	Fingerprint string            `json:"fingerprint"`
	Source      string            `json:"source,omitempty"`  // file:line
	Values      map[string]string `json:"values,omitempty"`  // of fields that aren't personal
	Digests     map[string]string `json:"digests,omitempty"` // of personal fields
}

// A Row is one row of a repayment report in an intent.
type Row struct {
	LoanID   string       `json:"loan_id"`
	ClientID string       `json:"client_id,omitempty"`
	Amount   money.Amount `json:"amount"`
	After    int          `json:"after,omitempty"` // the attempt that the plan saw last for this row
	Again    bool         `json:"again,omitempty"` // corrects what was accepted before
	Source   string       `json:"source,omitempty"`
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
}

// A Receipt is what Kiva gave for an accepted request.
type Receipt struct {
	DraftUUID  string `json:"loan_draft_uuid,omitempty"`
	ArchiveID  string `json:"archive_id,omitempty"`
	ConfirmURL string `json:"confirm_url,omitempty"`
	UploadID   string `json:"upload_id,omitempty"`
	KivaID     string `json:"kiva_id,omitempty"` // of an adopted loan
}

// A Problem is what Kiva said about one row of an accepted upload.
type Problem struct {
	LoanID   string `json:"loan_id"`
	Code     string `json:"code,omitempty"`
	Details  string `json:"details,omitempty"`
	Severity string `json:"severity,omitempty"`
}

// Rejects reports whether the problem means that Kiva didn't take the row.
func (p Problem) Rejects() bool { return p.Severity == "error" }

// A Resolution is a person's word on an attempt of which nobody knows how it
// ended.
type Resolution struct {
	Version  int          `json:"version"`
	Object   string       `json:"object"` // "resolution"
	Stream   Address      `json:"stream"`
	Attempt  int          `json:"attempt"`
	Decision plan.Outcome `json:"decision"` // OutcomeExists or OutcomeAbsent
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

// An Attempt is one attempt with all that the ledger holds of it.
type Attempt struct {
	Intent Intent
	Result *Result // nil where no outcome was recorded
	// Resolution is what a person decided, nil where nobody did. What Kiva
	// answered counts more, should it be recorded later.
	Resolution *Resolution
	Done       bool // people have finished it in PA2, as one of them said
}

// Outcome returns how the attempt ended.
func (a *Attempt) Outcome() plan.Outcome {
	switch {
	case a.Intent.Recorded != "":
		return a.Intent.Recorded
	case a.Result != nil && a.Result.Outcome.MayRepeat() && a.Resolution != nil && a.Resolution.Decision == plan.OutcomeExists:
		return plan.OutcomeExists // a person has seen it at Kiva, however it came there
	case a.Result != nil && a.Result.Outcome != plan.OutcomeUnknown:
		return a.Result.Outcome
	case a.Resolution != nil:
		return a.Resolution.Decision
	}
	return plan.OutcomeUnknown
}

// Address names the attempt for people and programs: a draft by its own address,
// a batch by its number: journals/2, repayments/2026-11/3.
func (a *Attempt) Address() Address {
	if a.Intent.Stream.Kind() == draftKind {
		return a.Intent.Stream
	}
	return a.Numbered()
}

// Numbered returns the address with the attempt's number, also of a draft:
// loan_draft/L-1042/2.
func (a *Attempt) Numbered() Address {
	return Address(fmt.Sprintf("%s/%d", a.Intent.Stream, a.Intent.Attempt))
}

// Concerns reports whether an attempt has to do with an address: its stream,
// itself, or one of its items.
func (a *Attempt) Concerns(address Address) bool {
	in := a.Intent
	if address == in.Stream || address == a.Numbered() {
		return true
	}
	for _, item := range in.Items {
		if address == item.Address {
			return true
		}
	}
	for _, row := range in.Rows {
		if address == plan.RowAddress(periodOf(in.Stream), row.LoanID) {
			return true
		}
	}
	return false
}

// Yields reports whether an attempt leaves what was known of one of its items
// before ("" where nothing was), though it is the later one. What another copy of the ledger tried and
// may try again doesn't make anything look unsent that was sent here, or may have
// been; and what a person approved there, nobody approved here.
func (a *Attempt) Yields(now, before plan.Outcome) bool {
	if a.Intent.MergedFrom == 0 {
		return false
	}
	return now == plan.OutcomeApproved || now.MayRepeat() && before != "" && !before.MayRepeat()
}

func encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("ledger: encode: %w", err)
	}
	return append(data, '\n'), nil
}

func decode(key string, data []byte, into any, object string, seen *string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return broken(key, data, err)
	}
	if *seen != object {
		return fmt.Errorf("ledger: %s is %q, not an %s", key, *seen, object)
	}
	return nil
}
