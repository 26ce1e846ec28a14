package ledger

import (
	"context"
	"errors"
	"fmt"

	"kivaform/plan"
)

// ErrDecided says that an attempt isn't unknown: Kiva answered, or a person
// decided before.
var ErrDecided = errors.New("its outcome is known")

// Resolve records a person's decision on an attempt of which nobody knows how
// it ended. It returns an error that wraps [ErrDecided] where somebody knows;
// of two that decide at the same time, one wins.
func (l *Ledger) Resolve(ctx context.Context, a *Attempt, r Resolution) error {
	if a.Outcome() != plan.OutcomeUnknown {
		return fmt.Errorf("ledger: %s, attempt %d is %s: %w", a.Intent.Stream, a.Intent.Attempt, a.Outcome(), ErrDecided)
	}
	r.Version, r.Object = Version, ResolutionKey
	r.Stream, r.Attempt = a.Intent.Stream, a.Intent.Attempt
	r.At = r.At.UTC()
	data, err := Encode(r)
	if err != nil {
		return err
	}
	s := l.stream(l.scope.StreamKey(r.Stream))
	key := AttemptKey(s.key, r.Attempt, ResolutionKey)
	err = l.store.Create(ctx, key, data)
	if errors.Is(err, ErrExists) {
		return fmt.Errorf("ledger: %s, attempt %d: somebody decided it meanwhile: %w", r.Stream, r.Attempt, ErrDecided)
	}
	if err != nil {
		return fmt.Errorf("ledger: create %s: %w", key, err)
	}
	a.Resolution = &r
	l.index(s, a)
	return nil
}

func (l *Ledger) readResolution(ctx context.Context, stream string, number int) (*Resolution, error) {
	key := AttemptKey(stream, number, ResolutionKey)
	data, err := l.store.Get(ctx, key)
	if err != nil {
		return nil, Unread(key, err)
	}
	r := new(Resolution)
	return r, Decode(key, data, r, ResolutionKey, &r.Object)
}
