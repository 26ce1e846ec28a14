package plan

import (
	"time"

	"kivaform/kiva"
	"kivaform/spec"
)

// A Reason says why an item has its action, or tells a person a fact about
// a plan. It is data: package message words it.
type Reason struct {
	Code ReasonCode `json:"code"`
	Args spec.Args  `json:"args,omitempty"`
}

// A ReasonCode names a kind of reason. Its text is stable over releases.
type ReasonCode string

// The reasons of loan drafts and journals, with their arguments; those in
// brackets may be absent.
const (
	ReasonSentAgain       ReasonCode = "sent-again"        // outcome, [at], [status]: a person asked for it
	ReasonEdited          ReasonCode = "edited"            // outcome, at
	ReasonUnanswered      ReasonCode = "unanswered"        // at, run, [status]: of the loan that Kiva lists by now
	ReasonMaybeInFlight   ReasonCode = "maybe-in-flight"   // at, run, [status]: its run may still wait for the answer
	ReasonUnansweredGone  ReasonCode = "unanswered-gone"   // request, at, run, items: how many, names: the first of them. The files no longer have them
	ReasonAttempted       ReasonCode = "attempted"         // at, outcome, [message]: Kiva's
	ReasonRejected        ReasonCode = "rejected"          // address, at, [message]: Kiva's; nothing has changed since
	ReasonListed          ReasonCode = "listed"            // [kiva_id], [status]
	ReasonLoanUnpublished ReasonCode = "loan-unpublished"  // a journal's: Kiva doesn't list its loan yet
	ReasonLoanUnknown     ReasonCode = "loan-unknown"      // a journal's: and no draft of it is known
	ReasonLoanStatus      ReasonCode = "loan-status"       // [status], takes: the statuses that take journals
	ReasonListShort       ReasonCode = "list-short"        // read, [counted]: its loan may be in the part of Kiva's list that didn't come
	ReasonNotInSavedPlan  ReasonCode = "not-in-saved-plan" // it became possible after the plan was saved
)

// The reasons of what may be at Kiva under another id, with the address of the
// item and that of the other. Outcome is the other's.
const (
	ReasonAlikeID       ReasonCode = "alike-id"       // address, other, outcome
	ReasonAlikeMember   ReasonCode = "alike-member"   // address, other, loan_id, outcome: a loan id stands in both
	ReasonAlikeContents ReasonCode = "alike-contents" // address, other, same, outcome: client, terms, story, photo, or a journal's text
	ReasonAlikeListed   ReasonCode = "alike-listed"   // address, other, loan_id, [status]: Kiva's
	ReasonAlikeReport   ReasonCode = "alike-report"   // address, other, outcome: of two reports, half of whose rows say the same
	ReasonAlikeInFiles  ReasonCode = "alike-in-files" // address, other, loan_id: neither was sent
)

// The reasons of rows of repayment reports. Those of attempts are the items'.
const (
	ReasonEditedRow       ReasonCode = "edited-row"        // at: a new upload would not correct it
	ReasonPeriodNotBegun  ReasonCode = "period-not-begun"  // period, today
	ReasonPeriodOver      ReasonCode = "period-over"       // period: the one that is being reported
	ReasonFinalised       ReasonCode = "finalised"         // period: of the row
	ReasonEditedFinal     ReasonCode = "edited-finalised"  // at, period: of the row
	ReasonNotListed       ReasonCode = "not-listed"        // its loan isn't listed as one that takes repayments
	ReasonBorrowerOfGroup ReasonCode = "borrower-of-group" // loan_id: the group's
	ReasonZerosLost       ReasonCode = "zeros-lost"        // loan_id: the one that is probably meant
	ReasonNotRepaying     ReasonCode = "not-repaying"      // [status]
)

// Oddities of a row that is sent all the same.
const (
	ReasonStatus        ReasonCode = "status"         // [status]: the loan can't take a repayment
	ReasonOtherClient   ReasonCode = "other-client"   // client_id, kiva_client_id
	ReasonAbovePrice    ReasonCode = "above-price"    // amount, currency, price
	ReasonNothingOwed   ReasonCode = "nothing-owed"   // zero, of outstanding principal
	ReasonNothingRepaid ReasonCode = "nothing-repaid" // zero, of repaid principal
)

// Notes on a plan for a person.
const (
	ReasonListIncomplete ReasonCode = "list-incomplete" // read, [counted]
	ReasonSharedContents ReasonCode = "shared-contents" // address, other, same: story or photo
	ReasonListedTwice    ReasonCode = "listed-twice"    // loan_id
	ReasonLedgerEmpty    ReasonCode = "ledger-empty"    // loans: how many Kiva lists
	ReasonNoWorkspace    ReasonCode = "no-workspace"    // only the saved plan's own fields are shown
	ReasonFilesChanged   ReasonCode = "files-changed"   // items: how many have changed since the plan was saved
	ReasonExpired        ReasonCode = "expired"         // at: until when the saved plan could be applied
	ReasonUsed           ReasonCode = "used"            // message: who used the saved plan, and when
)

// ReasonStated is a sentence that isn't known as data: that of a plan which an
// earlier version saved.
const ReasonStated ReasonCode = "stated" // text

// ReasonCodes lists every code.
var ReasonCodes = []ReasonCode{
	ReasonSentAgain, ReasonEdited, ReasonUnanswered, ReasonMaybeInFlight, ReasonUnansweredGone, ReasonAttempted, ReasonRejected, ReasonListed,
	ReasonLoanUnpublished, ReasonLoanUnknown, ReasonLoanStatus, ReasonListShort, ReasonNotInSavedPlan,
	ReasonAlikeID, ReasonAlikeMember, ReasonAlikeContents, ReasonAlikeListed, ReasonAlikeReport, ReasonAlikeInFiles,
	ReasonEditedRow, ReasonPeriodNotBegun, ReasonPeriodOver, ReasonFinalised, ReasonEditedFinal, ReasonNotListed, ReasonBorrowerOfGroup, ReasonZerosLost, ReasonNotRepaying,
	ReasonStatus, ReasonOtherClient, ReasonAbovePrice, ReasonNothingOwed, ReasonNothingRepaid,
	ReasonListIncomplete, ReasonSharedContents, ReasonListedTwice, ReasonLedgerEmpty, ReasonNoWorkspace, ReasonFilesChanged, ReasonExpired, ReasonUsed,
	ReasonStated,
}

// NewReason returns a reason with arguments, given as name and value in turn.
// Those without a value are left out.
func NewReason(code ReasonCode, args ...string) Reason {
	return Reason{Code: code, Args: spec.NewArgs(args...)}
}

// Stated returns the reason that a sentence gives; zero for an empty one.
func Stated(sentence string) Reason {
	if sentence == "" {
		return Reason{}
	}
	return NewReason(ReasonStated, "text", sentence)
}

// IsZero reports whether there is no reason.
func (r Reason) IsZero() bool { return r.Code == "" }

// with returns the reason with one more argument.
func (r Reason) with(name, value string) Reason {
	return Reason{Code: r.Code, Args: r.Args.With(name, value)}
}

// whyUnanswered is the reason of an attempt without a known answer.
func whyUnanswered(last *Attempt) Reason {
	code := ReasonUnanswered
	if last.Open {
		code = ReasonMaybeInFlight
	}
	return NewReason(code, "at", moment(last.At), "run", last.Run)
}

// whyAttempted is the reason of an item whose last attempt is known to have
// failed.
func whyAttempted(o Outcome, at time.Time, message string) Reason {
	return NewReason(ReasonAttempted, "at", moment(at), "outcome", string(o), "message", message)
}

// whyRejected is the reason of an item that Kiva rejected for its contents, which
// are the same.
func whyRejected(a spec.Address, r *Rejection) Reason {
	return NewReason(ReasonRejected, "address", string(a), "at", moment(r.At), "message", r.Message)
}

// whyStatus is a reason that names the status of a loan.
func whyStatus(code ReasonCode, status kiva.Status) Reason {
	return NewReason(code, "status", string(status))
}

// whySentAgain is the reason of an item that a person wants to be sent again; at is
// zero where the ledger's keys alone are known.
func whySentAgain(o Outcome, at time.Time) Reason {
	why := NewReason(ReasonSentAgain, "outcome", string(o))
	if !at.IsZero() {
		why = why.with("at", moment(at))
	}
	return why
}

// moment writes a point in time as an argument: RFC 3339, in seconds of UTC.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
