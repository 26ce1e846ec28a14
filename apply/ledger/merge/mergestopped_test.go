package merge_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// Two copies with any history are merged, and the merger is stopped before and
// after each object: nothing that was sent ever looks unsent, and going on ends
// as if it hadn't been stopped.
func TestMergeStopped(t *testing.T) {
	seeds := uint64(30)
	if os.Getenv("KIVAFORM_LONG") != "" {
		seeds = 300
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(7, seed))
		base := new(ledgertest.Memory)
		live(t, r, base, "base", 6)
		one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
		live(t, r, one, "one", 8)
		live(t, r, other, "other", 8)
		mine, theirs, common := standing(t, one), standing(t, other), standing(t, base)
		check := func(to ledger.Store, whole bool) {
			t.Helper()
			now := standing(t, to)
			for item := range items() {
				m, o, n, c := mine[item], theirs[item], now[item], common[item]
				// Where only one copy went on since the copies parted, that one counts,
				// unless people said the opposite of the common attempt.
				onlyThere := func() bool { return m.number == c.number && !opposite(t, one, other, c) }
				onlyHere := func() bool { return o.number == c.number && !opposite(t, one, other, c) }
				switch {
				case free(n) && !free(m) && !(free(o) && onlyThere()):
					t.Errorf("seed %d: %s looks unsent: it was %v here, is %v there, and became %v", seed, item, m, o, n)
				case whole && free(n) && !free(o) && !(free(m) && onlyHere()):
					t.Errorf("seed %d: %s looks unsent: it is %v there, was %v here, and became %v", seed, item, o, m, n)
				case n.outcome == plan.OutcomeApproved && m != n:
					t.Errorf("seed %d: %s: the other copy's approval counts", seed, item)
				}
			}
		}
		whole := ledgertest.Copied(t, one)
		m := mergeInto(t, other, whole)
		check(whole, true)
		for stop := range 2 * m.Objects {
			to := ledgertest.Copied(t, one)
			mergeUntil(t, other, to, stop)
			check(to, false)
			mergeInto(t, other, to)
			if !maps.Equal(ledgertest.Contents(t, to), ledgertest.Contents(t, whole)) {
				t.Errorf("seed %d, stopped at %d: gone on, it is another ledger", seed, stop)
			}
		}
		if v, err := audit.Verify(t.Context(), whole); err != nil || slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return !strings.Contains(f.Meaning, "look for a second one") }) {
			t.Errorf("seed %d: %+v, %v", seed, v, err)
		}
	}
}

// mergeUntil merges, and stops before or after one of the objects is stored.
func mergeUntil(t *testing.T, from ledger.Store, to *ledgertest.Memory, stop int) {
	t.Helper()
	var left atomic.Int32
	left.Store(int32(stop/2 + 1))
	halt := func(string) error {
		if left.Add(-1) < 1 {
			return errors.New("stopped")
		}
		return nil
	}
	if stop%2 == 0 {
		to.BeforeCreate = halt
	} else {
		to.AfterCreate = halt
	}
	if _, err := merge.Copies(t.Context(), from, to); err == nil {
		t.Fatal("the merger wasn't stopped")
	}
	to.BeforeCreate, to.AfterCreate = nil, nil
}

// An end is how the last attempt on an item ended.
type end struct {
	outcome plan.Outcome
	stream  ledger.Address
	number  int
}

// free reports whether planning would send an item.
func free(e end) bool { return e.outcome == "" || e.outcome.MayRepeat() }

// opposite reports whether one copy says that a common attempt exists, and the
// other one that it's absent.
func opposite(t *testing.T, one, other ledger.Store, common end) bool {
	t.Helper()
	var said []plan.Outcome
	for _, s := range []ledger.Store{one, other} {
		for a, err := range ledger.New(s, ledgertest.Scope, ledger.Options{}).Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Intent.Stream == common.stream && a.Intent.Attempt == common.number && len(a.Resolutions) > 0 {
				said = append(said, a.LastDecision().Decision)
			}
		}
	}
	return len(said) == 2 && said[0] != said[1]
}

// items are those that live deals with.
func items() map[ledger.Address]bool {
	all := make(map[ledger.Address]bool)
	for i := range 4 {
		id := fmt.Sprint("L-", i)
		all[spec.DraftAddress(id)], all[ledger.Address("journal/"+id+"/v")], all[plan.RowAddress("2026-11", id)] = true, true, true
	}
	return all
}

// standing is how each item stands in a ledger, as planning sees it.
func standing(t *testing.T, s ledger.Store) map[ledger.Address]end {
	t.Helper()
	p := ledgertest.Past(t, s)
	all := make(map[ledger.Address]end)
	for a := range items() {
		last := p.Last(a)
		if last == nil {
			continue
		}
		stream := spec.Journals
		if a.Kind() == "loan_draft" {
			stream = a
		}
		all[a] = end{last.Outcome, stream, last.Number}
	}
	for id, row := range p.Rows("2026-11") {
		all[plan.RowAddress("2026-11", id)] = end{row.Outcome, "repayments/2026-11", row.Number}
	}
	return all
}

// live records some steps of what runs and people do with a ledger.
func live(t *testing.T, r *rand.Rand, s ledger.Store, who string, steps int) {
	t.Helper()
	l := ledgertest.Open(t, s)
	var unknown []*ledger.Attempt
	for step := range steps {
		if len(unknown) > 0 && r.IntN(3) == 0 {
			i := r.IntN(len(unknown))
			decision := []plan.Outcome{plan.OutcomeExists, plan.OutcomeAbsent}[r.IntN(2)]
			if err := l.Resolve(t.Context(), unknown[i], ledger.Resolution{Decision: decision, Run: who, At: time.Unix(int64(step), 0)}); err != nil {
				t.Fatal(err)
			}
			unknown = slices.Delete(unknown, i, i+1)
			continue
		}
		in := randomIntent(r, l)
		in.Run, in.At = fmt.Sprint(who, step), time.Unix(int64(step), 0)
		if len(in.Items)+len(in.Rows) == 0 {
			continue
		}
		a := ledgertest.Begin(t, l, in)
		result := ledger.Result{Outcome: in.Recorded, At: time.Unix(int64(step), 0)}
		if in.Recorded == "" {
			ends := []plan.Outcome{plan.OutcomeAccepted, plan.OutcomeAccepted, plan.OutcomeRejected, plan.OutcomeNotSent, plan.OutcomeUnknown, ""}
			result.Outcome = ends[r.IntN(len(ends))]
		}
		if len(in.Rows) > 1 && r.IntN(2) == 0 {
			result.Problems = []ledger.Problem{{LoanID: in.Rows[0].LoanID, Severity: "error"}}
		}
		if result.Outcome != "" {
			ledgertest.Finish(t, l, a, result)
		}
		if a.Outcome() == plan.OutcomeUnknown {
			unknown = append(unknown, a)
		}
		if a.Outcome() == plan.OutcomeAccepted && r.IntN(3) == 0 {
			if err := l.MarkDone(t.Context(), a, who, time.Unix(int64(step), 0)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for a, err := range l.Attempts(t.Context()) { // also those of the common time
		if err != nil {
			t.Fatal(err)
		}
		if a.Outcome() == plan.OutcomeUnknown && r.IntN(3) == 0 {
			decision := []plan.Outcome{plan.OutcomeExists, plan.OutcomeAbsent}[r.IntN(2)]
			if err := l.Resolve(t.Context(), a, ledger.Resolution{Decision: decision, Run: who, At: time.Unix(99, 0)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// randomIntent sends something that may be sent, or records a person's word.
func randomIntent(r *rand.Rand, l *ledger.Ledger) ledger.Intent {
	var in ledger.Intent
	id := func(i int) string { return fmt.Sprint("L-", i) }
	fingerprint := fmt.Sprintf("%016x", r.Uint64())
	again := r.IntN(4) == 0
	item := func(a ledger.Address) {
		last := l.Last(a)
		switch {
		case last == nil:
			in.Items = append(in.Items, ledger.Item{Address: a, Fingerprint: fingerprint})
		case last.Outcome.MayRepeat() || again && last.Outcome.AtKiva():
			in.Items = append(in.Items, ledger.Item{Address: a, Fingerprint: fingerprint, After: last.Number, Again: last.Outcome.AtKiva()})
		}
	}
	switch r.IntN(3) {
	case 0:
		in.Stream = spec.DraftAddress(id(r.IntN(4)))
		item(in.Stream)
	case 1:
		in.Stream = spec.Journals
		for i := range 1 + r.IntN(3) {
			item(ledger.Address("journal/" + id(i) + "/v"))
		}
	default:
		in.Stream = "repayments/2026-11"
		for i := range 1 + r.IntN(3) {
			row := ledger.Row{LoanID: id(i), Amount: money.MustParse("1")}
			last := l.Rows("2026-11")[row.LoanID]
			if last != nil && !last.Outcome.MayRepeat() && !(again && last.Outcome.AtKiva()) {
				continue
			}
			if last != nil {
				row.After, row.Again = last.Number, last.Outcome.AtKiva()
			}
			in.Rows = append(in.Rows, row)
		}
		if again && r.IntN(2) == 0 {
			in.Recorded = plan.OutcomeApproved
		}
	}
	if again && in.Recorded == "" && r.IntN(2) == 0 {
		in.Recorded = plan.OutcomeAcknowledged
	}
	return in
}
