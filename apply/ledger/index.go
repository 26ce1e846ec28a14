package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"kivaform/plan"
)

// index makes an attempt the last one of its stream and of its items.
func (l *Ledger) index(s *stream, a *Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.last = max(s.last, a.Intent.Attempt)
	last := &plan.Attempt{
		Stream: a.Intent.Stream, Number: a.Intent.Attempt, Outcome: a.Outcome(),
		At: a.Intent.At, Run: a.Intent.Run,
	}
	if a.Result != nil {
		last.Message = a.Result.Message
	}
	last.Open = last.Outcome == plan.OutcomeUnknown && a.Result == nil
	for _, item := range a.Intent.Items {
		var was plan.Outcome
		if before := l.lastOf(item.Address); before != nil {
			if before.Number > last.Number {
				continue
			}
			was = before.Outcome
		}
		if a.Yields(last.Outcome, was) {
			continue
		}
		of := *last
		of.Fingerprint = item.Fingerprint
		if item.Address == a.Intent.Stream {
			l.drafts[s.key] = &of
		} else {
			l.items[item.Address] = &of
		}
	}
	if len(a.Intent.Rows) > 0 {
		l.indexRows(a, last)
	}
}

func (l *Ledger) indexRows(a *Attempt, last *plan.Attempt) {
	problems := make(map[string]Problem)
	if a.Result != nil {
		for _, p := range a.Result.Problems {
			if p.Rejects() {
				problems[p.LoanID] = p
			}
		}
	}
	period := periodOf(a.Intent.Stream)
	byLoan := l.rows[period]
	if byLoan == nil {
		byLoan = make(map[string]*plan.RowAttempt)
		l.rows[period] = byLoan
	}
	for _, row := range a.Intent.Rows {
		before := byLoan[row.LoanID]
		var was plan.Outcome
		if before != nil {
			if before.Number > last.Number {
				continue
			}
			was = before.Outcome
		}
		r := &plan.RowAttempt{Attempt: last, Outcome: last.Outcome, ClientID: row.ClientID, Amount: row.Amount, Message: last.Message}
		if p, refused := problems[row.LoanID]; refused && r.Outcome.AtKiva() {
			r.Outcome, r.Message = plan.OutcomeRejected, p.Details
		}
		if a.Yields(r.Outcome, was) {
			continue
		}
		if r.Outcome.AtKiva() {
			r.Reported, r.ReportedClientID, r.WasReported = row.Amount, row.ClientID, true
		} else if before != nil {
			r.Reported, r.ReportedClientID, r.WasReported = before.Reported, before.ReportedClientID, before.WasReported
		}
		byLoan[row.LoanID] = r
	}
}

// Last returns the last attempt on a draft or a journal.
func (l *Ledger) Last(a Address) *plan.Attempt {
	var room [usualKey]byte
	stream := l.appendDraftStream(room[:0], a) // many ask at once, so not while the lock is held
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lastAt(stream, a)
}

const usualKey = 128 // bytes; longer ones take more memory

func (l *Ledger) lastOf(a Address) *plan.Attempt {
	return l.lastAt(l.appendDraftStream(nil, a), a)
}

// appendDraftStream appends a draft's stream, nothing where the address isn't a
// draft's.
func (l *Ledger) appendDraftStream(to []byte, a Address) []byte {
	if a.Kind() != draftKind {
		return to
	}
	return appendStreamKey(l.scope.appendPrefix(to), a)
}

func (l *Ledger) lastAt(stream []byte, a Address) *plan.Attempt {
	if len(stream) > 0 {
		return l.drafts[string(stream)]
	}
	return l.items[a]
}

// Empty reports whether nothing was ever attempted.
func (l *Ledger) Empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.drafts) == 0 && len(l.items) == 0 && len(l.rows) == 0
}

// Rows returns the last attempt of each row of a period, by loan id.
func (l *Ledger) Rows(period string) map[string]*plan.RowAttempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rows[period]
}

// Periods returns the periods of which a row is at Kiva or may be, in order.
func (l *Ledger) Periods() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var periods []string
	for period, rows := range l.rows {
		for _, r := range rows {
			if r.WasReported || !r.Outcome.MayRepeat() {
				periods = append(periods, period)
				break
			}
		}
	}
	slices.Sort(periods)
	return periods
}

// Fingerprint digests all fields of an item.
func (l *Ledger) Fingerprint(a Address, fields []plan.Field) string {
	return l.digester.Fingerprint(a, fields)
}

// Field digests one field of an item.
func (l *Ledger) Field(a Address, f plan.Field) string { return l.digester.Field(a, f) }

// Recorded returns an item's fields as they were at its last attempt, and
// completes what last says.
func (l *Ledger) Recorded(ctx context.Context, a Address, last *plan.Attempt) (plan.Recorded, error) {
	stream := last.Stream
	if stream == "" {
		stream = a
	}
	attempt, err := l.read(ctx, l.scope.streamKey(stream), last.Number, "")
	if err != nil {
		return plan.Recorded{}, err
	}
	last.Stream, last.At, last.Run = stream, attempt.Intent.At, attempt.Intent.Run
	for _, item := range attempt.Intent.Items {
		if item.Address == a {
			return plan.Recorded{Values: item.Values, Digests: item.Digests}, nil
		}
	}
	return plan.Recorded{}, fmt.Errorf("ledger: attempt %d on %s doesn't hold %s", last.Number, stream, a)
}

// Attempts iterates over everything that was ever attempted, stream by stream.
func (l *Ledger) Attempts(ctx context.Context) iter.Seq2[*Attempt, error] {
	return func(yield func(*Attempt, error) bool) {
		found, err := l.list(ctx, func(int, int) {})
		if err != nil {
			yield(nil, err)
			return
		}
		for a, err := range l.readAll(ctx, found) {
			if !yield(a, err) {
				return
			}
		}
	}
}

func periodOf(stream Address) string {
	if parts := stream.Parts(); len(parts) > 1 {
		return parts[1]
	}
	return ""
}
