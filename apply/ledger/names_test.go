package ledger_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

// What programs that synchronise folders make of an object's name, and names of
// a later version, refuse; what can't be an object doesn't.
func TestNamesThatAreNotKnown(t *testing.T) {
	const rows, draft = "staging/145/repayments/2026-11", "staging/145/loan_draft/1a/L-1"
	for key, refused := range map[string]bool{
		rows + ".1.intent (PC-2's conflicted copy 2026-11-29).json":   true, // Dropbox
		rows + ".1.intent.sync-conflict-20261129-101500-ABCDEFG.json": true, // Syncthing
		rows + ".1.intent (1).json":                                   true, // Google Drive
		rows + ".1.intent 2.json":                                     true, // iCloud
		rows + ".1.intent-LAPTOP.json":                                true, // OneDrive
		draft + ".1.accepted-00112233aabbccdd-LAPTOP.json":            true,
		rows + ".1 (1).accepted.json":                                 true,
		rows + " (1).1.accepted.json":                                 true,
		rows + ".1.intent.json~":                                      true,
		rows + ".1.intent.json.orig":                                  true,
		rows + ".01.intent.json":                                      true,
		rows + ".1.reviewed.json":                                     true,
		"staging/145/plans/abc (1).json":                              true,
		"staging/145/plans/abc.json":                                  false,
		"staging/145/README.md":                                       false,
		"staging/145/.gitignore":                                      false,
		"staging/145/repayments/._2026-11.1.intent.json":              false,
		"staging/146/repayments/2026-11 (1).json":                     false, // another scope
		"notes (1).json":                                              false,
		draft + ".2.intent.json":                                      false,
		draft + ".2.accepted-00112233aabbccdd-0123456789abcdef.json":  false,
		draft + ".2.adopted-none.json":                                false,
	} {
		t.Run(key, func(t *testing.T) {
			names := namesIn(t, key)
			if got := errors.As(names, new(*ledger.NamesError)); got != refused {
				t.Fatalf("%v", names)
			}
			if refused && (!strings.Contains(names.Error(), key) || !strings.Contains(hint.Of(names), "kivaform ledger merge")) {
				t.Errorf("%v %s", names, hint.Of(names))
			}
		})
	}
}

// namesIn returns the error of loading a ledger that has a file more than was
// written.
func namesIn(t *testing.T, key string) error {
	_, err := ledger.New(withFile{ledgertest.Filled(t), key}, ledgertest.Scope, ledger.Options{}).Load(t.Context())
	return err
}

// A withFile is a store with one key more.
type withFile struct {
	ledger.Store
	key string
}

func (s withFile) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if strings.HasPrefix(s.key, prefix) && !yield(s.key, nil) {
			return
		}
		s.Store.List(ctx, prefix)(yield)
	}
}

// Each object of a small ledger has a version that is known.
func TestVersions(t *testing.T) {
	for _, part := range []string{ledger.HeaderKey, "L-1.2.intent", "L-1.2.accepted", "2026-11.1.intent", "2026-11.1.accepted", "2026-11.1.resolution"} {
		store := new(ledgertest.Memory)
		l := ledgertest.Open(t, store)
		ledgertest.Finish(t, l, ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeRejected})
		ledgertest.Finish(t, l, ledgertest.Begin(t, l, ledgertest.DraftIntent("aa", 1)), ledger.Result{Outcome: plan.OutcomeAccepted})
		a := ledgertest.Begin(t, l, ledgertest.RowsIntent("r", "L-1"))
		if err := l.Resolve(t.Context(), a, ledger.Resolution{Decision: plan.OutcomeAbsent}); err != nil {
			t.Fatal(err)
		}
		ledgertest.Finish(t, l, a, ledger.Result{Outcome: plan.OutcomeAccepted})
		ledgertest.Change(t, store, part, func(data []byte) []byte {
			return []byte(strings.Replace(string(data), `"version": 1`, `"version": 2`, 1))
		})
		l = ledger.New(store, ledgertest.Scope, ledger.Options{})
		_, err := l.Load(t.Context())
		if err == nil {
			err = l.CheckVersions(t.Context())
		}
		if !errors.Is(err, ledger.ErrVersion) || !strings.Contains(hint.Of(err), "newer kivaform") {
			t.Errorf("%s: %v", part, err)
		}
	}
}
