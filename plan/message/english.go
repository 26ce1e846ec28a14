package message

import (
	"strings"

	"kivaform/plan"
	"kivaform/spec/field"
)

// english says everything; its sentences of faults stand where they are found.
var english = &Language{
	Code: "en",
	or:   " or ", digits: strings.NewReplacer(), of: " ", isoInTexts: true,
	months: strings.Fields("January February March April May June July August September October November December"),
	short:  strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
	reasons: map[plan.ReasonCode]string{
		plan.ReasonSentAgain:       "{outcome} on {at}, and sent again on a person's word: a second one, if Kiva still has the first[; Kiva lists the first as {status}]",
		plan.ReasonEdited:          `changed since it was {outcome} on {at}; the API can't update it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`,
		plan.ReasonEditedRow:       `changed since it was sent on {at}; a new upload would not correct it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`,
		plan.ReasonUnanswered:      "sent on {at} by run {run}, and no answer is known: look for it in PA2, then say what you found: kivaform resolve --list[; Kiva now lists a loan with this id ({status}): it arrived]",
		plan.ReasonMaybeInFlight:   "sent on {at} by run {run}, which may still be waiting: plan again in ten minutes, and if no answer is known then, look for it in PA2, then say what you found: kivaform resolve --list[; Kiva now lists a loan with this id ({status}): it arrived]",
		plan.ReasonUnansweredGone:  "{request} was sent on {at} by run {run}, no answer is known, and no file has {items} item of it any more ({names}), or only under another address: look for it in PA2, then say what you found: kivaform resolve --list|{request} was sent on {at} by run {run}, no answer is known, and no file has {items} items of it any more ({names}), or only under another address: look for them in PA2, then say what you found: kivaform resolve --list",
		plan.ReasonAttempted:       "attempted on {at}, {outcome}[: {message}]",
		plan.ReasonRejected:        `rejected by Kiva as it is on {at}[: {message}]. Mend it, or send it all the same: kivaform apply --resend {address}`,
		plan.ReasonListed:          "Kiva lists it already, as {kiva_id} ({status})",
		plan.ReasonLoanUnpublished: "Kiva doesn't list its loan yet: the draft must be published first",
		plan.ReasonLoanUnknown:     "Kiva doesn't list its loan, and no draft is known of it: is internal_loan_id right?",
		plan.ReasonLoanStatus:      "its loan is {status}; journals go to loans that are {takes}",
		plan.ReasonListShort:       "not found among the {read} loans of Kiva's list that came[; Kiva counts {counted}]: it waits until the list is whole",
		plan.ReasonListIncomplete:  "Kiva's list of loans isn't whole: {read} came[, and Kiva counts {counted}]. Drafts that aren't in the ledger wait, as they may be in the part that is missing. Plan again later; if you know that Kiva has none of them: --assume-listed.",
		plan.ReasonNotInSavedPlan:  "possible by now, but not in the saved plan",
		plan.ReasonAlikeID:         `may be {other} ({outcome}): their ids are alike. If it is the same: kivaform moved {other} {address}; if it is another: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonAlikeMember:     `may be {other} ({outcome}): the loan id {loan_id} is in both. If it is the same: kivaform moved {other} {address}; if it is another: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonAlikeContents:   `has the {same} of {other} ({outcome}). If it is the same: kivaform moved {other} {address}; if it is another: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonAlikeListed:     `may be {other}, which Kiva lists[ as {status}]: the loan id {loan_id} is alike. If it is the same: kivaform moved {other} {address}; if it is another: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonAlikeReport:     `half of the rows to send or more are in {other} ({outcome}), with the same amounts. If it is the same report, correct its period; if it is another: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonAlikeInFiles:    `may be {other}, which isn't sent either: the loan id {loan_id} is alike to one of its. Keep one of them; if both are right: kivaform ack {address} --distinct --reason "..."`,
		plan.ReasonPeriodNotBegun:  "the period {period} has not begun (today is {today})",
		plan.ReasonPeriodOver:      "{period} is the period being reported: PA2 takes uploads into its current period only",
		plan.ReasonNotListed:       "Kiva doesn't list this loan as payingBack or defaulted",
		plan.ReasonBorrowerOfGroup: "Kiva doesn't list this loan as payingBack or defaulted: this is a borrower's id in a group; report the group's loan, {loan_id}, in one row",
		plan.ReasonZerosLost:       "Kiva doesn't list this loan as payingBack or defaulted, but {loan_id} is known: a spreadsheet has probably dropped the zeros; format the column as text and export it again",
		plan.ReasonNotRepaying:     "the loan is {status}; repayments are for loans that are payingBack or defaulted",
		plan.ReasonStatus:          "the loan is {status}",
		plan.ReasonOtherClient:     "the client id is {client_id} here and {kiva_client_id} at Kiva",
		plan.ReasonAbovePrice:      "{amount} is above the loan's[ {currency}] {price}",
		plan.ReasonNothingOwed:     "zero: nothing is owed any more",
		plan.ReasonNothingRepaid:   "zero: nothing was repaid",
		plan.ReasonSharedContents:  `{address} has the same {same} as {other}, a draft of another client: is it the right one?`,
		plan.ReasonListedTwice:     "Kiva lists more than one loan with the id {loan_id}; the one that is alive, or the latest, counts here",
		plan.ReasonLedgerEmpty:     "The ledger is empty, and Kiva lists {loans} loan of this partner. Find the ledger that was used first; apply refuses until it is back, or the loan is recorded (kivaform adopt).|The ledger is empty, and Kiva lists {loans} loans of this partner. Find the ledger that was used first; apply refuses until it is back, or they are recorded (kivaform adopt).",
		plan.ReasonNoWorkspace:     "There is no workspace here, so only what the saved plan holds is shown; choose the workspace with -C.",
		plan.ReasonFilesChanged:    "The files of {items} item have changed since the plan was saved; of these only what it holds is shown.|The files of {items} items have changed since the plan was saved; of these only what it holds is shown.",
		plan.ReasonExpired:         "This can't be applied any more: it was valid until {at}. Plan again.",
		plan.ReasonUsed:            "This can't be applied again: {message}. Plan again.",
		plan.ReasonStated:          "{text}",
	},
	outcomes: map[plan.Outcome]string{
		plan.OutcomeAccepted:     "sent",
		plan.OutcomeAdopted:      "adopted",
		plan.OutcomeRejected:     "rejected",
		plan.OutcomeNotSent:      "not sent",
		plan.OutcomeUnknown:      "unknown",
		plan.OutcomeExists:       "sent",
		plan.OutcomeAbsent:       "not at Kiva, as a person found",
		plan.OutcomeAcknowledged: "acknowledged",
		plan.OutcomeMoved:        "moved",
		plan.OutcomeApproved:     "approved by a person",
	},
	contents: map[string]string{"client": "client", "terms": "amount and date", "story": "story", "photo": "photo", "text": "text"},
	fields:   field.Labels(),
	nth: map[string]string{
		"entreps":      "%s, borrower %s",
		"not_pictured": "%s, borrower %s",
		"schedule":     "%s, instalment %s",
	},
}
