package audit_test

import (
	"errors"
	"maps"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/spec"
)

// Whatever a ledger holds, it is read or refused, and verifying it says so.
func FuzzStore(f *testing.F) {
	objects := ledgertest.Used(f)
	f.Add(ledgertest.Archive(objects))
	for key := range objects {
		some := maps.Clone(objects)
		some[key] = "{}"
		f.Add(ledgertest.Archive(some))
		delete(some, key)
		f.Add(ledgertest.Archive(some))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		store := ledgertest.Stored(t, data)
		l := ledger.New(store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
		if past, err := l.Load(t.Context()); err == nil {
			past.Last(spec.JournalAddress("L-1", "a"))
			for a, err := range l.Attempts(t.Context()) {
				if err != nil {
					break
				}
				audit.Lines(a)
			}
		}
		if _, err := audit.Verify(t.Context(), store); err != nil && !errors.Is(err, ledger.ErrNoLedger) {
			t.Errorf("verify: %v", err)
		}
	})
}
