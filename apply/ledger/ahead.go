package ledger

import (
	"context"
	"iter"
	"sync"
)

// readers is how many objects are read side by side: most stores are far away,
// and answer many questions as fast as one.
const readers = 64

// Preloaded is how many attempts are brought near at once, and held in memory.
const Preloaded = 5_000

// ReadAhead calls do for each item, up to [readers] of them at once, and yields what
// they return in the order of the items. When it returns, none is under way.
func ReadAhead[T, R any](ctx context.Context, items []T, do func(context.Context, T) (R, error)) iter.Seq2[R, error] {
	type result struct {
		value R
		err   error
	}
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		started := make(chan chan result, readers)
		var calls sync.WaitGroup
		defer func() {
			cancel()
			for range started { // until no more are started
			}
			calls.Wait()
		}()
		go func() {
			defer close(started)
			for _, item := range items {
				ended := make(chan result, 1)
				select {
				case started <- ended:
				case <-ctx.Done():
					return
				}
				calls.Go(func() {
					value, err := do(ctx, item)
					ended <- result{value, err}
				})
			}
		}()
		n := 0
		for ended := range started {
			r := <-ended
			if n++; !yield(r.value, r.err) {
				return
			}
		}
		if n < len(items) {
			var none R
			yield(none, context.Cause(ctx))
		}
	}
}

// Preload brings objects near, where the store can.
func Preload(ctx context.Context, store Store, keys []string) error {
	if p, can := store.(Preloader); can {
		return p.Preload(ctx, keys)
	}
	return nil
}
