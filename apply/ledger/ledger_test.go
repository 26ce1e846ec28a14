package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
	"kivaform/spec"
)

var scope = ledgertest.Scope

const draft = ledgertest.Draft

// What one program recorded, another one reads.
func TestOutcomesAreRemembered(t *testing.T) {
	for _, outcome := range []plan.Outcome{plan.OutcomeAccepted, plan.OutcomeRejected, plan.OutcomeNotSent, plan.OutcomeUnknown} {
		t.Run(string(outcome), func(t *testing.T) {
			store := new(ledgertest.Memory)
			l := ledgertest.Open(t, store)
			if got := ledgertest.Past(t, store).Last(draft); got != nil {
				t.Fatalf("before anything: %+v", got)
			}
			a := ledgertest.Begin(t, l, ledgertest.DraftIntent("00112233aabbccdd", 0))
			if got := ledgertest.Past(t, store).Last(draft); got == nil || got.Outcome != plan.OutcomeUnknown {
				t.Fatalf("between intent and outcome: %+v, want unknown", got)
			}
			ledgertest.Finish(t, l, a, ledger.Result{Outcome: outcome, Message: "because"})
			for _, p := range []plan.Past{ledgertest.Past(t, store), l} {
				got := p.Last(draft)
				if got == nil || got.Outcome != outcome || got.Number != 1 || got.Fingerprint != "00112233aabbccdd" {
					t.Fatalf("after: %+v", got)
				}
				if !outcome.AtKiva() && got.Message != "because" {
					t.Errorf("the message became %q", got.Message)
				}
			}
		})
	}
}

func TestAnotherAttemptNeedsAReason(t *testing.T) {
	for _, tt := range []struct {
		outcome plan.Outcome // of the first attempt; "" for none recorded
		after   int
		again   bool
		allowed bool
	}{
		{plan.OutcomeRejected, 1, false, true},
		{plan.OutcomeNotSent, 1, false, true},
		{plan.OutcomeAccepted, 1, false, false},
		{plan.OutcomeAccepted, 1, true, true},
		{plan.OutcomeUnknown, 1, false, false},
		{plan.OutcomeUnknown, 1, true, false},
		{"", 1, false, false},
		{"", 1, true, false},
		{plan.OutcomeRejected, 0, false, false}, // the plan didn't see the attempt
		{plan.OutcomeRejected, 2, false, false}, // the plan saw another ledger
	} {
		store := new(ledgertest.Memory)
		l := ledgertest.Open(t, store)
		a := ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0))
		if tt.outcome != "" {
			ledgertest.Finish(t, l, a, ledger.Result{Outcome: tt.outcome})
		}
		for i, l := range []*ledger.Ledger{l, ledgertest.Open(t, store)} {
			in := ledgertest.DraftIntent("bb", tt.after)
			in.Items[0].Again = tt.again
			_, err := l.Begin(t.Context(), in)
			var taken *ledger.TakenError
			if got := err == nil; got != (tt.allowed && i == 0) || err != nil && !errors.As(err, &taken) {
				t.Errorf("%+v, program %d: %v", tt, i, err)
			}
		}
	}
}

// Two programs that never heard of each other and want different contents of
// one loan collide as well.
func TestDifferentContentsCollide(t *testing.T) {
	store := new(ledgertest.Memory)
	first, second := ledgertest.Open(t, store), ledgertest.Open(t, store)
	if _, err := second.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ledgertest.Finish(t, first, ledgertest.Begin(t, first, ledgertest.DraftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeAccepted})
	_, err := second.Begin(t.Context(), ledgertest.DraftIntent("bb", 0))
	var taken *ledger.TakenError
	if !errors.As(err, &taken) || taken.Run != "run-aa" || taken.Outcome != plan.OutcomeAccepted {
		t.Errorf("the second program got %v", err)
	}
}

// Batches of one report are counted together, so that no row goes out in two
// batches of two programs, however they cut them.
func TestNoRowInTwoBatches(t *testing.T) {
	const programs, loans = 6, 60
	store := new(ledgertest.Memory)
	var wins [loans]atomic.Int32
	var group sync.WaitGroup
	for p := range programs {
		l := ledgertest.Open(t, store)
		group.Go(func() {
			size := p + 1
			for from := 0; from < loans; from += size {
				var ids []string
				for i := from; i < min(from+size, loans); i++ {
					ids = append(ids, fmt.Sprint(i))
				}
				a, err := l.Begin(context.Background(), ledgertest.RowsIntent(fmt.Sprint(p), ids...))
				var taken *ledger.TakenError
				if errors.As(err, &taken) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				for i := from; i < min(from+size, loans); i++ {
					wins[i].Add(1)
				}
				if err := l.Finish(context.Background(), a, ledger.Result{Outcome: plan.OutcomeAccepted}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for i := range wins {
		if n := wins[i].Load(); n > 1 {
			t.Errorf("row %d is in %d batches", i, n)
		}
	}
	if n := len(ledgertest.Past(t, store).Rows("2026-11")); n == 0 {
		t.Error("nothing was recorded")
	}
}

// A row with an error of its own is rejected though its upload was accepted.
func TestRowsEndByThemselves(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	a := ledgertest.Begin(t, l, ledgertest.RowsIntent("r", "L-1", "L-2", "L-3"))
	ledgertest.Finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted, Problems: []ledger.Problem{
		{LoanID: "L-2", Severity: "error", Details: "no such loan"},
		{LoanID: "L-3", Severity: "warning", Details: "a large amount"},
	}})
	got := make(map[string]string)
	for id, row := range ledgertest.Past(t, store).Rows("2026-11") {
		got[id] = string(row.Outcome) + " " + row.Message
	}
	want := map[string]string{"L-1": "accepted ", "L-2": "rejected no such loan", "L-3": "accepted "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := ledgertest.Past(t, store).Periods(); len(got) != 1 || got[0] != "2026-11" {
		t.Errorf("periods %q", got)
	}
	in := ledgertest.RowsIntent("s", "L-2")
	in.Rows[0].After = 1
	ledgertest.Begin(t, l, in)
	in = ledgertest.RowsIntent("s", "L-1")
	in.Rows[0].After = 1
	if _, err := l.Begin(t.Context(), in); err == nil {
		t.Error("an accepted row was taken again")
	}
	in.Rows[0].Again = true
	ledgertest.Begin(t, l, in)
}

func TestRecordedFieldsHoldNoPersonalText(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	field := spec.Field{Path: "entreps[0].first_name", Value: "Unmistakable", Personal: true}
	digest := l.Digester().Field(draft, field)
	if strings.Contains(digest, "Unmistakable") || len(digest) < 32 {
		t.Errorf("digest %q", digest)
	}
	if l.Digester().Field("loan_draft/L-2", field) == digest {
		t.Error("two borrowers of one name have one digest")
	}
	in := ledgertest.DraftIntent("aa", 0)
	in.Items[0].Digests = map[string]string{field.Path: digest}
	ledgertest.Finish(t, l, ledgertest.Begin(t, l, in), ledger.Result{Outcome: plan.OutcomeAccepted})
	again := ledgertest.Open(t, store)
	last := again.Last(draft)
	got, err := again.Recorded(t.Context(), draft, last)
	if err != nil {
		t.Fatal(err)
	}
	want := plan.Recorded{Values: map[string]string{"currency": "KES"}, Digests: map[string]string{field.Path: again.Digester().Field(draft, field)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last.Run != "run-aa" || last.At.IsZero() {
		t.Errorf("the attempt was not completed: %+v", last)
	}
}

func TestFingerprintSeparatesFields(t *testing.T) {
	l := ledgertest.Open(t, new(ledgertest.Memory))
	a := l.Digester().Fingerprint(draft, []spec.Field{{Path: "a", Value: "bc"}})
	for _, fields := range [][]spec.Field{
		{{Path: "ab", Value: "c"}}, {{Path: "a", Value: "b"}, {Path: "c"}}, {{Path: "a", Value: "bd"}}, nil,
	} {
		if l.Digester().Fingerprint(draft, fields) == a {
			t.Errorf("%v has the same fingerprint", fields)
		}
	}
	if other := ledgertest.Open(t, new(ledgertest.Memory)); other.Digester().Fingerprint(draft, []spec.Field{{Path: "a", Value: "bc"}}) == a {
		t.Error("two ledgers have one key")
	}
}

func TestKeyKeptElsewhere(t *testing.T) {
	store := new(ledgertest.Memory)
	key := []byte("0123456789abcdef")
	if err := ledger.New(store, scope, ledger.Options{Key: key}).Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ledger.New(store, scope, ledger.Options{Key: key}).Prepare(t.Context()); err != nil {
		t.Errorf("with the right key: %v", err)
	}
	for _, wrong := range [][]byte{nil, []byte("another key, wrong")} {
		if err := ledger.New(store, scope, ledger.Options{Key: wrong}).Prepare(t.Context()); !errors.Is(err, ledger.ErrKey) {
			t.Errorf("with the key %q: %v", wrong, err)
		}
	}
	held := new(ledgertest.Memory)
	ledgertest.Open(t, held)
	if err := ledger.New(held, scope, ledger.Options{Key: key}).Prepare(t.Context()); !errors.Is(err, ledger.ErrKey) {
		t.Errorf("a key for a ledger that holds its own: %v", err)
	}
}

func TestPlanningCreatesNothing(t *testing.T) {
	store := &ledgertest.Memory{BeforeCreate: func(key string) error { t.Errorf("created %s", key); return nil }}
	if _, err := ledger.New(store, scope, ledger.Options{}).Load(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A ledger from which an attempt has vanished could send twice: it is refused.
func TestMissingAttemptIsNoticed(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	ledgertest.Finish(t, l, ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeRejected})
	ledgertest.Finish(t, l, ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 1)), ledger.Result{Outcome: plan.OutcomeAccepted})
	for key := range store.List(t.Context(), "staging/") {
		if strings.Contains(key, ".1.") {
			store.Remove(key)
		}
	}
	if _, err := ledger.New(store, scope, ledger.Options{}).Load(t.Context()); err == nil {
		t.Error("nobody noticed")
	}
}

func TestScopesAreApart(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	ledgertest.Finish(t, l, ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeAccepted})
	for _, other := range []ledger.Scope{{Environment: "production", PartnerID: "145"}, {Environment: "staging", PartnerID: "14"}} {
		p, err := ledger.New(store, other, ledger.Options{}).Load(t.Context())
		if err != nil || p.Last(draft) != nil {
			t.Errorf("%+v sees %+v (%v)", other, p.Last(draft), err)
		}
	}
}

// What a person has seen at Kiva isn't sent again, though the run that began it
// ends later and says that it sent nothing.
func TestWhatAPersonSawIsNotSentAgain(t *testing.T) {
	for _, outcome := range []plan.Outcome{plan.OutcomeNotSent, plan.OutcomeRejected, plan.OutcomeUnknown} {
		store := new(ledgertest.Memory)
		run := ledgertest.Open(t, store)
		a := ledgertest.Begin(t, run, ledgertest.DraftIntent("00112233aabbccdd", 0))
		person := ledgertest.Open(t, store)
		for attempt, err := range person.Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if err := person.Resolve(t.Context(), attempt, ledger.Resolution{Decision: plan.OutcomeExists, At: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		ledgertest.Finish(t, run, a, ledger.Result{Outcome: outcome})
		if got := ledgertest.Past(t, store).Last(draft); got.Outcome != plan.OutcomeExists {
			t.Errorf("%s: others read %s", outcome, got.Outcome)
		}
		if _, err := run.Begin(t.Context(), ledgertest.DraftIntent("00112233aabbccdd", 1)); !errors.As(err, new(*ledger.TakenError)) {
			t.Errorf("%s: the run itself begins another attempt: %v", outcome, err)
		}
	}
}

func TestDone(t *testing.T) {
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	a := ledgertest.Begin(t, l, ledgertest.RowsIntent("r", "L-1"))
	ledgertest.Finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted})
	for range 2 {
		if err := l.MarkDone(t.Context(), a, "run", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for attempt, err := range ledgertest.Open(t, store).Attempts(t.Context()) {
		if n++; err != nil || !attempt.Done || attempt.Outcome() != plan.OutcomeAccepted {
			t.Errorf("%+v %v", attempt, err)
		}
	}
	if n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestAnIntentThatCannotBeStored(t *testing.T) {
	full := errors.New("no space left")
	store := new(ledgertest.Memory)
	l := ledgertest.Open(t, store)
	store.BeforeCreate = func(string) error { return full }
	if _, err := l.Begin(t.Context(), ledgertest.DraftIntent("aa", 0)); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	store.BeforeCreate = nil
	if l.Last(draft) != nil || ledgertest.Past(t, store).Last(draft) != nil {
		t.Error("an intent that was not stored counts")
	}
}
