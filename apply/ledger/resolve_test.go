package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
)

func decision(o plan.Outcome, items ...ledger.Address) ledger.Resolution {
	return ledger.Resolution{Decision: o, Items: items, Reason: "looked", At: time.Now(), Run: "p"}
}

// theAttempt reads the only attempt of a ledger anew.
func theAttempt(t *testing.T, store ledger.Store) (*ledger.Ledger, *ledger.Attempt) {
	t.Helper()
	l := ledgertest.Open(t, store)
	var found *ledger.Attempt
	for a, err := range l.Attempts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found = a
	}
	return l, found
}

// A decision is corrected by another one as often as a person likes; the latest
// counts, also for who reads the ledger anew.
func TestDecisionsAreCorrected(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0))
	for i := range 12 {
		want := []plan.Outcome{plan.OutcomeAbsent, plan.OutcomeExists}[i%2]
		person, a := theAttempt(t, store)
		if err := person.Resolve(t.Context(), a, decision(want)); err != nil {
			t.Fatal(err)
		}
		if got := person.Last(draft).Outcome; got != want {
			t.Errorf("decision %d: %s, want %s", i+1, got, want)
		}
		if got := ledgertest.Past(t, store).Last(draft).Outcome; got != want {
			t.Errorf("decision %d, read anew: %s, want %s", i+1, got, want)
		}
	}
	// Of two that decide at the same time, one wins.
	first, a := theAttempt(t, store)
	second, b := theAttempt(t, store)
	if err := first.Resolve(t.Context(), a, decision(plan.OutcomeAbsent)); err != nil {
		t.Fatal(err)
	}
	if err := second.Resolve(t.Context(), b, decision(plan.OutcomeAbsent)); !errors.Is(err, ledger.ErrDecided) {
		t.Errorf("the second one: %v", err)
	}
	// Once another attempt has begun, what was said before it stays.
	next := ledgertest.Open(t, store)
	ledgertest.Finish(t, next, ledgertest.Begin(t, next, ledgertest.DraftIntent("aa", 1)), ledger.Result{Outcome: plan.OutcomeNotSent})
	late := ledgertest.Open(t, store)
	for a := range late.Attempts(t.Context()) {
		if err := late.Resolve(t.Context(), a, decision(plan.OutcomeExists)); !errors.Is(err, ledger.ErrDecided) {
			t.Errorf("attempt %d: %v", a.Intent.Attempt, err)
		}
	}
}

// Single rows of an upload are decided about, and sent again apart from the others.
func TestDecisionsAboutRows(t *testing.T) {
	const l1, l2 ledger.Address = "repayment/2026-11/L-1", "repayment/2026-11/L-2"
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	ledgertest.Begin(t, l, ledgertest.RowsIntent("r", "L-1", "L-2"))
	person, a := theAttempt(t, store)
	if err := person.Resolve(t.Context(), a, decision(plan.OutcomeAbsent, l2)); err != nil {
		t.Fatal(err)
	}
	rows := ledgertest.Past(t, store).Rows("2026-11")
	if rows["L-1"].Outcome != plan.OutcomeUnknown || rows["L-2"].Outcome != plan.OutcomeAbsent {
		t.Errorf("%s, %s", rows["L-1"].Outcome, rows["L-2"].Outcome)
	}
	person, a = theAttempt(t, store)
	if err := person.Resolve(t.Context(), a, decision(plan.OutcomeExists, "repayment/2026-11/L-9")); !errors.Is(err, ledger.ErrDecided) {
		t.Errorf("a row of another upload: %v", err)
	}
	if err := person.Resolve(t.Context(), a, decision(plan.OutcomeExists, l1)); err != nil {
		t.Fatal(err)
	}
	again := ledgertest.RowsIntent("r2", "L-2")
	again.Rows[0].After = 1
	next := ledgertest.Open(t, store)
	ledgertest.Finish(t, next, ledgertest.Begin(t, next, again), ledger.Result{Outcome: plan.OutcomeAccepted})
	late := ledgertest.Open(t, store)
	for a := range late.Attempts(t.Context()) {
		if a.Intent.Attempt != 1 {
			continue
		}
		if err := late.Resolve(t.Context(), a, decision(plan.OutcomeExists, l2)); !errors.Is(err, ledger.ErrDecided) {
			t.Errorf("the row that was sent again: %v", err)
		}
		if err := late.Resolve(t.Context(), a, decision(plan.OutcomeAbsent, l1)); err != nil {
			t.Errorf("the other one can still be corrected: %v", err)
		}
	}
}

// A person corrects "absent" while another run begins the next attempt. Whichever
// is stored first, one of them learns of the other before anything is sent.
func TestACorrectionMeetsARun(t *testing.T) {
	for name, correctFirst := range map[string]bool{"the correction first": true, "the intent first": false} {
		store := new(ledgertest.Memory)
		l := ledgertest.Open(t, store)
		ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0))
		person, a := theAttempt(t, store)
		if err := person.Resolve(t.Context(), a, decision(plan.OutcomeAbsent)); err != nil {
			t.Fatal(err)
		}
		run := ledgertest.Open(t, store)
		person, a = theAttempt(t, store)
		if correctFirst {
			if err := person.Resolve(t.Context(), a, decision(plan.OutcomeExists)); err != nil {
				t.Fatal(err)
			}
			taken := (*ledger.TakenError)(nil)
			if _, err := run.Begin(t.Context(), ledgertest.DraftIntent("aa", 1)); !errors.As(err, &taken) || taken.Outcome != plan.OutcomeExists {
				t.Errorf("%s: the run: %v", name, err)
			}
			if got := ledgertest.Past(t, store).Last(draft).Outcome; got != plan.OutcomeExists {
				t.Errorf("%s: then %s", name, got)
			}
			continue
		}
		ledgertest.Begin(t, run, ledgertest.DraftIntent("aa", 1))
		if err := person.Resolve(t.Context(), a, decision(plan.OutcomeExists)); !errors.Is(err, ledger.ErrDecided) || !strings.Contains(err.Error(), "attempt 2 has begun meanwhile") {
			t.Errorf("%s: the person: %v", name, err)
		}
	}
}

func TestResolutionNumber(t *testing.T) {
	for what, want := range map[string]int{"resolution": 1, "resolution-2": 2, "resolution-11": 11} {
		if n, ok := ledger.ResolutionNumber(what); !ok || n != want {
			t.Errorf("%s: %d %t", what, n, ok)
		}
	}
	for _, what := range []string{"resolution-1", "resolution-", "resolution-02", "resolution-2x", "resolution2", "intent"} {
		if _, ok := ledger.ResolutionNumber(what); ok {
			t.Errorf("%s is one", what)
		}
	}
}
