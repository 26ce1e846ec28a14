package ledger

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"kivaform/apply/ledger/history"
	"kivaform/plan"
	"kivaform/plan/identity"
	"kivaform/spec"
)

// index adds an attempt's present state.
func (l *Ledger) index(s *stream, a *Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.last = max(s.last, a.Intent.Attempt)
	if a.Intent.Stream.Kind() != DraftKind {
		l.batches[EntryOf(a)] = true
	}
	known := *a // what a caller does with its own changes nothing here
	l.history.Add(&known)
}

// Last returns the last attempt on a draft or a journal.
func (l *Ledger) Last(a Address) *plan.Attempt {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.Last(a)
}

// itemKey is the key by which the history knows an item: of a draft the stream's,
// as planning reads no more than that of drafts that Kiva has.
func (l *Ledger) itemKey(a Address) string {
	if a.Kind() != DraftKind {
		return string(a)
	}
	return l.scope.StreamKey(a)
}

// Empty reports whether nothing was ever attempted.
func (l *Ledger) Empty() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.Empty()
}

// Rows returns the last attempt of each row of a period, by loan id.
func (l *Ledger) Rows(period string) map[string]*plan.RowAttempt {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.Rows(period)
}

// Unknown returns every request of which no answer is known, by stream and number.
func (l *Ledger) Unknown() []plan.OpenRequest {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var open []plan.OpenRequest
	for _, a := range l.history.Unknown() {
		open = append(open, plan.OpenRequest{Request: a.Address(), Items: a.Addresses(), At: a.Intent.At, Run: a.Intent.Run})
	}
	return open
}

// Periods returns the periods of which a row is at Kiva or may be, in order.
func (l *Ledger) Periods() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.Periods()
}

// Finalised reports whether a period's report is finalised in PA2, as a person said.
func (l *Ledger) Finalised(period string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.Finalised(period)
}

// Digester makes the digests of the ledger, once it is loaded or prepared.
func (l *Ledger) Digester() plan.Digester { return l.digester }

// MatchesItem reports whether a recorded fingerprint is that of an item.
func (l *Ledger) MatchesItem(fingerprint string, a Address, r spec.Resource) bool {
	return l.digester.MatchesItem(fingerprint, a, r)
}

// MatchesField reports whether a recorded digest is that of a field of an item.
func (l *Ledger) MatchesField(digest string, a Address, f plan.Field) bool {
	return l.digester.MatchesField(digest, a, f)
}

// Recorded returns an item's fields as they were at its last attempt, and
// completes what last says.
func (l *Ledger) Recorded(ctx context.Context, a Address, last *plan.Attempt) (plan.Recorded, error) {
	stream := last.Stream
	if stream == "" {
		stream = a
	}
	attempt, err := l.read(ctx, l.scope.StreamKey(stream), last.Number, "")
	if err != nil {
		return plan.Recorded{}, err
	}
	last.Stream, last.At, last.Run = stream, attempt.Intent.At, attempt.Intent.Run
	for e := range attempt.Entries() {
		if e.Address == a && e.Item != nil {
			return plan.Recorded{Values: e.Item.Values, Digests: e.Item.Digests, MovedFrom: e.Item.MovedFrom}, nil
		}
	}
	return plan.Recorded{}, fmt.Errorf("ledger: attempt %d on %s doesn't hold %s", last.Number, stream, a)
}

// Known iterates over the drafts and journals that Kiva has or may have, in no
// order. It opens only what keys don't tell: attempts that an earlier version
// recorded, large groups, and long ids.
func (l *Ledger) Known(ctx context.Context) iter.Seq2[plan.Known, error] {
	return func(yield func(plan.Known, error) bool) {
		var unclear []*ListedAttempt
		if !l.yieldKnown(&unclear, func(k plan.Known) bool { return yield(k, nil) }) {
			return
		}
		for a, err := range l.readAll(ctx, unclear) {
			if err != nil {
				yield(plan.Known{}, err)
				return
			}
			for i := range a.Intent.Items {
				item := &a.Intent.Items[i]
				if !yield(l.knownItem(item, l.isUnknown(item.Address)), nil) {
					return
				}
			}
		}
	}
}

// yieldKnown yields what is known without reading, and lists the other attempts.
func (l *Ledger) yieldKnown(unclear *[]*ListedAttempt, yield func(plan.Known) bool) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	prefix := l.scope.prefix()
	for key, s := range l.history.AtKiva() {
		for t := range s.Sent() {
			if t.Item != nil { // a journal that an earlier version recorded
				if !yield(l.knownItem(t.Item, s.IsUnknown())) {
					return false
				}
				continue
			}
			known := plan.Known{Thing: identity.Thing{Address: s.Address, Contents: identity.ParseContents(t.Contents)}, Outcome: outcomeOf(s)}
			if s.Address == "" {
				id, whole := draftOfKey(strings.TrimPrefix(key, prefix))
				known.LoanID = id
				if !whole || t.Contents == "" && t.Fingerprint != plan.NoFingerprint || known.Contents.Cut {
					*unclear = append(*unclear, &ListedAttempt{stream: key, number: t.Number, Intent: true})
					continue
				}
			} else {
				known.Thing = identity.ThingOf(s.Address)
				known.Contents = identity.ParseContents(t.Contents)
				if t.Contents == "" && s.Address.Kind() == DraftKind && t.Fingerprint != plan.NoFingerprint {
					*unclear = append(*unclear, &ListedAttempt{stream: key, number: t.Number, Intent: true})
					continue
				}
			}
			if !yield(known) {
				return false
			}
		}
	}
	return true
}

// knownItem returns what an item of an intent tells.
func (l *Ledger) knownItem(item *Item, unknown bool) plan.Known {
	known := plan.Known{Thing: identity.ThingOf(item.Address), Outcome: plan.OutcomeAccepted}
	if unknown {
		known.Outcome = plan.OutcomeUnknown
	}
	if known.Contents = identity.ParseContents(item.Contents); item.Contents == "" {
		known.Recorded = &plan.Recorded{Values: item.Values, Digests: item.Digests}
	}
	return known
}

func (l *Ledger) isUnknown(a Address) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.State(a).IsUnknown()
}

func outcomeOf(s *history.State) plan.Outcome {
	if s.IsUnknown() {
		return plan.OutcomeUnknown
	}
	return plan.OutcomeAccepted
}

// Attempts iterates over everything that was ever attempted, stream by stream.
func (l *Ledger) Attempts(ctx context.Context) iter.Seq2[*Attempt, error] {
	return func(yield func(*Attempt, error) bool) {
		found, err := l.list(ctx, func(int, int) {})
		if err != nil {
			yield(nil, err)
			return
		}
		for a, err := range l.readAll(ctx, found.attempts) {
			if !yield(a, err) {
				return
			}
		}
	}
}

// History returns what is known of each item, once the ledger is loaded. It knows
// every item only if [Options] asked for that. It must not be used while
// something is recorded.
func (l *Ledger) History() *history.History { return l.history }
