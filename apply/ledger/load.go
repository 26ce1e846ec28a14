package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"kivaform/kiva/hint"
	"kivaform/plan"
)

// Load reads all attempts.
func (l *Ledger) Load(ctx context.Context) (plan.Past, error) {
	return l.LoadFollowed(ctx, func(int, int) {})
}

// LoadFollowed is Load, and tells how far it is: how many keys were listed,
// with a total of 0; then how many attempts were opened, of how many.
func (l *Ledger) LoadFollowed(ctx context.Context, at func(done, total int)) (plan.Past, error) {
	return l, l.load(ctx, at)
}

// load lists the ledger once and indexes it. The keys say all that planning
// must know of a draft that Kiva has; other attempts are opened.
func (l *Ledger) load(ctx context.Context, at func(done, total int)) error {
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
	err := l.listAndOpen(ctx, at)
	if errors.Is(err, errGap) {
		// A list is no snapshot: what another run creates meanwhile may be listed
		// out of order. A gap that stays is real.
		err = l.listAndOpen(ctx, at)
	}
	if err == nil && !l.unchecked {
		err = l.checkAddress(ctx)
	}
	if err == nil {
		err = l.compare(ctx)
	}
	l.loaded = err == nil
	return err
}

func (l *Ledger) listAndOpen(ctx context.Context, at func(done, total int)) error {
	found, err := l.list(ctx, at)
	if err != nil {
		return err
	}
	if err := found.checkNames(); err != nil {
		return err
	}
	if !l.keyed && len(found.attempts) > 0 { // begun since it was looked for
		if err := l.readHeader(ctx); err != nil {
			return err
		}
		if !l.keyed {
			return fmt.Errorf("ledger: %w", ErrHeadless)
		}
	}
	l.mu.Lock()
	l.marks = found.marks
	l.mu.Unlock()
	return l.open(ctx, found.attempts, at)
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
		if _, ok := ParseKey(key); !ok {
			continue
		}
		if err := l.readHeader(ctx); err != nil || l.keyed {
			return err
		}
		return fmt.Errorf("ledger: %w", ErrHeadless)
	}
	return nil
}

// A ListedAttempt holds the parts of one attempt's keys.
type ListedAttempt struct {
	stream  string
	number  int
	Intent  bool
	done    bool
	decided int       // how many resolutions there are
	outcome ParsedKey // its what is empty where there is none
	twice   bool      // there is more than one outcome
}

// Add notes an outcome. There is a second one where two copies of a ledger each
// sent something as this attempt, and git merged their folders. What says most
// that it was sent counts; add reports whether that is the new one.
func (f *ListedAttempt) Add(outcome ParsedKey) bool {
	f.twice = f.outcome.What != ""
	if f.twice && weight(outcome) <= weight(f.outcome) {
		return false
	}
	f.outcome = outcome
	return true
}

// weight is how much an outcome's key says that Kiva has something.
func weight(k ParsedKey) int {
	switch o := plan.Outcome(k.What); {
	case o.AtKiva():
		return 2
	case o.MayRepeat():
		return 0
	}
	return 1
}

// A listing is what the keys of a scope tell.
type listing struct {
	attempts []*ListedAttempt // by stream and number
	marks    map[string]bool  // by name
	unknown  []string         // keys of objects that this program doesn't know
}

func (l *Ledger) list(ctx context.Context, at func(done, total int)) (*listing, error) {
	byKey, n := make(map[string]*ListedAttempt), 0
	found := &listing{marks: make(map[string]bool)}
	for key, err := range l.store.List(ctx, l.scope.prefix()) {
		if err != nil {
			return nil, fmt.Errorf("ledger: list: %w", err)
		}
		if n++; n%1000 == 0 {
			at(n, 0)
		}
		k, ok := parseAttemptKey(key)
		if !ok {
			found.addOther(key)
			continue
		}
		a := byKey[k.Attempt]
		if a == nil {
			a = &ListedAttempt{stream: k.Stream, number: k.Number}
			byKey[k.Attempt] = a
			found.attempts = append(found.attempts, a)
		}
		switch {
		case k.What == IntentKey:
			a.Intent = true
		case k.What == DoneKey:
			a.done = true
		default:
			if n, ok := ResolutionNumber(k.What); ok {
				a.decided = max(a.decided, n)
			} else {
				a.Add(k)
			}
		}
	}
	slices.SortFunc(found.attempts, func(a, b *ListedAttempt) int {
		if c := strings.Compare(a.stream, b.stream); c != 0 {
			return c
		}
		return a.number - b.number
	})
	return found, nil
}

// open indexes the listed attempts in the order of their numbers. Those whose
// keys don't say enough are read.
func (l *Ledger) open(ctx context.Context, found []*ListedAttempt, at func(done, total int)) error {
	l.mu.Lock()
	l.history.Grow(len(found))
	l.mu.Unlock()
	var unclear []*ListedAttempt
	for i, f := range found {
		if before := numberBefore(found, i); f.number != before+1 {
			return hint.With(fmt.Errorf("ledger: %s: attempt %d %w", f.stream, before+1, errGap), "kivaform ledger verify")
		}
		if l.whole || !f.SaysEnough() {
			unclear = append(unclear, f)
			continue
		}
		if len(found) <= smallLedger {
			l.unopened = append(l.unopened, f)
		}
		l.stream(f.stream).last = f.number
		l.history.AddDraft(f.stream, f.number, plan.Outcome(f.outcome.What), f.outcome.Fingerprint, f.outcome.Contents)
	}
	opened := 0
	for a, err := range l.readAll(ctx, unclear) {
		if err != nil {
			return err
		}
		opened++
		at(opened, len(unclear))
		l.learnExtent(&a.Intent)
		l.index(l.stream(l.scope.StreamKey(a.Intent.Stream)), a)
	}
	return nil
}

// learnExtent notes what an intent tells of the ledger and its address, once a run.
func (l *Ledger) learnExtent(in *Intent) {
	if l.firstAPI == "" {
		l.firstAPI = in.API
	}
	if n := len(l.extents); in.Saw != nil && (n == 0 || !slices.Equal(l.extents[n-1].Entries, in.Saw.Entries) || l.extents[n-1].Attempts != in.Saw.Attempts) {
		l.extents = append(l.extents, *in.Saw)
	}
}

// readAll opens listed attempts, in their order.
func (l *Ledger) readAll(ctx context.Context, all []*ListedAttempt) iter.Seq2[*Attempt, error] {
	return func(yield func(*Attempt, error) bool) {
		for some := range slices.Chunk(all, Preloaded) {
			var keys []string
			for _, f := range some {
				keys = append(keys, f.keys()...)
			}
			if err := Preload(ctx, l.store, keys); err != nil {
				yield(nil, fmt.Errorf("ledger: read: %w", err))
				return
			}
			for a, err := range ReadAhead(ctx, some, l.readListed) {
				if !yield(a, err) {
					return
				}
			}
		}
	}
}

// keys returns the keys of what readListed opens.
func (f *ListedAttempt) keys() []string {
	keys := []string{AttemptKey(f.stream, f.number, IntentKey)}
	if what := f.what(); what != "" {
		keys = append(keys, AttemptKey(f.stream, f.number, what))
	}
	for n := range f.decided {
		keys = append(keys, AttemptKey(f.stream, f.number, resolutionWhat(n+1)))
	}
	return keys
}

func numberBefore(found []*ListedAttempt, i int) int {
	if i == 0 || found[i-1].stream != found[i].stream {
		return 0
	}
	return found[i-1].number
}

// SaysEnough reports whether the keys tell the item, the outcome and the
// fingerprint.
func (f *ListedAttempt) SaysEnough() bool {
	return f.Intent && !f.twice && f.outcome.Fingerprint != "" && plan.Outcome(f.outcome.What).AtKiva()
}

// what returns the last element of the outcome's key, "" where there is none.
func (f *ListedAttempt) what() string {
	if f.outcome.What == "" {
		return ""
	}
	return f.outcome.Side()
}

// read opens an attempt: its intent, and the outcome that what names.
func (l *Ledger) read(ctx context.Context, stream string, number int, what string) (*Attempt, error) {
	a := new(Attempt)
	key := AttemptKey(stream, number, IntentKey)
	data, err := l.store.Get(ctx, key)
	if err != nil {
		return nil, Unread(key, err)
	}
	if err := Decode(key, data, &a.Intent, IntentKey, &a.Intent.Object); err != nil {
		return nil, err
	}
	if got := l.scope.StreamKey(a.Intent.Stream); got != stream || a.Intent.Attempt != number {
		return nil, fmt.Errorf("ledger: %s holds attempt %d on %s, which belongs elsewhere", key, a.Intent.Attempt, a.Intent.Stream)
	}
	if what == "" {
		return a, nil
	}
	key = AttemptKey(stream, number, what)
	if data, err = l.store.Get(ctx, key); err != nil {
		return nil, Unread(key, err)
	}
	a.Result = new(Result)
	return a, Decode(key, data, a.Result, "outcome", &a.Result.Object)
}

// readListed opens all that was listed of an attempt.
func (l *Ledger) readListed(ctx context.Context, f *ListedAttempt) (*Attempt, error) {
	a, err := l.read(ctx, f.stream, f.number, f.what())
	if err != nil {
		return nil, err
	}
	a.Done = f.done
	if f.decided > 0 {
		a.Resolutions, err = l.readResolutions(ctx, f.stream, f.number, f.decided)
	}
	return a, err
}
