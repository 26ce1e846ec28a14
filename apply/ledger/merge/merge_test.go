package merge_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/plan"
)

func mergeInto(t *testing.T, from, to ledger.Store) *merge.Result {
	t.Helper()
	m, err := merge.Copies(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Two copies that each sent a batch under one number know both afterwards,
// whichever is merged into the other, and nothing that was there has changed.
func TestMerge(t *testing.T) {
	base := new(ledgertest.Memory)
	ledgertest.Send(t, base, "base", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-0/a"))
	one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
	ledgertest.Send(t, one, "one", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-1/a"))
	ledgertest.Send(t, one, "one", plan.OutcomeRejected, ledgertest.DraftIntent("0011", 0))
	done := ledgertest.Send(t, other, "other", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-2/a"))
	if err := ledgertest.Open(t, other).MarkDone(t.Context(), done, "other", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	ledgertest.Send(t, other, "other", "", ledgertest.JournalsIntent("journal/L-3/a"))
	ledgertest.Send(t, other, "other", plan.OutcomeAccepted, ledgertest.DraftIntent("0022", 0))
	before, there := ledgertest.Contents(t, one), ledgertest.Contents(t, other)

	m := mergeInto(t, other, one)
	if m.Attempts != 3 || m.Objects != 6 || len(m.Twice) != 0 {
		t.Errorf("%+v", m)
	}
	want := []merge.Moved{{Scope: ledgertest.Scope, Stream: "journals", From: 2, To: 3}, {Scope: ledgertest.Scope, Stream: "journals", From: 3, To: 4}, {Scope: ledgertest.Scope, Stream: ledgertest.Draft, From: 1, To: 2}}
	if got := m.Moved; !slices.Equal(got, want) && !slices.Equal(got, []merge.Moved{want[2], want[0], want[1]}) {
		t.Errorf("moved %+v", got)
	}
	now := ledgertest.Contents(t, one)
	for key, data := range before {
		if now[key] != data {
			t.Errorf("%s was changed", key)
		}
	}
	if !maps.Equal(ledgertest.Contents(t, other), there) {
		t.Error("the other copy was changed")
	}
	p := ledgertest.Past(t, one)
	for address, outcome := range map[ledger.Address]plan.Outcome{
		"journal/L-0/a": plan.OutcomeAccepted, "journal/L-1/a": plan.OutcomeAccepted, "journal/L-2/a": plan.OutcomeAccepted,
		"journal/L-3/a": plan.OutcomeUnknown, ledgertest.Draft: plan.OutcomeAccepted,
	} {
		if got := p.Last(address); got == nil || got.Outcome != outcome {
			t.Errorf("%s: %+v, want %s", address, got, outcome)
		}
	}
	for a, err := range ledger.New(one, ledgertest.Scope, ledger.Options{}).Attempts(t.Context()) {
		if err != nil || a.Done != (a.Intent.Run == "other" && a.Intent.Attempt == 3) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if v, err := audit.Verify(t.Context(), one); err != nil || len(v.Findings) > 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if again := mergeInto(t, other, one); again.Objects != 0 || !maps.Equal(ledgertest.Contents(t, one), now) || len(again.Moved) != 3 {
		t.Errorf("again: %+v", again)
	}
	if back := mergeInto(t, one, other); back.Attempts != 2 {
		t.Errorf("the other way round: %+v", back)
	}
	if m := mergeInto(t, other, one); m.Objects != 0 {
		t.Errorf("and back: %+v", m)
	}
}

// A copy that is only behind becomes the same as the other one, byte by byte.
func TestMergeBehind(t *testing.T) {
	from := ledgertest.Filled(t)
	behind := new(ledgertest.Memory)
	for key, data := range ledgertest.Contents(t, from) {
		if !strings.Contains(key, ".2.") && !strings.Contains(key, "1.rejected") {
			if err := behind.Create(t.Context(), key, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m := mergeInto(t, from, behind); m.Attempts != 2 || len(m.Moved) != 0 || !maps.Equal(ledgertest.Contents(t, from), ledgertest.Contents(t, behind)) {
		t.Errorf("%+v, %v", m, ledgertest.Contents(t, behind))
	}
}

// What the other copy tried and may try again doesn't make anything look unsent.
func TestMergeOfRejected(t *testing.T) {
	for _, mine := range []plan.Outcome{plan.OutcomeAccepted, ""} {
		for _, theirs := range []plan.Outcome{plan.OutcomeRejected, plan.OutcomeNotSent} {
			base := new(ledgertest.Memory)
			ledgertest.Open(t, base)
			one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
			ledgertest.Send(t, one, "one", mine, ledgertest.DraftIntent("0011", 0))
			ledgertest.Send(t, other, "other", theirs, ledgertest.DraftIntent("0022", 0))
			ledgertest.Send(t, one, "one", mine, ledgertest.RowsIntent("one", "L-1"))
			ledgertest.Send(t, other, "other", theirs, ledgertest.RowsIntent("other", "L-1", "L-2"))
			mergeInto(t, other, one)
			p := ledgertest.Past(t, one)
			if got := p.Last(ledgertest.Draft); got == nil || got.Outcome.MayRepeat() || got.Number != 1 {
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
	ledgertest.Send(t, base, "base", plan.OutcomeAccepted, ledgertest.RowsIntent("base", "L-1"))
	one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
	correction := ledgertest.RowsIntent("r", "L-1", "L-2", "L-3")
	correction.Rows[0].After, correction.Rows[0].Again = 1, true
	l := ledgertest.Open(t, one)
	ledgertest.Finish(t, l, ledgertest.Begin(t, l, correction), ledger.Result{Outcome: plan.OutcomeAccepted, Problems: []ledger.Problem{{LoanID: "L-3", Severity: "error"}}})
	ledgertest.Send(t, other, "other", "", correction)
	ledgertest.Send(t, one, "one", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-1/a", "journal/L-2/a"))
	ledgertest.Send(t, other, "other", plan.OutcomeRejected, ledgertest.JournalsIntent("journal/L-1/a"))
	ledgertest.Send(t, one, "one", plan.OutcomeAccepted, ledgertest.DraftIntent("aa", 0))
	ledgertest.Send(t, other, "other", plan.OutcomeAccepted, ledgertest.DraftIntent("bb", 0))
	for range 2 {
		var got []string
		for _, v := range mergeInto(t, other, one).Twice {
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
	a := ledgertest.Send(t, base, "base", "", ledgertest.DraftIntent("aa", 0))
	decide := func(s ledger.Store, o plan.Outcome) {
		of := *a
		if err := ledgertest.Open(t, s).Resolve(t.Context(), &of, ledger.Resolution{Decision: o, Run: string(o)}); err != nil {
			t.Fatal(err)
		}
	}
	exists, absent := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
	decide(exists, plan.OutcomeExists)
	decide(absent, plan.OutcomeAbsent)
	was := ledgertest.Copied(t, exists)
	mergeInto(t, absent, exists)
	mergeInto(t, was, absent)
	for name, s := range map[string]ledger.Store{"exists": exists, "absent": absent} {
		if got := ledgertest.Past(t, s).Last(ledgertest.Draft); got == nil || got.Outcome != plan.OutcomeExists {
			t.Errorf("%s: %+v", name, got)
		}
		if m := mergeInto(t, was, s); m.Objects != 0 {
			t.Errorf("%s again: %+v", name, m)
		}
	}
	refused := ledgertest.Copied(t, base) // Kiva's answer came late, and says otherwise than the person
	of := *a
	ledgertest.Finish(t, ledgertest.Open(t, refused), &of, ledger.Result{Outcome: plan.OutcomeRejected})
	if mergeInto(t, refused, was); ledgertest.Past(t, was).Last(ledgertest.Draft).Outcome != plan.OutcomeExists {
		t.Errorf("what exists here was refused there: %+v", ledgertest.Past(t, was).Last(ledgertest.Draft))
	}
	decided := ledgertest.Copied(t, base)
	decide(decided, plan.OutcomeAbsent)
	if mergeInto(t, decided, base); ledgertest.Past(t, base).Last(ledgertest.Draft).Outcome != plan.OutcomeAbsent {
		t.Errorf("a decision of the other copy isn't known: %+v", ledgertest.Past(t, base).Last(ledgertest.Draft))
	}
}

// A person said "absent", and then Kiva's answer came: the answer is stored first.
func TestMergeOfLateAnswer(t *testing.T) {
	base := new(ledgertest.Memory)
	a := ledgertest.Send(t, base, "base", "", ledgertest.DraftIntent("aa", 0))
	other, of := ledgertest.Copied(t, base), *a
	if err := ledgertest.Open(t, other).Resolve(t.Context(), &of, ledger.Resolution{Decision: plan.OutcomeAbsent, Run: "r"}); err != nil {
		t.Fatal(err)
	}
	ledgertest.Finish(t, ledgertest.Open(t, other), &of, ledger.Result{Outcome: plan.OutcomeAccepted})
	for stop := range 2 {
		to, left := ledgertest.Copied(t, base), stop
		to.BeforeCreate = func(string) error {
			if left--; left < 0 {
				return errors.New("stopped")
			}
			return nil
		}
		if _, err := merge.Copies(t.Context(), other, to); err == nil {
			t.Fatal("the merger wasn't stopped")
		}
		if got := ledgertest.Past(t, to).Last(ledgertest.Draft); got == nil || got.Outcome.MayRepeat() {
			t.Errorf("stopped at %d: %+v", stop, got)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	replace := func(part, old, new string) func(*ledgertest.Memory) {
		return func(s *ledgertest.Memory) {
			ledgertest.Change(t, s, part, func(b []byte) []byte { return []byte(strings.Replace(string(b), old, new, 1)) })
		}
	}
	for name, tt := range map[string]struct {
		harm func(other *ledgertest.Memory)
		want string
	}{
		"another key":     {replace(ledger.HeaderKey, `"key": "`, `"key": "AAAA`), "begun apart"},
		"no first object": {func(s *ledgertest.Memory) { s.Remove(ledger.HeaderKey) }, "there is no ledger"},
		"a missing attempt": {func(s *ledgertest.Memory) {
			ledgertest.Change(t, s, "L-1.1.intent", nil)
			ledgertest.Change(t, s, "L-1.1.rejected", nil)
		}, "L-1.1.intent.json: no such object"},
		"a missing intent":  {func(s *ledgertest.Memory) { ledgertest.Change(t, s, "L-1.2.intent", nil) }, "L-1.2.intent.json: no such object"},
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
		to := ledgertest.Filled(t)
		from := ledgertest.Copied(t, to)
		before := ledgertest.Contents(t, to)
		tt.harm(from)
		if _, err := merge.Copies(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if !maps.Equal(before, ledgertest.Contents(t, to)) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// Somebody who uses the ledger meanwhile is noticed.
func TestMergeInUse(t *testing.T) {
	base := new(ledgertest.Memory)
	ledgertest.Open(t, base)
	one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
	ledgertest.Send(t, other, "other", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-1/a"))
	one.BeforeCreate = func(string) error {
		one.BeforeCreate = nil
		ledgertest.Send(t, one, "meanwhile", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-2/a"))
		return nil
	}
	if _, err := merge.Copies(t.Context(), other, one); !errors.Is(err, merge.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
	one.AfterCreate = func(string) error {
		one.AfterCreate = nil
		ledgertest.Send(t, other, "meanwhile", plan.OutcomeAccepted, ledgertest.JournalsIntent("journal/L-3/a"))
		return nil
	}
	if _, err := merge.Copies(t.Context(), other, one); !errors.Is(err, merge.ErrInUse) {
		t.Errorf("the other copy grew: %v, want ErrInUse", err)
	}
	if mergeInto(t, other, one); ledgertest.Past(t, one).Last("journal/L-1/a") == nil || ledgertest.Past(t, one).Last("journal/L-3/a") == nil || ledgertest.Past(t, one).Last("journal/L-2/a") == nil {
		t.Error("something is forgotten")
	}
}
