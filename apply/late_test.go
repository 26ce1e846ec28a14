package apply_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
)

// A run that Kiva keeps waiting must not send what another run has sent since.
// Its attempt ends before a person could decide about it.
func TestALongWaitEndsTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 0, 0)
		accepted, refuse := 0, true
		w.kiva.answer = func(string, string) error {
			if refuse {
				refuse = false
				return &kiva.Error{Outcome: kiva.Refused, Status: 429, RetryAfter: 20 * time.Minute}
			}
			accepted++
			return nil
		}
		done := make(chan *apply.Account)
		go func() {
			done <- w.apply(t, t.Context(), func(o *apply.Options) { o.MaxWait = time.Hour })
		}()
		time.Sleep(11 * time.Minute) // then the program takes --absent
		l := ledger.New(w.store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
		for attempt, err := range l.Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			err = l.Resolve(t.Context(), attempt, ledger.Resolution{Decision: plan.OutcomeAbsent, Reason: "not in PA2", At: time.Now()})
			if !errors.Is(err, ledger.ErrDecided) {
				t.Errorf("a person could decide about a run that still waits: %v", err)
			}
		}
		again := w.apply(t, t.Context(), nil)
		if first := <-done; accepted != 1 || first.String() != "taken 1" || again.String() != "sent 1" {
			t.Errorf("accepted %d times: the run that waited says %q, the one that came between %q", accepted, first, again)
		}
	})
}
