package history

import (
	"iter"
	"net/http"
	"slices"
	"sort"
	"time"

	"kivaform/plan"
)

// A State is what the attempts on one item say of it.
type State struct {
	Address Address // "" of a draft of which only keys are known
	tries   []try   // by number
	first   [1]try  // where there is one try, as mostly, it is here
}

// A try is one attempt on one item, without the request.
type try struct {
	number      int
	outcome     plan.Outcome // of the item
	fingerprint string
	contents    string
	item        *Item             // of a journal, where the ledger doesn't hold its contents
	values      map[string]string // of a draft, if they are kept
	row         *Row
	problem     *Problem // that Kiva had with the row
	asItIs      bool     // Kiva rejected the contents, and would again
	facts       *facts   // nil if only keys are known
}

// facts are what all tries of an attempt have in common.
type facts struct {
	attempt  plan.Attempt // of a batch, without the fingerprint
	recorded plan.Outcome
	done     bool
	merged   bool // from another copy of the ledger
}

func factsOf(a *Attempt) *facts {
	in := a.Intent
	f := &facts{recorded: in.Recorded, done: a.Done, merged: in.MergedFrom != 0}
	f.attempt = plan.Attempt{Stream: in.Stream, Number: in.Attempt, Outcome: a.Outcome(), At: in.At, Run: in.Run}
	f.attempt.Open = f.attempt.Outcome == plan.OutcomeUnknown && a.Result == nil
	if a.Result != nil {
		f.attempt.Message = a.Result.Message
	}
	return f
}

func (s *State) add(t try) {
	if s.tries == nil {
		s.tries = s.first[:0]
	}
	i := sort.Search(len(s.tries), func(i int) bool { return s.tries[i].number >= t.number })
	if i < len(s.tries) && s.tries[i].number == t.number {
		s.tries[i] = t
		return
	}
	s.tries = slices.Insert(s.tries, i, t)
}

// counting iterates over the tries that count, each of which replaces what was
// known before.
func (s *State) counting() iter.Seq[*try] {
	return func(yield func(*try) bool) {
		var before plan.Outcome
		atKiva := false
		for i := range s.tries {
			t := &s.tries[i]
			if t.keepsEarlierOutcome(before, atKiva) {
				continue
			}
			before, atKiva = t.outcome, atKiva || t.outcome.AtKiva()
			if !yield(t) {
				return
			}
		}
	}
}

// keepsEarlierOutcome reports whether the outcome before ("" where there is none)
// outlasts a later try. A try that failed doesn't make an item look unsent that
// is at Kiva, or may be; one that wasn't sent changes nothing. A person's
// approval in another copy of the ledger counts for that copy only.
func (t *try) keepsEarlierOutcome(before plan.Outcome, atKiva bool) bool {
	switch t.outcome {
	case plan.OutcomeApproved:
		return t.facts != nil && t.facts.merged
	case plan.OutcomeNotSent:
		return before != "" && before != plan.OutcomeNotSent
	case plan.OutcomeRejected, plan.OutcomeAbsent:
		return atKiva || before == plan.OutcomeUnknown
	}
	return false
}

// rejectsContents reports whether Kiva rejected an item for its contents, so that
// it would reject them again. A status that tells of rights or addresses doesn't
// say so.
func (a *Attempt) rejectsContents(e Entry) bool {
	if e.Outcome != plan.OutcomeRejected || a.Result == nil {
		return false
	}
	switch a.Result.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return e.Problem != nil
}

// rejection returns the try by which Kiva last rejected the item for its contents,
// nil where none did, or where the item arrived since or a person looked for it.
func (s *State) rejection() (last *try) {
	for i := range s.tries {
		switch t := &s.tries[i]; {
		case t.asItIs:
			last = t
		case t.outcome.AtKiva(), t.outcome == plan.OutcomeUnknown, t.outcome == plan.OutcomeAbsent:
			last = nil
		}
	}
	return last
}

// approval returns the try by which a person approved the item after it was last
// at Kiva, nil where none did.
func (s *State) approval() (last *try) {
	for t := range s.counting() {
		switch {
		case t.outcome == plan.OutcomeApproved:
			last = t
		case t.outcome.AtKiva():
			last = nil
		}
	}
	return last
}

// current returns the try that decides what is known of the item, nil where none
// counts.
func (s *State) current() (last *try) {
	if s == nil {
		return nil
	}
	for t := range s.counting() {
		last = t
	}
	return last
}

// atKiva returns the last try by which Kiva has the item, nil where there is none.
func (s *State) atKiva() (last *try) {
	for t := range s.counting() {
		if t.outcome.AtKiva() {
			last = t
		}
	}
	return last
}

// LatestNumber returns the number of the latest attempt on the item, whether it
// counts or not; 0 where there is none.
func (s *State) LatestNumber() int {
	if s == nil || len(s.tries) == 0 {
		return 0
	}
	return s.tries[len(s.tries)-1].number
}

// Outcome returns how the attempt that counts ended for the item.
func (s *State) Outcome() plan.Outcome { return s.current().outcome }

// WasAtKiva reports whether any attempt brought the item to Kiva, or found it
// there.
func (s *State) WasAtKiva() bool { return s.atKiva() != nil }

// WasAdopted reports whether Kiva had the item before it was sent.
func (s *State) WasAdopted() bool {
	for t := range s.counting() {
		if t.outcome == plan.OutcomeAdopted {
			return true
		}
	}
	return false
}

// MayBeAtKiva reports whether Kiva has the item, or may have it.
func (s *State) MayBeAtKiva() bool {
	t := s.current()
	return t != nil && (s.WasAtKiva() || !t.outcome.MayRepeat())
}

// Values returns what the item's fields were when Kiva last got it, if the
// history keeps values.
func (s *State) Values() map[string]string {
	if t := s.atKiva(); t != nil {
		return t.values
	}
	return nil
}

// Last returns the attempt that counts, with its outcome for this item; nil where
// none does.
func (s *State) Last() *plan.Attempt {
	t := s.current()
	if t == nil {
		return nil
	}
	var last plan.Attempt
	if t.facts != nil {
		last = t.facts.attempt
	}
	last.Number, last.Outcome, last.Fingerprint = t.number, t.outcome, t.fingerprint
	last.Approved = s.approval() != nil
	if r := s.rejection(); r != nil {
		last.Rejection = &plan.Rejection{At: r.facts.attempt.At, Message: r.facts.attempt.Message, Fingerprint: r.fingerprint}
	}
	return &last
}

// A Sent is an attempt by which Kiva has an item, or may have it.
type Sent struct {
	Number      int
	Fingerprint string
	Contents    string
	Item        *Item // of a journal whose contents the ledger doesn't hold
}

// Sent iterates over the attempts by which Kiva has the item, or may have it.
func (s *State) Sent() iter.Seq[Sent] {
	return func(yield func(Sent) bool) {
		for t := range s.counting() {
			if !t.outcome.MayRepeat() && !yield(Sent{t.number, t.fingerprint, t.contents, t.item}) {
				return
			}
		}
	}
}

// IsUnknown reports whether it isn't known of the item that Kiva has it.
func (s *State) IsUnknown() bool { return s != nil && !s.WasAtKiva() }

// lastRow is what planning knows of a row.
func (s *State) lastRow() *plan.RowAttempt {
	t := s.current()
	if t == nil {
		return nil
	}
	last := &plan.RowAttempt{
		Attempt: &t.facts.attempt, Outcome: t.outcome, ClientID: t.row.ClientID, Amount: t.row.Amount, Message: t.message(),
	}
	if t := s.approval(); t != nil {
		last.Approval = &t.row.Amount
	}
	if r := s.rejection(); r != nil {
		last.Rejection = &plan.Rejection{At: r.facts.attempt.At, Message: r.message(), Amount: r.row.Amount, ClientID: r.row.ClientID}
	}
	if had := s.atKiva(); had != nil {
		last.Reported, last.ReportedClientID, last.WasReported = had.row.Amount, had.row.ClientID, true
	}
	return last
}

// message returns what Kiva said of a row, or of its upload.
func (t *try) message() string {
	if t.problem != nil {
		return t.problem.Details
	}
	return t.facts.attempt.Message
}

// A Standing is where an item stands between here and PA2.
type Standing struct {
	Outcome plan.Outcome // of the attempt that counts
	Done    bool         // Kiva has it, and people have finished it in PA2
	Adopted bool         // Kiva had it before it was sent
	// SentAt and Run are of the attempt that sent or adopted it; zero where only
	// a person's word is known.
	SentAt time.Time
	Run    string
}

// Standing returns where the item stands. A person's word sends nothing: what was
// sent, adopted or finished before it stays so.
func (s *State) Standing() (now Standing) {
	for t := range s.counting() {
		before := now
		now = Standing{Outcome: t.outcome, Adopted: t.outcome == plan.OutcomeAdopted}
		if t.facts == nil {
			continue
		}
		now.Done = t.facts.done && t.outcome.AtKiva()
		now.SentAt, now.Run = t.facts.attempt.At, t.facts.attempt.Run
		if r := t.facts.recorded; r != plan.OutcomeAcknowledged && r != plan.OutcomeApproved && r != plan.OutcomeMoved {
			continue
		}
		now.SentAt, now.Run = before.SentAt, before.Run
		if t.outcome.AtKiva() {
			now.Done, now.Adopted = now.Done || before.Done, now.Adopted || before.Adopted
		}
	}
	return now
}
