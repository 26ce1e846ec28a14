package merge_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/plan"
	"kivaform/spec"
)

// A world of copies of one ledger, of which each is used by runs that overlap and
// may be killed, and that are merged by kivaform and by git.
type copies struct {
	*rand.Rand
	t      *testing.T
	stores []*ledgertest.Memory
	runs   int
}

// run begins some attempts in a copy, between which another run may do the same, and
// leaves a mark unless it is killed.
func (c *copies) run(store *ledgertest.Memory, depth int) {
	c.runs++
	run := fmt.Sprintf("run-%d", c.runs)
	l := ledgertest.Open(c.t, store)
	for range 1 + c.IntN(3) {
		if depth > 0 && c.IntN(3) == 0 {
			c.run(store, depth-1)
		}
		a, err := l.Begin(c.t.Context(), c.intent(run, l))
		if errors.As(err, new(*ledger.TakenError)) {
			continue
		}
		if err != nil {
			c.t.Fatal(err)
		}
		if c.IntN(4) > 0 {
			outcome := plan.Outcomes[c.IntN(2)]
			ledgertest.Finish(c.t, l, a, ledger.Result{Outcome: outcome})
		}
	}
	if c.IntN(4) == 0 {
		return // killed
	}
	if err := l.Mark(c.t.Context(), run); err != nil {
		c.t.Fatal(err)
	}
}

func (c *copies) intent(run string, l *ledger.Ledger) ledger.Intent {
	in := ledgertest.RowsIntent(run, fmt.Sprintf("L-%d", c.IntN(1_000_000)))
	in.At = time.Unix(1_800_000_000, 0)
	switch c.IntN(3) {
	case 0:
		a := spec.DraftAddress(fmt.Sprintf("L-%d", c.IntN(6)))
		in.Stream, in.Rows = a, nil
		in.Items = []ledger.Item{{Address: a, Fingerprint: "00ff"}}
		if last := l.Last(a); last != nil {
			in.Items[0].After, in.Items[0].Again = last.Number, true
		}
	case 1:
		in.Stream, in.Rows = spec.Journals, nil
		in.Items = []ledger.Item{{Address: spec.JournalAddress("L-1", fmt.Sprint(c.IntN(1_000_000))), Fingerprint: "00ff"}}
	}
	return in
}

func (c *copies) some() *ledgertest.Memory { return c.stores[c.IntN(len(c.stores))] }

func (c *copies) step() {
	switch c.IntN(5) {
	case 0:
		if len(c.stores) < 4 {
			c.stores = append(c.stores, ledgertest.Copied(c.t, c.some()))
		}
	case 1:
		from, to := c.some(), c.some()
		if _, err := merge.Copies(c.t.Context(), from, to); err != nil {
			c.t.Fatal(err)
		}
	default:
		c.run(c.some(), 1)
	}
}

// check makes sure that no copy is taken for one that went back.
func (c *copies) check() {
	c.t.Helper()
	for _, store := range c.stores {
		if err := checked(c.t, store); err != nil {
			c.t.Fatal(err)
		}
		v, err := audit.Verify(c.t.Context(), store)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, f := range v.Findings {
			if strings.Contains(f.Meaning, "went back") {
				c.t.Fatalf("%+v", f)
			}
		}
	}
}

func checked(t *testing.T, store ledger.Store) error {
	return ledger.New(store, ledgertest.Scope, ledger.Options{}).Check(t.Context())
}

// However runs overlap, are killed, and copies are merged: no ledger is said to have
// gone back. And whatever a mark names and is taken away is missed.
func TestNoFalseAlarmAndNoLossUnnoticed(t *testing.T) {
	noticed := 0
	for seed := range uint64(50) {
		c := &copies{Rand: rand.New(rand.NewPCG(seed, 1)), t: t, stores: []*ledgertest.Memory{new(ledgertest.Memory)}}
		c.run(c.stores[0], 0)
		for range 12 {
			c.step()
			c.check()
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		if c.lose(c.some()) {
			noticed++
		}
	}
	if noticed < 25 {
		t.Errorf("only %d losses were tried", noticed)
	}
}

// lose takes the last attempt of a stream away, whole, and reports whether a mark
// named it. Then it must be missed.
func (c *copies) lose(store *ledgertest.Memory) (named bool) {
	contents := ledgertest.Contents(c.t, store)
	last := make(map[string]ledger.ParsedKey)
	for key := range contents {
		if k, ok := ledger.ParseKey(key); ok && k.Number > last[k.Stream].Number {
			last[k.Stream] = k
		}
	}
	streams := slices.Sorted(maps.Keys(last))
	k := last[streams[c.IntN(len(streams))]]
	var in ledger.Intent
	key := ledger.AttemptKey(k.Stream, k.Number, ledger.IntentKey)
	if err := ledger.Decode(key, []byte(contents[key]), &in, ledger.IntentKey, &in.Object); err != nil {
		c.t.Fatal(err)
	}
	entry := ledger.EntryOf(&ledger.Attempt{Intent: in})
	for key, data := range contents {
		if _, is := ledger.IsMark(key); is && strings.Contains(data, `"`+entry+`"`) {
			named = true
		}
		if strings.HasPrefix(key, k.Attempt+".") {
			store.Remove(key)
		}
	}
	twin := slices.ContainsFunc(slices.Collect(maps.Keys(contents)), func(other string) bool {
		o, ok := ledger.ParseKey(other)
		if !ok || o.What != ledger.IntentKey || o.Attempt == k.Attempt {
			return false
		}
		var in ledger.Intent
		err := ledger.Decode(other, []byte(contents[other]), &in, ledger.IntentKey, &in.Object)
		return err == nil && ledger.EntryOf(&ledger.Attempt{Intent: in}) == entry
	})
	if named = named && !twin; named {
		if err := checked(c.t, store); !errors.As(err, new(*ledger.BackError)) {
			c.t.Errorf("%s was taken away: %v", k.Attempt, err)
		}
		v, err := audit.Verify(c.t.Context(), store)
		if err != nil || !slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return strings.Contains(f.Meaning, "went back") }) {
			c.t.Errorf("verify: %+v, %v", v, err)
		}
	}
	return named
}
