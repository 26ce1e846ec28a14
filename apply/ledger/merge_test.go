package ledger_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
	"kivaform/spec"
)

// copied returns another copy of a ledger, as a clone has it.
func copied(t *testing.T, s ledger.Store) *ledgertest.Memory {
	t.Helper()
	to := new(ledgertest.Memory)
	for key, data := range contents(t, s) {
		if err := to.Create(t.Context(), key, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// send records that a batch of journals was sent, and how it ended.
func send(t *testing.T, store ledger.Store, run string, outcome plan.Outcome, in ledger.Intent) *ledger.Attempt {
	t.Helper()
	in.Run, in.At = run, time.Unix(1_800_000_000, 0)
	l := open(t, store)
	a := begin(t, l, in)
	if outcome != "" {
		finish(t, l, a, ledger.Result{Outcome: outcome})
	}
	return a
}

func journals(addresses ...ledger.Address) ledger.Intent {
	in := ledger.Intent{Stream: spec.Journals}
	for _, a := range addresses {
		in.Items = append(in.Items, ledger.Item{Address: a, Fingerprint: "aa"})
	}
	return in
}

func merge(t *testing.T, from, to ledger.Store) *ledger.Merged {
	t.Helper()
	m, err := ledger.Merge(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Two copies that each sent a batch under one number know both afterwards,
// whichever is merged into the other, and nothing that was there has changed.
func TestMerge(t *testing.T) {
	base := new(ledgertest.Memory)
	send(t, base, "base", plan.OutcomeAccepted, journals("journal/L-0/a"))
	one, other := copied(t, base), copied(t, base)
	send(t, one, "one", plan.OutcomeAccepted, journals("journal/L-1/a"))
	send(t, one, "one", plan.OutcomeRejected, draftIntent("0011", 0))
	done := send(t, other, "other", plan.OutcomeAccepted, journals("journal/L-2/a"))
	if err := open(t, other).MarkDone(t.Context(), done, "other", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	send(t, other, "other", "", journals("journal/L-3/a"))
	send(t, other, "other", plan.OutcomeAccepted, draftIntent("0022", 0))
	before, there := contents(t, one), contents(t, other)

	m := merge(t, other, one)
	if m.Attempts != 3 || m.Objects != 6 || len(m.Twice) != 0 {
		t.Errorf("%+v", m)
	}
	want := []ledger.Moved{{Scope: scope, Stream: "journals", From: 2, To: 3}, {Scope: scope, Stream: "journals", From: 3, To: 4}, {Scope: scope, Stream: draft, From: 1, To: 2}}
	if got := m.Moved; !slices.Equal(got, want) && !slices.Equal(got, []ledger.Moved{want[2], want[0], want[1]}) {
		t.Errorf("moved %+v", got)
	}
	now := contents(t, one)
	for key, data := range before {
		if now[key] != data {
			t.Errorf("%s was changed", key)
		}
	}
	if !maps.Equal(contents(t, other), there) {
		t.Error("the other copy was changed")
	}
	p := past(t, one)
	for address, outcome := range map[ledger.Address]plan.Outcome{
		"journal/L-0/a": plan.OutcomeAccepted, "journal/L-1/a": plan.OutcomeAccepted, "journal/L-2/a": plan.OutcomeAccepted,
		"journal/L-3/a": plan.OutcomeUnknown, draft: plan.OutcomeAccepted,
	} {
		if got := p.Last(address); got == nil || got.Outcome != outcome {
			t.Errorf("%s: %+v, want %s", address, got, outcome)
		}
	}
	for a, err := range ledger.New(one, scope, ledger.Options{}).Attempts(t.Context()) {
		if err != nil || a.Done != (a.Intent.Run == "other" && a.Intent.Attempt == 3) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if v, err := ledger.Verify(t.Context(), one); err != nil || len(v.Findings) > 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if again := merge(t, other, one); again.Objects != 0 || !maps.Equal(contents(t, one), now) || len(again.Moved) != 3 {
		t.Errorf("again: %+v", again)
	}
	if back := merge(t, one, other); back.Attempts != 2 {
		t.Errorf("the other way round: %+v", back)
	}
	if m := merge(t, other, one); m.Objects != 0 {
		t.Errorf("and back: %+v", m)
	}
}

// A copy that is only behind becomes the same as the other one, byte by byte.
func TestMergeBehind(t *testing.T) {
	from := filled(t)
	behind := new(ledgertest.Memory)
	for key, data := range contents(t, from) {
		if !strings.Contains(key, ".2.") && !strings.Contains(key, "1.rejected") {
			if err := behind.Create(t.Context(), key, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m := merge(t, from, behind); m.Attempts != 2 || len(m.Moved) != 0 || !maps.Equal(contents(t, from), contents(t, behind)) {
		t.Errorf("%+v, %v", m, contents(t, behind))
	}
}

// What the other copy tried and may try again doesn't make anything look unsent.
func TestMergeOfRejected(t *testing.T) {
	for _, mine := range []plan.Outcome{plan.OutcomeAccepted, ""} {
		for _, theirs := range []plan.Outcome{plan.OutcomeRejected, plan.OutcomeNotSent} {
			base := new(ledgertest.Memory)
			open(t, base)
			one, other := copied(t, base), copied(t, base)
			send(t, one, "one", mine, draftIntent("0011", 0))
			send(t, other, "other", theirs, draftIntent("0022", 0))
			send(t, one, "one", mine, rowsIntent("one", "L-1"))
			send(t, other, "other", theirs, rowsIntent("other", "L-1", "L-2"))
			merge(t, other, one)
			p := past(t, one)
			if got := p.Last(draft); got == nil || got.Outcome.MayRepeat() || got.Number != 1 {
				t.Errorf("%s, and %s there: %+v", mine, theirs, got)
			}
			rows := p.Rows("2026-11")
			if rows["L-1"].Outcome.MayRepeat() || rows["L-2"].Outcome != theirs {
				t.Errorf("%s, and %s there: %+v", mine, theirs, rows)
			}
		}
	}
}

// What both copies sent is told, also when it is merged again.
func TestMergeFindsTwice(t *testing.T) {
	base := new(ledgertest.Memory)
	send(t, base, "base", plan.OutcomeAccepted, rowsIntent("base", "L-1"))
	one, other := copied(t, base), copied(t, base)
	correction := rowsIntent("r", "L-1", "L-2", "L-3")
	correction.Rows[0].After, correction.Rows[0].Again = 1, true
	l := open(t, one)
	finish(t, l, begin(t, l, correction), ledger.Result{Outcome: plan.OutcomeAccepted, Problems: []ledger.Problem{{LoanID: "L-3", Severity: "error"}}})
	send(t, other, "other", "", correction)
	send(t, one, "one", plan.OutcomeAccepted, journals("journal/L-1/a", "journal/L-2/a"))
	send(t, other, "other", plan.OutcomeRejected, journals("journal/L-1/a"))
	send(t, one, "one", plan.OutcomeAccepted, draftIntent("aa", 0))
	send(t, other, "other", plan.OutcomeAccepted, draftIntent("bb", 0))
	for range 2 {
		var got []string
		for _, v := range merge(t, other, one).Twice {
			got = append(got, fmt.Sprintf("%s %d %d", v.Item, v.Before, v.Attempt))
		}
		slices.Sort(got)
		if want := []string{"loan_draft/L-1 1 2", "repayment/2026-11/L-1 2 3", "repayment/2026-11/L-2 2 3"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Two words of people on one attempt, of which one says that Kiva has it: it
// doesn't look unsent, in either copy.
func TestMergeOfDecisions(t *testing.T) {
	base := new(ledgertest.Memory)
	a := send(t, base, "base", "", draftIntent("aa", 0))
	decide := func(s ledger.Store, o plan.Outcome) {
		of := *a
		if err := open(t, s).Resolve(t.Context(), &of, ledger.Resolution{Decision: o, Run: string(o)}); err != nil {
			t.Fatal(err)
		}
	}
	exists, absent := copied(t, base), copied(t, base)
	decide(exists, plan.OutcomeExists)
	decide(absent, plan.OutcomeAbsent)
	was := copied(t, exists)
	merge(t, absent, exists)
	merge(t, was, absent)
	for name, s := range map[string]ledger.Store{"exists": exists, "absent": absent} {
		if got := past(t, s).Last(draft); got == nil || got.Outcome != plan.OutcomeExists {
			t.Errorf("%s: %+v", name, got)
		}
		if m := merge(t, was, s); m.Objects != 0 {
			t.Errorf("%s again: %+v", name, m)
		}
	}
	refused := copied(t, base) // Kiva's answer came late, and says otherwise than the person
	of := *a
	finish(t, open(t, refused), &of, ledger.Result{Outcome: plan.OutcomeRejected})
	if merge(t, refused, was); past(t, was).Last(draft).Outcome != plan.OutcomeExists {
		t.Errorf("what exists here was refused there: %+v", past(t, was).Last(draft))
	}
	decided := copied(t, base)
	decide(decided, plan.OutcomeAbsent)
	if merge(t, decided, base); past(t, base).Last(draft).Outcome != plan.OutcomeAbsent {
		t.Errorf("a decision of the other copy isn't known: %+v", past(t, base).Last(draft))
	}
}

// A person said "absent", and then Kiva's answer came: the answer is stored first.
func TestMergeOfLateAnswer(t *testing.T) {
	base := new(ledgertest.Memory)
	a := send(t, base, "base", "", draftIntent("aa", 0))
	other, of := copied(t, base), *a
	if err := open(t, other).Resolve(t.Context(), &of, ledger.Resolution{Decision: plan.OutcomeAbsent, Run: "r"}); err != nil {
		t.Fatal(err)
	}
	finish(t, open(t, other), &of, ledger.Result{Outcome: plan.OutcomeAccepted})
	for stop := range 2 {
		to, left := copied(t, base), stop
		to.BeforeCreate = func(string) error {
			if left--; left < 0 {
				return errors.New("stopped")
			}
			return nil
		}
		if _, err := ledger.Merge(t.Context(), other, to); err == nil {
			t.Fatal("the merger wasn't stopped")
		}
		if got := past(t, to).Last(draft); got == nil || got.Outcome.MayRepeat() {
			t.Errorf("stopped at %d: %+v", stop, got)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	replace := func(part, old, new string) func(*ledgertest.Memory) {
		return func(s *ledgertest.Memory) {
			change(t, s, part, func(b []byte) []byte { return []byte(strings.Replace(string(b), old, new, 1)) })
		}
	}
	for name, tt := range map[string]struct {
		harm func(other *ledgertest.Memory)
		want string
	}{
		"another key":       {replace(ledger.HeaderKey, `"key": "`, `"key": "AAAA`), "begun apart"},
		"no first object":   {func(s *ledgertest.Memory) { s.Remove(ledger.HeaderKey) }, "there is no ledger"},
		"a missing attempt": {func(s *ledgertest.Memory) { change(t, s, "L-1.1.intent", nil); change(t, s, "L-1.1.rejected", nil) }, "L-1.1.intent.json: no such object"},
		"a missing intent":  {func(s *ledgertest.Memory) { change(t, s, "L-1.2.intent", nil) }, "L-1.2.intent.json: no such object"},
		"a broken intent":   {replace("L-1.1.intent", "{", ""), "is broken"},
		"markers":           {replace("L-1.1.intent", "{", "<<<<<<< HEAD\n{"), "neither side may be thrown away"},
		"a newer program's": {replace("L-1.1.intent", `"version": 1,`, `"version": 1, "colour": "red",`), "a newer kivaform"},
		"another's outcome": {func(s *ledgertest.Memory) {
			for key := range s.List(t.Context(), "") {
				if own, ok := strings.CutSuffix(key, "L-1.2.intent.json"); ok {
					s.Create(t.Context(), own+"L-1.2.accepted-ffff.json", []byte("{}"))
				}
			}
		}, "neither copy has begun"},
		"two outcomes": {func(s *ledgertest.Memory) {
			s.Create(t.Context(), "staging/145/repayments/2026-11.1.rejected.json", []byte(`{"version":1,"object":"outcome","outcome":"rejected"}`))
		}, "two outcomes"},
	} {
		to := filled(t)
		from := copied(t, to)
		before := contents(t, to)
		tt.harm(from)
		if _, err := ledger.Merge(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if !maps.Equal(before, contents(t, to)) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// Somebody who uses the ledger meanwhile is noticed.
func TestMergeInUse(t *testing.T) {
	base := new(ledgertest.Memory)
	open(t, base)
	one, other := copied(t, base), copied(t, base)
	send(t, other, "other", plan.OutcomeAccepted, journals("journal/L-1/a"))
	one.BeforeCreate = func(string) error {
		one.BeforeCreate = nil
		send(t, one, "meanwhile", plan.OutcomeAccepted, journals("journal/L-2/a"))
		return nil
	}
	if _, err := ledger.Merge(t.Context(), other, one); !errors.Is(err, ledger.ErrMergeInUse) {
		t.Errorf("%v, want ErrMergeInUse", err)
	}
	one.AfterCreate = func(string) error {
		one.AfterCreate = nil
		send(t, other, "meanwhile", plan.OutcomeAccepted, journals("journal/L-3/a"))
		return nil
	}
	if _, err := ledger.Merge(t.Context(), other, one); !errors.Is(err, ledger.ErrMergeInUse) {
		t.Errorf("the other copy grew: %v, want ErrMergeInUse", err)
	}
	if merge(t, other, one); past(t, one).Last("journal/L-1/a") == nil || past(t, one).Last("journal/L-3/a") == nil || past(t, one).Last("journal/L-2/a") == nil {
		t.Error("something is forgotten")
	}
}
