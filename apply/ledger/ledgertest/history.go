package ledgertest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"kivaform/apply/ledger"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// Scope is the scope of the ledgers that Open returns.
var Scope = ledger.Scope{Environment: "staging", PartnerID: "145"}

// Draft is the address that DraftIntent is about.
const Draft = ledger.Address("loan_draft/L-1")

// Open returns a prepared ledger over a store, as another program would.
func Open(t testing.TB, store ledger.Store) *ledger.Ledger {
	t.Helper()
	l := ledger.New(store, Scope, ledger.Options{})
	if err := l.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// DraftIntent returns an intent to send Draft after the attempt of a number.
func DraftIntent(fingerprint string, after int) ledger.Intent {
	return ledger.Intent{Stream: Draft, Run: "run-" + fingerprint, At: time.Unix(1_800_000_000, 0),
		Items: []ledger.Item{{Address: Draft, Fingerprint: fingerprint, After: after, Values: map[string]string{"currency": "KES"}}}}
}

// RowsIntent returns an intent to send rows of one report.
func RowsIntent(run string, ids ...string) ledger.Intent {
	in := ledger.Intent{Stream: "repayments/2026-11", Run: run, At: time.Now()}
	for _, id := range ids {
		in.Rows = append(in.Rows, ledger.Row{LoanID: id, Amount: money.FromInt(100)})
	}
	return in
}

// JournalsIntent returns an intent to send a batch of journals.
func JournalsIntent(addresses ...ledger.Address) ledger.Intent {
	in := ledger.Intent{Stream: spec.Journals}
	for _, a := range addresses {
		in.Items = append(in.Items, ledger.Item{Address: a, Fingerprint: "aa"})
	}
	return in
}

// Begin stores an intent.
func Begin(t testing.TB, l *ledger.Ledger, in ledger.Intent) *ledger.Attempt {
	t.Helper()
	a, err := l.Begin(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Finish stores an outcome.
func Finish(t testing.TB, l *ledger.Ledger, a *ledger.Attempt, r ledger.Result) {
	t.Helper()
	if err := l.Finish(t.Context(), a, r); err != nil {
		t.Fatal(err)
	}
}

// Send records that something was sent, and how it ended; no outcome if it is
// empty.
func Send(t testing.TB, store ledger.Store, run string, outcome plan.Outcome, in ledger.Intent) *ledger.Attempt {
	t.Helper()
	in.Run, in.At = run, time.Unix(1_800_000_000, 0)
	l := Open(t, store)
	a := Begin(t, l, in)
	if outcome != "" {
		Finish(t, l, a, ledger.Result{Outcome: outcome})
	}
	return a
}

// Past returns what a store holds of the past.
func Past(t testing.TB, store ledger.Store) plan.Past {
	t.Helper()
	p, err := ledger.New(store, Scope, ledger.Options{}).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Filled returns a store with a draft that was rejected and then accepted, and two
// batches of rows, of which one has no outcome.
func Filled(t testing.TB) *Memory {
	t.Helper()
	store := new(Memory)
	l := Open(t, store)
	Finish(t, l, Begin(t, l, DraftIntent("00112233aabbccdd", 0)), ledger.Result{Outcome: plan.OutcomeRejected})
	Finish(t, l, Begin(t, l, DraftIntent("00112233aabbccdd", 1)), ledger.Result{Outcome: plan.OutcomeAccepted})
	a := Begin(t, l, RowsIntent("r", "L-1", "L-2"))
	Finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted})
	Begin(t, l, RowsIntent("r", "L-3"))
	return store
}

// Used returns the objects of a ledger with attempts of each ending.
func Used(t testing.TB) map[string]string {
	t.Helper()
	store, ctx := new(Memory), context.Background()
	l := ledger.New(store, Scope, ledger.Options{})
	if err := l.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	for i, outcome := range []plan.Outcome{plan.OutcomeAccepted, plan.OutcomeRejected, "", plan.OutcomeNotSent} {
		in := JournalsIntent(spec.JournalAddress("L-1", string(rune('a'+i))))
		in.Run, in.At = "run", time.Unix(1_800_000_000, 0)
		a, err := l.Begin(ctx, in)
		if err == nil && outcome != "" {
			err = l.Finish(ctx, a, ledger.Result{Outcome: outcome, At: in.At})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return contents(ctx, t, store)
}

// Contents returns all objects of a store by their keys.
func Contents(t testing.TB, s ledger.Store) map[string]string {
	t.Helper()
	return contents(t.Context(), t, s)
}

func contents(ctx context.Context, t testing.TB, s ledger.Store) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for key, err := range s.List(ctx, "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.Get(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		all[key] = string(data)
	}
	return all
}

// Copied returns another copy of a ledger, as a clone has it.
func Copied(t testing.TB, s ledger.Store) *Memory {
	t.Helper()
	to := new(Memory)
	for key, data := range Contents(t, s) {
		if err := to.Create(t.Context(), key, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// Change replaces the object whose key holds a text; nil removes it.
func Change(t testing.TB, store *Memory, part string, edit func([]byte) []byte) {
	t.Helper()
	for key := range store.List(t.Context(), "") {
		if !strings.Contains(key, part) {
			continue
		}
		data, err := store.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		store.Remove(key)
		if edit != nil {
			if err := store.Create(t.Context(), key, edit(data)); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	t.Fatalf("no key with %q", part)
}

// Archive returns objects as a txtar archive, which a fuzz target can change.
func Archive(objects map[string]string) []byte {
	a := new(txtar.Archive)
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		a.Files = append(a.Files, txtar.File{Name: key, Data: []byte(objects[key])})
	}
	return txtar.Format(a)
}

// Stored returns a store with the files of an archive.
func Stored(t testing.TB, data []byte) *Memory {
	t.Helper()
	if bytes.Contains(data, []byte("-- --")) {
		t.Skip() // txtar itself fails at a name between the same two dashes
	}
	store := new(Memory)
	for _, file := range txtar.Parse(data).Files {
		_ = store.Create(t.Context(), file.Name, file.Data) // a name may be no key, or twice
	}
	return store
}
