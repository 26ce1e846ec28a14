package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"kivaform/plan"
)

// Load reads what was attempted.
func (l *Ledger) Load(ctx context.Context) (plan.Past, error) { return l, l.load(ctx) }

// load lists the ledger once and indexes it. The keys say all that planning
// must know of a draft that Kiva has; other attempts are opened.
func (l *Ledger) load(ctx context.Context) error {
	l.loadOnce.Lock()
	defer l.loadOnce.Unlock()
	if l.loaded {
		return nil
	}
	if err := l.readHeader(ctx); err != nil {
		return err
	}
	if !l.keyed {
		if err := l.notBegun(ctx); err != nil {
			return err
		}
	}
	err := l.listAndOpen(ctx)
	if errors.Is(err, errGap) {
		// A list is no snapshot: what another run creates meanwhile may be listed
		// out of order. A gap that stays is real.
		err = l.listAndOpen(ctx)
	}
	l.loaded = err == nil
	return err
}

func (l *Ledger) listAndOpen(ctx context.Context) error {
	found, err := l.list(ctx)
	if err != nil {
		return err
	}
	if !l.keyed && len(found) > 0 { // begun since it was looked for
		if err := l.readHeader(ctx); err != nil {
			return err
		}
		if !l.keyed {
			return fmt.Errorf("ledger: %w", ErrHeadless)
		}
	}
	return l.open(ctx, found)
}

var errGap = errors.New("is missing")

// notBegun makes sure that a ledger without a first object is empty. One that
// isn't was copied in part or has lost it, and must not be used: what it doesn't
// hold may have been sent. It may also have been begun at this moment.
func (l *Ledger) notBegun(ctx context.Context) error {
	for key, err := range l.store.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("ledger: list: %w", err)
		}
		if _, ok := parseKey(key); !ok {
			continue
		}
		if err := l.readHeader(ctx); err != nil || l.keyed {
			return err
		}
		return fmt.Errorf("ledger: %w", ErrHeadless)
	}
	return nil
}

// A listed attempt is what the keys of one attempt say.
type listed struct {
	stream  string
	number  int
	intent  bool
	done    bool
	decided bool      // there is a resolution
	outcome parsedKey // its what is empty where there is none
}

func (l *Ledger) list(ctx context.Context) ([]*listed, error) {
	byKey := make(map[string]*listed)
	var all []*listed
	for key, err := range l.store.List(ctx, l.scope.prefix()) {
		if err != nil {
			return nil, fmt.Errorf("ledger: list: %w", err)
		}
		k, ok := parseKey(key)
		if !ok {
			continue // not ours; verifying says so
		}
		id := attemptKey(k.stream, k.number, "")
		a := byKey[id]
		if a == nil {
			a = &listed{stream: k.stream, number: k.number}
			byKey[id] = a
			all = append(all, a)
		}
		switch {
		case k.what == intentKey:
			a.intent = true
		case k.what == doneKey:
			a.done = true
		case k.what == resolutionKey:
			a.decided = true
		case slices.Contains(plan.Outcomes, plan.Outcome(k.what)):
			a.outcome = k
		}
	}
	slices.SortFunc(all, func(a, b *listed) int {
		if c := strings.Compare(a.stream, b.stream); c != 0 {
			return c
		}
		return a.number - b.number
	})
	return all, nil
}

// open indexes the listed attempts in the order of their numbers. Those whose
// keys don't say enough are read.
func (l *Ledger) open(ctx context.Context, found []*listed) error {
	var unclear []*listed
	for i, f := range found {
		if before := numberBefore(found, i); f.number != before+1 {
			return fmt.Errorf("ledger: %s: attempt %d %w; hint: kivaform ledger verify", f.stream, before+1, errGap)
		}
		if !f.saysEnough() {
			unclear = append(unclear, f)
			continue
		}
		l.stream(f.stream).last = f.number
		l.drafts[f.stream] = &plan.Attempt{Number: f.number, Outcome: plan.Outcome(f.outcome.what), Fingerprint: f.outcome.fingerprint}
	}
	for a, err := range l.readAll(ctx, unclear) {
		if err != nil {
			return err
		}
		l.index(l.stream(l.scope.prefix()+streamKey(a.Intent.Stream)), a)
	}
	return nil
}

// readAll opens listed attempts, in their order.
func (l *Ledger) readAll(ctx context.Context, all []*listed) iter.Seq2[*Attempt, error] {
	return func(yield func(*Attempt, error) bool) {
		var keys []string
		for _, f := range all {
			keys = append(keys, f.keys()...)
		}
		if err := preload(ctx, l.store, keys); err != nil {
			yield(nil, fmt.Errorf("ledger: read: %w", err))
			return
		}
		for a, err := range ahead(ctx, all, l.readListed) {
			if !yield(a, err) {
				return
			}
		}
	}
}

// keys returns the keys of what readListed opens.
func (f *listed) keys() []string {
	keys := []string{attemptKey(f.stream, f.number, intentKey)}
	if what := f.what(); what != "" {
		keys = append(keys, attemptKey(f.stream, f.number, what))
	}
	if f.decided {
		keys = append(keys, attemptKey(f.stream, f.number, resolutionKey))
	}
	return keys
}

func numberBefore(found []*listed, i int) int {
	if i == 0 || found[i-1].stream != found[i].stream {
		return 0
	}
	return found[i-1].number
}

// saysEnough reports whether the keys tell the item, the outcome and the
// fingerprint.
func (f *listed) saysEnough() bool {
	return f.intent && f.outcome.fingerprint != "" && plan.Outcome(f.outcome.what).AtKiva()
}

// what returns the last element of the outcome's key, "" where there is none.
func (f *listed) what() string {
	if f.outcome.what == "" {
		return ""
	}
	return outcomeWhat(plan.Outcome(f.outcome.what), f.outcome.fingerprint)
}

// read opens an attempt: its intent, and the outcome that what names.
func (l *Ledger) read(ctx context.Context, stream string, number int, what string) (*Attempt, error) {
	a := new(Attempt)
	key := attemptKey(stream, number, intentKey)
	data, err := l.store.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("ledger: read %s: %w", key, err)
	}
	if err := decode(key, data, &a.Intent, intentKey, &a.Intent.Object); err != nil {
		return nil, err
	}
	if got := l.scope.prefix() + streamKey(a.Intent.Stream); got != stream || a.Intent.Attempt != number {
		return nil, fmt.Errorf("ledger: %s holds attempt %d on %s, which belongs elsewhere", key, a.Intent.Attempt, a.Intent.Stream)
	}
	if what == "" {
		return a, nil
	}
	key = attemptKey(stream, number, what)
	if data, err = l.store.Get(ctx, key); err != nil {
		return nil, fmt.Errorf("ledger: read %s: %w", key, err)
	}
	a.Result = new(Result)
	return a, decode(key, data, a.Result, "outcome", &a.Result.Object)
}

// readListed opens all that was listed of an attempt.
func (l *Ledger) readListed(ctx context.Context, f *listed) (*Attempt, error) {
	a, err := l.read(ctx, f.stream, f.number, f.what())
	if err != nil {
		return nil, err
	}
	a.Done = f.done
	if f.decided {
		a.Resolution, err = l.readResolution(ctx, f.stream, f.number)
	}
	return a, err
}

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
		if before := l.lastOf(item.Address); before != nil && before.Number > last.Number {
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
		if before != nil && before.Number > last.Number {
			continue
		}
		r := &plan.RowAttempt{Attempt: last, Outcome: last.Outcome, ClientID: row.ClientID, Amount: row.Amount, Message: last.Message}
		if p, refused := problems[row.LoanID]; refused && r.Outcome.AtKiva() {
			r.Outcome, r.Message = plan.OutcomeRejected, p.Details
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
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lastOf(a)
}

func (l *Ledger) lastOf(a Address) *plan.Attempt {
	if a.Kind() == draftKind {
		return l.drafts[l.scope.prefix()+streamKey(a)]
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
	attempt, err := l.read(ctx, l.scope.prefix()+streamKey(stream), last.Number, "")
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
		found, err := l.list(ctx)
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
