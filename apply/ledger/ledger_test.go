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
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

var scope = ledger.Scope{Environment: "staging", PartnerID: "145"}

const draft = ledger.Address("loan_draft/L-1")

// open returns a prepared ledger over a store, as another program would.
func open(t *testing.T, store ledger.Store) *ledger.Ledger {
	t.Helper()
	l := ledger.New(store, scope, ledger.Options{})
	if err := l.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func draftIntent(fingerprint string, after int) ledger.Intent {
	return ledger.Intent{Stream: draft, Run: "run-" + fingerprint, At: time.Unix(1_800_000_000, 0),
		Items: []ledger.Item{{Address: draft, Fingerprint: fingerprint, After: after, Values: map[string]string{"currency": "KES"}}}}
}

func begin(t *testing.T, l *ledger.Ledger, in ledger.Intent) *ledger.Attempt {
	t.Helper()
	a, err := l.Begin(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func finish(t *testing.T, l *ledger.Ledger, a *ledger.Attempt, r ledger.Result) {
	t.Helper()
	if err := l.Finish(t.Context(), a, r); err != nil {
		t.Fatal(err)
	}
}

func past(t *testing.T, store ledger.Store) plan.Past {
	t.Helper()
	p, err := ledger.New(store, scope, ledger.Options{}).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What one program recorded, another one reads.
func TestOutcomesAreRemembered(t *testing.T) {
	for _, outcome := range []plan.Outcome{plan.OutcomeAccepted, plan.OutcomeRejected, plan.OutcomeNotSent, plan.OutcomeUnknown} {
		t.Run(string(outcome), func(t *testing.T) {
			store := new(ledgertest.Memory)
			l := open(t, store)
			if got := past(t, store).Last(draft); got != nil {
				t.Fatalf("before anything: %+v", got)
			}
			a := begin(t, l, draftIntent("00112233aabbccdd", 0))
			if got := past(t, store).Last(draft); got == nil || got.Outcome != plan.OutcomeUnknown {
				t.Fatalf("between intent and outcome: %+v, want unknown", got)
			}
			finish(t, l, a, ledger.Result{Outcome: outcome, Message: "because"})
			for _, p := range []plan.Past{past(t, store), l} {
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
		l := open(t, store)
		a := begin(t, l, draftIntent("aa", 0))
		if tt.outcome != "" {
			finish(t, l, a, ledger.Result{Outcome: tt.outcome})
		}
		for i, l := range []*ledger.Ledger{l, open(t, store)} {
			in := draftIntent("bb", tt.after)
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
	first, second := open(t, store), open(t, store)
	if _, err := second.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	finish(t, first, begin(t, first, draftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeAccepted})
	_, err := second.Begin(t.Context(), draftIntent("bb", 0))
	var taken *ledger.TakenError
	if !errors.As(err, &taken) || taken.Run != "run-aa" || taken.Outcome != plan.OutcomeAccepted {
		t.Errorf("the second program got %v", err)
	}
}

func rowsIntent(run string, ids ...string) ledger.Intent {
	in := ledger.Intent{Stream: "repayments/2026-11", Run: run, At: time.Now()}
	for _, id := range ids {
		in.Rows = append(in.Rows, ledger.Row{LoanID: id, Amount: money.FromInt(100)})
	}
	return in
}

// Batches of one report are counted together, so that no row goes out in two
// batches of two programs, however they cut them.
func TestNoRowInTwoBatches(t *testing.T) {
	const programs, loans = 6, 60
	store := new(ledgertest.Memory)
	var wins [loans]atomic.Int32
	var group sync.WaitGroup
	for p := range programs {
		l := open(t, store)
		group.Go(func() {
			size := p + 1
			for from := 0; from < loans; from += size {
				var ids []string
				for i := from; i < min(from+size, loans); i++ {
					ids = append(ids, fmt.Sprint(i))
				}
				a, err := l.Begin(context.Background(), rowsIntent(fmt.Sprint(p), ids...))
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
	if n := len(past(t, store).Rows("2026-11")); n == 0 {
		t.Error("nothing was recorded")
	}
}

// A row with an error of its own is rejected though its upload was accepted.
func TestRowsEndByThemselves(t *testing.T) {
	store := new(ledgertest.Memory)
	l := open(t, store)
	a := begin(t, l, rowsIntent("r", "L-1", "L-2", "L-3"))
	finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted, Problems: []ledger.Problem{
		{LoanID: "L-2", Severity: "error", Details: "no such loan"},
		{LoanID: "L-3", Severity: "warning", Details: "a large amount"},
	}})
	got := make(map[string]string)
	for id, row := range past(t, store).Rows("2026-11") {
		got[id] = string(row.Outcome) + " " + row.Message
	}
	want := map[string]string{"L-1": "accepted ", "L-2": "rejected no such loan", "L-3": "accepted "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := past(t, store).Periods(); len(got) != 1 || got[0] != "2026-11" {
		t.Errorf("periods %q", got)
	}
	in := rowsIntent("s", "L-2")
	in.Rows[0].After = 1
	begin(t, l, in)
	in = rowsIntent("s", "L-1")
	in.Rows[0].After = 1
	if _, err := l.Begin(t.Context(), in); err == nil {
		t.Error("an accepted row was taken again")
	}
	in.Rows[0].Again = true
	begin(t, l, in)
}

func TestRecordedFieldsHoldNoPersonalText(t *testing.T) {
	store := new(ledgertest.Memory)
	l := open(t, store)
	field := spec.Field{Path: "entreps[0].first_name", Value: "Unmistakable", Personal: true}
	digest := l.Field(draft, field)
	if strings.Contains(digest, "Unmistakable") || len(digest) < 32 {
		t.Errorf("digest %q", digest)
	}
	if l.Field("loan_draft/L-2", field) == digest {
		t.Error("two borrowers of one name have one digest")
	}
	in := draftIntent("aa", 0)
	in.Items[0].Digests = map[string]string{field.Path: digest}
	finish(t, l, begin(t, l, in), ledger.Result{Outcome: plan.OutcomeAccepted})
	again := open(t, store)
	last := again.Last(draft)
	got, err := again.Recorded(t.Context(), draft, last)
	if err != nil {
		t.Fatal(err)
	}
	want := plan.Recorded{Values: map[string]string{"currency": "KES"}, Digests: map[string]string{field.Path: again.Field(draft, field)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last.Run != "run-aa" || last.At.IsZero() {
		t.Errorf("the attempt was not completed: %+v", last)
	}
}

func TestFingerprintSeparatesFields(t *testing.T) {
	l := open(t, new(ledgertest.Memory))
	a := l.Fingerprint(draft, []spec.Field{{Path: "a", Value: "bc"}})
	for _, fields := range [][]spec.Field{
		{{Path: "ab", Value: "c"}}, {{Path: "a", Value: "b"}, {Path: "c"}}, {{Path: "a", Value: "bd"}}, nil,
	} {
		if l.Fingerprint(draft, fields) == a {
			t.Errorf("%v has the same fingerprint", fields)
		}
	}
	if other := open(t, new(ledgertest.Memory)); other.Fingerprint(draft, []spec.Field{{Path: "a", Value: "bc"}}) == a {
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
	open(t, held)
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
	l := open(t, store)
	finish(t, l, begin(t, l, draftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeRejected})
	finish(t, l, begin(t, l, draftIntent("aa", 1)), ledger.Result{Outcome: plan.OutcomeAccepted})
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
	l := open(t, store)
	finish(t, l, begin(t, l, draftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeAccepted})
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
		run := open(t, store)
		a := begin(t, run, draftIntent("00112233aabbccdd", 0))
		person := open(t, store)
		for attempt, err := range person.Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if err := person.Resolve(t.Context(), attempt, ledger.Resolution{Decision: plan.OutcomeExists, At: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		finish(t, run, a, ledger.Result{Outcome: outcome})
		if got := past(t, store).Last(draft); got.Outcome != plan.OutcomeExists {
			t.Errorf("%s: others read %s", outcome, got.Outcome)
		}
		if _, err := run.Begin(t.Context(), draftIntent("00112233aabbccdd", 1)); !errors.As(err, new(*ledger.TakenError)) {
			t.Errorf("%s: the run itself begins another attempt: %v", outcome, err)
		}
	}
}

func TestDone(t *testing.T) {
	store := new(ledgertest.Memory)
	l := open(t, store)
	a := begin(t, l, rowsIntent("r", "L-1"))
	finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted})
	for range 2 {
		if err := l.MarkDone(t.Context(), a, "run", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for attempt, err := range open(t, store).Attempts(t.Context()) {
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
	l := open(t, store)
	store.BeforeCreate = func(string) error { return full }
	if _, err := l.Begin(t.Context(), draftIntent("aa", 0)); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	store.BeforeCreate = nil
	if l.Last(draft) != nil || past(t, store).Last(draft) != nil {
		t.Error("an intent that was not stored counts")
	}
}
