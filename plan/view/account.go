package view

import (
	"time"

	"kivaform/plan"
)

// An Account is the result of a run of apply. It has the version of the data that
// views have, [FormatVersion].
type Account struct {
	Run      string         `json:"run"`      // names the run in the ledger
	Counts   map[string]int `json:"counts"`   // of items, by outcome; those with none are left out
	Failures []Entry        `json:"failures"` // items that were neither sent nor adopted, in the order of the files
	Remarks  []Entry        `json:"remarks"`  // of Kiva about rows that it took
	Receipts []Receipt      `json:"receipts"` // of accepted requests
	// Unanswered requests are those that a person must look for in PA2.
	Unanswered []Unanswered `json:"unanswered"`
	Stop       *Stop        `json:"stop,omitempty"`
	Todo       []Task       `json:"todo"`     // work that is left in PA2
	Personal   bool         `json:"personal"` // the addresses by which journals are confirmed are shown
}

// An Entry is one item of an account.
type Entry struct {
	Address plan.Address `json:"address"`
	Place   Place        `json:"place"`
	Outcome string       `json:"outcome"` // sent, adopted, rejected, unknown, not-sent, not-attempted or taken
	Message string       `json:"message,omitempty"`
}

// A Receipt is an accepted request, with the ids of Kiva's answer.
type Receipt struct {
	Address plan.Address `json:"address"` // the draft's, the report's, or that of a batch of journals: journals/2
	Request plan.Address `json:"request"` // the draft's, or the batch's: also repayments/2026-11/3
	Kind    string       `json:"kind"`    // loan_draft, journal or repayment
	Items   int          `json:"items"`   // that Kiva took
	Parts   []Given      `json:"parts"`   // Kiva may answer in several
}

// A Given is one of Kiva's receipts.
type Given struct {
	DraftUUID  string `json:"loan_draft_uuid,omitempty"`
	ArchiveID  string `json:"archive_id,omitempty"`
	UploadID   string `json:"upload_id,omitempty"`
	ConfirmURL string `json:"confirm_url,omitempty"` // anyone who has it can publish; else the mask
}

// An Unanswered request may be at Kiva or not. A person looks in PA2, and then
// records the finding with one of its commands.
type Unanswered struct {
	Request string         `json:"request"` // a draft's address, or a batch's
	Items   []plan.Address `json:"items"`
	Exists  string         `json:"exists"` // the command where Kiva has it
	Absent  string         `json:"absent"` // the command where Kiva doesn't have it
}

// A Stop says why a run started nothing more.
type Stop struct {
	Reason  string `json:"reason"` // unknown, unreachable, busy, unauthorised, ledger, interrupted or deadline
	Message string `json:"message"`
}

// A Task is something that people must do in PA2, and the one form of it: of
// an account, and of the list of all that is left.
type Task struct {
	Kind    string       `json:"kind"`              // see [TaskKinds]
	Address plan.Address `json:"address,omitempty"` // of the item, the batch or the report; none where a task is about all drafts of a run
	Items   int          `json:"items"`             // drafts, journals or rows
	// URL is the address by which journals are confirmed, where it may be shown.
	URL        string     `json:"url,omitempty"`
	Since      *time.Time `json:"since,omitempty"`
	What       string     `json:"what"`                  // in a few words
	ConfirmURL string     `json:"confirm_url,omitempty"` // as of a Given

	// NoReceipt says that Kiva's answer is lost, and that What says how to find
	// in PA2 what a person found there before.
	NoReceipt bool `json:"-"`
}

// The kinds of tasks.
const (
	TaskResolve  = "resolve"  // find out whether Kiva has it
	TaskCorrect  = "correct"  // it was changed after it was sent
	TaskPublish  = "publish"  // complete and publish loan drafts
	TaskConfirm  = "confirm"  // read and publish journals
	TaskFinalise = "finalise" // finalise a report
)

// TaskKinds lists the kinds in the order in which they are listed.
var TaskKinds = []string{TaskResolve, TaskCorrect, TaskPublish, TaskConfirm, TaskFinalise}

// Masked returns the task as it may be told: the address by which journals are
// confirmed only if personal values are shown.
func (t Task) Masked(personal bool) Task {
	t.ConfirmURL = MaskSecret(t.ConfirmURL, personal)
	if t.URL = ""; personal {
		t.URL = t.ConfirmURL
	}
	return t
}
