package together_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/apply/ledger/together"
)

// Calls that come while one is worked on share the next piece of work, up to
// Most of them.
func TestWaitingCallsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		g := &together.Group[int, int]{Most: 4, Work: func(_ context.Context, calls []*together.Call[int, int]) {
			time.Sleep(time.Second)
			sizes = append(sizes, len(calls))
			for _, c := range calls {
				c.Answer = 2 * c.Ask
			}
		}}
		var right atomic.Int32
		for i := range 10 {
			go func() {
				if got, err := g.Do(t.Context(), i); err == nil && got == 2*i {
					right.Add(1)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(sizes) != 4 || sizes[0] != 1 || sizes[1] != 4 || sizes[2] != 4 || sizes[3] != 1 || right.Load() != 10 {
			t.Errorf("pieces of %d calls, %d right answers", sizes, right.Load())
		}
	})
}

// A caller that gives up gets away, and one that gave up before its turn isn't
// worked on.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worked atomic.Int32
		g := &together.Group[int, int]{Most: 9, Work: func(ctx context.Context, calls []*together.Call[int, int]) {
			time.Sleep(time.Minute)
			if ctx.Err() != nil {
				t.Error("a caller cancelled the work of all")
			}
			worked.Add(int32(len(calls)))
		}}
		for range 2 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := g.Do(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v", err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if worked.Load() != 1 {
			t.Errorf("worked on %d calls, want the one that had begun", worked.Load())
		}
		if _, err := g.Do(t.Context(), 1); err != nil || worked.Load() != 2 {
			t.Errorf("afterwards: %v, %d", err, worked.Load())
		}
	})
}
