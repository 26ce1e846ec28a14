package apply

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/spec"
)

// An Outcome is what became of an item in a run.
type Outcome string

// The outcomes.
const (
	Sent         Outcome = "sent"          // Kiva accepted it
	Adopted      Outcome = "adopted"       // recorded: Kiva had it
	Rejected     Outcome = "rejected"      // Kiva looked at it and refused it
	Unknown      Outcome = "unknown"       // sent, and nobody knows
	NotSent      Outcome = "not sent"      // no byte left, or Kiva asked to come back later
	NotAttempted Outcome = "not attempted" // not begun
	Taken        Outcome = "taken"         // another run has it
)

// outcomes lists them in the order of an account.
var outcomes = []Outcome{Sent, Adopted, Rejected, Unknown, NotSent, NotAttempted, Taken}

// A Stop says why a run started nothing more.
type Stop string

// The reasons.
const (
	StopUnknown      Stop = "unknown"
	StopUnreachable  Stop = "unreachable"
	StopBusy         Stop = "busy"
	StopUnauthorised Stop = "unauthorised"
	StopLedger       Stop = "ledger"
	StopInterrupted  Stop = "interrupted"
	StopDeadline     Stop = "deadline"
)

// An Account is what a run did. It counts items, and tells of each that wasn't
// simply accepted.
type Account struct {
	Counts      map[Outcome]int
	Failures    []Entry // whatever wasn't sent or adopted, in the order of the files
	Warnings    []Entry // what Kiva remarked about rows that it took
	Receipts    []Receipt
	Unanswered  []*ledger.Attempt // whose outcome nobody knows
	Stop        Stop              // "" where the run went to its end
	StopMessage string
	StopErr     error // what stopped it, where that was an error
}

// An Entry is one item of an account.
type Entry struct {
	Address plan.Address
	Pos     spec.Pos
	Outcome Outcome
	Message string // without personal data
}

// A Receipt is an accepted request, with what Kiva gave for it.
type Receipt struct {
	Attempt *ledger.Attempt
	Kind    string // loan_draft, journal or repayment
	Items   int    // that Kiva took
}

// Count returns how many items ended so.
func (a *Account) Count(o Outcome) int { return a.Counts[o] }

// String returns the account in one line: "sent 41, rejected 1, unknown 1, not
// attempted 7".
func (a *Account) String() string {
	var parts []string
	for _, o := range outcomes {
		if n := a.Counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o, n))
		}
	}
	if len(parts) == 0 {
		return "sent nothing"
	}
	return strings.Join(parts, ", ")
}

func (a *Account) count(o Outcome, n int) {
	if a.Counts == nil {
		a.Counts = make(map[Outcome]int)
	}
	a.Counts[o] += n
}

func (a *Account) sort() {
	for _, list := range [][]Entry{a.Failures, a.Warnings} {
		slices.SortStableFunc(list, func(x, y Entry) int {
			if c := strings.Compare(x.Pos.File, y.Pos.File); c != 0 {
				return c
			}
			return int(x.Pos.Line) - int(y.Pos.Line)
		})
	}
	slices.SortStableFunc(a.Receipts, func(x, y Receipt) int { return compareAttempts(x.Attempt, y.Attempt) })
	slices.SortFunc(a.Unanswered, compareAttempts)
}

func compareAttempts(x, y *ledger.Attempt) int {
	return cmp.Or(cmp.Compare(x.Intent.Stream, y.Intent.Stream), cmp.Compare(x.Intent.Attempt, y.Intent.Attempt))
}

// enterUnknown enters an attempt whose outcome is not known.
func (r *run) enterUnknown(j *job, attempt *ledger.Attempt, message string) {
	r.mu.Lock()
	r.account.Unanswered = append(r.account.Unanswered, attempt)
	r.mu.Unlock()
	r.enterAll(j, Unknown, message)
}

// enterAll gives every item of a job the same outcome.
func (r *run) enterAll(j *job, o Outcome, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.account.count(o, len(j.targets))
	for _, t := range j.targets {
		r.account.Failures = append(r.account.Failures, Entry{t.address, t.pos, o, message})
	}
	r.notifyFinished(j, o, message)
}

// notifyFinished tells that a job is over. The lock is held.
func (r *run) notifyFinished(j *job, o Outcome, message string) {
	r.done += len(j.targets)
	r.Notify(Event{Kind: Finished, Address: j.address(), Items: len(j.targets), Outcome: o, Message: message, Done: r.done, Total: r.total})
}

// enter puts a recorded result into the account.
func (r *run) enter(j *job, attempt *ledger.Attempt, result ledger.Result) {
	switch result.Outcome {
	case plan.OutcomeAccepted:
		r.enterAccepted(j, attempt, result)
	case plan.OutcomeAdopted:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.account.count(Adopted, len(j.targets))
		r.notifyFinished(j, Adopted, "")
	case plan.OutcomeRejected:
		r.enterAll(j, Rejected, result.Message)
	case plan.OutcomeNotSent:
		r.enterAll(j, NotSent, result.Message)
	default:
		r.enterUnknown(j, attempt, result.Message)
	}
}

// enterAccepted counts an accepted request, and apart from it the rows that Kiva
// rejected, and those of which its answer leaves open what became of them.
func (r *run) enterAccepted(j *job, attempt *ledger.Attempt, result ledger.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := make(map[Outcome]int)
	unnamed := make(map[*ledger.Problem]bool) // problems that are about no row alone
	i := 0
	for e := range attempt.Entries() {
		t, outcome := j.targets[i], rowOutcome(e.Outcome)
		i++
		counts[outcome]++
		switch {
		case outcome == Sent:
		case e.Outcome == plan.OutcomeUnknown && attempt.RowOf(*e.Problem) == "":
			unnamed[e.Problem] = true
		default:
			r.account.Failures = append(r.account.Failures, Entry{t.address, t.pos, outcome, problemText(*e.Problem)})
		}
	}
	r.enterRemarks(j, attempt, unnamed)
	for outcome, n := range counts {
		r.account.count(outcome, n)
	}
	if counts[Unknown] > 0 {
		r.account.Unanswered = append(r.account.Unanswered, attempt)
	}
	r.account.Receipts = append(r.account.Receipts, Receipt{attempt, j.kind, counts[Sent]})
	r.notifyFinished(j, Sent, "")
}

// rowOutcome is what became of a row of an accepted upload.
func rowOutcome(o plan.Outcome) Outcome {
	switch o {
	case plan.OutcomeRejected:
		return Rejected
	case plan.OutcomeUnknown:
		return Unknown
	}
	return Sent
}

// enterRemarks tells of the problems of an upload that are about no row alone, and
// of those that are remarks. The lock is held.
func (r *run) enterRemarks(j *job, attempt *ledger.Attempt, unnamed map[*ledger.Problem]bool) {
	targets := make(map[string]target)
	for _, t := range j.targets {
		targets[t.loanID] = t
	}
	for i := range attempt.Result.Problems {
		p := &attempt.Result.Problems[i]
		entry := Entry{Address: attempt.Address(), Pos: j.targets[0].pos, Outcome: Sent, Message: problemText(*p)}
		if p.LoanID != "" {
			entry.Message = p.LoanID + ": " + entry.Message
		}
		if t, is := targets[attempt.RowOf(*p)]; is {
			entry = Entry{t.address, t.pos, Sent, problemText(*p)}
		}
		switch {
		case p.Remarks():
			r.account.Warnings = append(r.account.Warnings, entry)
		case unnamed[p]:
			entry.Outcome = Unknown
			entry.Message += "; it doesn't name one row of this upload, so it isn't known which one Kiva refused: look at the upload in PA2"
			r.account.Failures = append(r.account.Failures, entry)
		}
	}
}

func problemText(p ledger.Problem) string {
	switch {
	case p.Details == "":
		return p.Code
	case p.Code == "":
		return p.Details
	}
	return p.Code + ": " + p.Details
}
