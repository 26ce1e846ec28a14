package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kivaform/apply/ledger/history"
	"kivaform/plan"
)

// ErrDecided says that an attempt isn't unknown: Kiva answered, or a person
// decided before and another attempt has begun since.
var ErrDecided = errors.New("its outcome is known")

// resolutionWhat returns the last element of the key of an attempt's nth
// resolution: resolution, resolution-2, and so on.
func resolutionWhat(n int) string {
	if n == 1 {
		return ResolutionKey
	}
	return ResolutionKey + "-" + strconv.Itoa(n)
}

// ResolutionNumber reads the last element of the key of a resolution, and reports
// whether it is one.
func ResolutionNumber(what string) (n int, ok bool) {
	if what == ResolutionKey {
		return 1, true
	}
	digits, ok := strings.CutPrefix(what, ResolutionKey+"-")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 1 && strconv.Itoa(n) == digits
}

// Resolve records a person's decision on an attempt of which it isn't known how
// it ended, or on the items of it that r names. It corrects an earlier decision
// as long as no other attempt on the items has begun. It returns an error that
// wraps [ErrDecided] where the outcome is known or another attempt has begun; of
// two that decide at the same time, one wins.
func (l *Ledger) Resolve(ctx context.Context, a *Attempt, r Resolution) error {
	if err := l.checkDecidable(a, &r); err != nil {
		return err
	}
	if err := l.Check(ctx); err != nil {
		return err
	}
	r.Version, r.Object = Version, ResolutionKey
	r.Stream, r.Attempt = a.Intent.Stream, a.Intent.Attempt
	r.At = r.At.UTC()
	data, err := Encode(r)
	if err != nil {
		return err
	}
	s := l.stream(l.scope.StreamKey(r.Stream))
	key := AttemptKey(s.key, r.Attempt, resolutionWhat(len(a.Resolutions)+1))
	err = l.store.Create(ctx, key, data)
	if errors.Is(err, ErrExists) {
		return fmt.Errorf("ledger: %s, attempt %d: somebody decided it meanwhile: %w", r.Stream, r.Attempt, ErrDecided)
	}
	if err != nil {
		return fmt.Errorf("ledger: create %s: %w", key, err)
	}
	corrects := len(a.Resolutions) > 0
	a.Resolutions = append(slices.Clip(a.Resolutions), r)
	l.index(s, a)
	if corrects {
		return l.checkNotBegun(ctx, s, a, &r)
	}
	return nil
}

// checkDecidable returns an error that wraps ErrDecided unless a person may decide
// about each item that a decision covers.
func (l *Ledger) checkDecidable(a *Attempt, r *Resolution) error {
	known := func(item Address, what any) error {
		return fmt.Errorf("ledger: %s, attempt %d: %s is %s: %w", a.Intent.Stream, a.Intent.Attempt, item, what, ErrDecided)
	}
	covered := 0
	for e := range a.Entries() {
		if !r.Covers(e.Address) || len(r.Items) == 0 && e.Outcome != plan.OutcomeUnknown && a.DecisionOn(e.Address) == nil {
			continue // a decision about the whole leaves alone what is known
		}
		covered++
		if e.Outcome == plan.OutcomeUnknown {
			continue
		}
		if a.DecisionOn(e.Address) == nil || e.Outcome != plan.OutcomeExists && e.Outcome != plan.OutcomeAbsent {
			return known(e.Address, e.Outcome)
		}
		if n := l.latest(e.Address); n > a.Intent.Attempt {
			return known(e.Address, fmt.Sprintf("%s, and attempt %d has begun since", e.Outcome, n))
		}
	}
	if covered == 0 {
		return known(a.Address(), a.Outcome())
	}
	return nil
}

// latest returns the number of the latest attempt on an item, whether it counts or
// not; 0 where there is none.
func (l *Ledger) latest(item Address) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.history.State(item).LatestNumber()
}

// checkNotBegun looks whether another run has begun an attempt on what a person has
// just decided otherwise than before. [Ledger.Begin] looks for the decision after
// it has stored an intent; so one of the two sees the other.
func (l *Ledger) checkNotBegun(ctx context.Context, s *stream, a *Attempt, r *Resolution) error {
	for {
		next := l.next(s)
		if err := l.learn(ctx, s, next); errors.Is(err, ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		for e := range a.Entries() {
			if r.Covers(e.Address) && l.latest(e.Address) == next {
				return fmt.Errorf("ledger: %s: the decision is recorded, but attempt %d has begun meanwhile: look in PA2 whether it arrived, too: %w", e.Address, next, ErrDecided)
			}
		}
	}
}

// readResolutions reads the decisions on an attempt, in their order. With known
// it reads so many, which must be there; else as many as there are.
func (l *Ledger) readResolutions(ctx context.Context, stream string, number, known int) ([]Resolution, error) {
	var all []Resolution
	for n := 1; known == 0 || n <= known; n++ {
		key := AttemptKey(stream, number, resolutionWhat(n))
		data, err := l.store.Get(ctx, key)
		if known == 0 && errors.Is(err, ErrNotExist) {
			break
		}
		if err != nil {
			return nil, Unread(key, err)
		}
		var r Resolution
		if err := Decode(key, data, &r, ResolutionKey, &r.Object); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// checkStillAbsent looks again at what a person declared absent before an attempt
// was begun: they may have corrected themselves since the ledger was loaded.
func (l *Ledger) checkStillAbsent(ctx context.Context, s *stream, in Intent) error {
	looked := make(map[int]bool)
	for e := range (&Attempt{Intent: in}).Entries() {
		if e.After == 0 || looked[e.After] || !l.wasDeclaredAbsent(e) {
			continue
		}
		looked[e.After] = true
		if err := l.learn(ctx, s, e.After); err != nil {
			return err
		}
	}
	if len(looked) == 0 {
		return nil
	}
	return l.checkNotTaken(in)
}

func (l *Ledger) wasDeclaredAbsent(e history.Entry) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	last := l.history.State(e.Address).Last()
	return last != nil && last.Outcome == plan.OutcomeAbsent
}
