package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
	"kivaform/spec"
)

// used returns a ledger with attempts of each kind and each ending.
func used(t testing.TB) map[string]string {
	store, ctx := new(ledgertest.Memory), context.Background()
	l := ledger.New(store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
	if err := l.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	for i, outcome := range []plan.Outcome{plan.OutcomeAccepted, plan.OutcomeRejected, "", plan.OutcomeNotSent} {
		in := journals(spec.JournalAddress("L-1", string(rune('a'+i))))
		in.Run, in.At = "run", time.Unix(1_800_000_000, 0)
		a, err := l.Begin(ctx, in)
		if err == nil && outcome != "" {
			err = l.Finish(ctx, a, ledger.Result{Outcome: outcome, At: in.At})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := make(map[string]string)
	for key, err := range store.List(ctx, "") {
		data, getErr := store.Get(ctx, key)
		if err != nil || getErr != nil {
			t.Fatal(err, getErr)
		}
		all[key] = string(data)
	}
	return all
}

func archive(objects map[string]string) []byte {
	a := new(txtar.Archive)
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		a.Files = append(a.Files, txtar.File{Name: key, Data: []byte(objects[key])})
	}
	return txtar.Format(a)
}

// stored returns a store with the files of an archive.
func stored(t *testing.T, data []byte) *ledgertest.Memory {
	if bytes.Contains(data, []byte("-- --")) {
		t.Skip() // txtar itself fails at a name between the same two dashes
	}
	store := new(ledgertest.Memory)
	for _, file := range txtar.Parse(data).Files {
		_ = store.Create(t.Context(), file.Name, file.Data) // a name may be no key, or twice
	}
	return store
}

// Whatever a ledger holds, it is read or refused, and verifying it says so.
func FuzzStore(f *testing.F) {
	objects := used(f)
	f.Add(archive(objects))
	for key := range objects {
		some := maps.Clone(objects)
		some[key] = "{}"
		f.Add(archive(some))
		delete(some, key)
		f.Add(archive(some))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		store := stored(t, data)
		l := ledger.New(store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
		if past, err := l.Load(t.Context()); err == nil {
			past.Last(spec.JournalAddress("L-1", "a"))
			for a, err := range l.Attempts(t.Context()) {
				if err != nil {
					break
				}
				ledger.Lines(a)
			}
		}
		if _, err := ledger.Verify(t.Context(), store); err != nil && !errors.Is(err, ledger.ErrNoLedger) {
			t.Errorf("verify: %v", err)
		}
	})
}

// Whatever another copy holds, merging it changes and removes nothing here, and
// once it succeeded there is nothing left to bring.
func FuzzMerge(f *testing.F) {
	objects := used(f)
	f.Add(archive(objects), archive(objects))
	for key := range objects {
		some := maps.Clone(objects)
		delete(some, key)
		f.Add(archive(objects), archive(some))
		f.Add(archive(some), archive(objects))
		some[key] = objects[key] + " "
		f.Add(archive(some), archive(objects))
	}
	f.Fuzz(func(t *testing.T, theirs, ours []byte) {
		from, to := stored(t, theirs), stored(t, ours)
		before := contents(t, to)
		source := contents(t, from)
		_, err := ledger.Merge(t.Context(), from, to)
		after := contents(t, to)
		for key, data := range before {
			if after[key] != data {
				t.Errorf("%s was %q, and is %q", key, data, after[key])
			}
		}
		if !maps.Equal(source, contents(t, from)) {
			t.Error("the other copy was changed")
		}
		if err != nil {
			return
		}
		if again, err := ledger.Merge(t.Context(), from, to); err != nil || again.Objects > 0 {
			t.Errorf("merged again: %+v, %v", again, err)
		}
	})
}
