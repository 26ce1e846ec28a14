package apply_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
)

// attempts counts what the ledger has, by outcome.
func (w *world) attempts(t *testing.T) map[plan.Outcome]int {
	t.Helper()
	count := make(map[plan.Outcome]int)
	l := ledger.New(w.store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
	for a, err := range l.Attempts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		count[a.Outcome()]++
	}
	return count
}

// When the outcome of a request isn't known, those whose intents were stored
// ahead are withdrawn: nothing follows, and nobody has to look for them.
func TestWhatWasBegunAheadIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(40, 0, 0)
		var came, after atomic.Int32
		var lost atomic.Bool
		w.kiva.answer = func(string, string) error {
			n := came.Add(1)
			if lost.Load() {
				after.Add(1)
			}
			time.Sleep(time.Duration(50+n) * time.Millisecond)
			if n == 6 {
				lost.Store(true)
				return failure(kiva.Unknown, 502)
			}
			return nil
		}
		account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 4 })
		if account.Stop != apply.StopUnknown || after.Load() != 0 {
			t.Errorf("stopped by %q; %d requests followed", account.Stop, after.Load())
		}
		sent, count := account.Count(apply.Sent), w.attempts(t)
		if account.Count(apply.Unknown) != 1 || sent+1+account.Count(apply.NotAttempted) != 40 {
			t.Errorf("%s", account)
		}
		if count[plan.OutcomeUnknown] != 1 || count[plan.OutcomeNotSent] != 1 || count[plan.OutcomeAccepted] != sent {
			t.Errorf("%s; the ledger has %v, want one that was begun ahead and not sent", account, count)
		}
	})
}

// Intents are stored ahead of the requests, but few: each may cost a person's
// look. One at a time means one after the other.
func TestFewAreBegunAhead(t *testing.T) {
	for parallelism, most := range map[int]int32{1: 1, 2: 3, 4: 5, 10: 12} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(100, 0, 0)
			var open, peak atomic.Int32
			w.store.BeforeCreate = func(key string) error {
				if strings.Contains(key, "intent") {
					peak.Store(max(peak.Load(), open.Add(1)))
				}
				time.Sleep(time.Millisecond)
				if parallelism == 1 && strings.Contains(key, "accepted") {
					open.Add(-1)
				}
				return nil
			}
			w.kiva.answer = func(string, string) error {
				time.Sleep(50 * time.Millisecond)
				if parallelism > 1 {
					open.Add(-1)
				}
				return nil
			}
			w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = parallelism })
			if got := peak.Load(); got != most {
				t.Errorf("parallelism %d: %d intents without an answer at once, want %d", parallelism, got, most)
			}
		})
	}
}

// The network doesn't wait for the ledger.
func TestTheLedgerIsWrittenBesideTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1000, 0, 0)
		w.store.BeforeCreate = func(string) error { time.Sleep(9 * time.Millisecond); return nil }
		w.kiva.answer = func(string, string) error { time.Sleep(50 * time.Millisecond); return nil }
		begun := time.Now()
		w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 10 })
		if took, floor := time.Since(begun), 5*time.Second; took > floor+100*time.Millisecond {
			t.Errorf("took %s, and the requests alone take %s", took, floor)
		}
	})
}

// An intent whose turn comes too late isn't sent: a person may have decided
// about it by then.
func TestALateTurnEndsTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3, 0, 0)
		w.kiva.answer = func(string, string) error { time.Sleep(apply.FreshFor + time.Minute); return nil }
		account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 2 })
		count := w.attempts(t)
		if account.String() != "sent 3" || count[plan.OutcomeNotSent] != 1 || count[plan.OutcomeAccepted] != 3 {
			t.Errorf("%s; the ledger has %v, want one attempt that wasn't sent", account, count)
		}
	})
}
