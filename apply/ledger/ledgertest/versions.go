package ledgertest

import (
	"maps"
	"testing"

	"kivaform/apply/ledger"
)

// Versions tests how a store tells objects apart. open is as in [Run].
func Versions(t *testing.T, open func(t *testing.T) func() ledger.Store) {
	keys := []string{"e/1/a.1.intent.json", "e/1/b.1.intent.json", "kivaform-ledger.json"}
	first, second := open(t), open(t)
	for i, key := range keys {
		for _, err := range []error{
			first().Create(t.Context(), key, []byte{'a', byte(i)}),
			second().Create(t.Context(), key, []byte{'b', byte(i)}), // as many bytes
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	was := versions(t, first())
	other := versions(t, second())
	for _, key := range keys {
		if was[key] == "" || was[key] == other[key] {
			t.Errorf("%s: version %q here, %q in another store with other bytes", key, was[key], other[key])
		}
	}
	if err := first().Create(t.Context(), "e/1/c.1.intent.json", nil); err != nil {
		t.Fatal(err)
	}
	now := versions(t, first())
	delete(now, "e/1/c.1.intent.json")
	if !maps.Equal(now, was) {
		t.Errorf("the versions became %q, and were %q", now, was)
	}
}

// versions lists a store and asks for the versions.
func versions(t *testing.T, s ledger.Store) map[string]string {
	t.Helper()
	versioner, can := s.(ledger.Versioner)
	if !can {
		t.Fatalf("%T has no versions", s)
	}
	all, err := versioner.Versions(t.Context(), append(list(t, s, ""), "e/none.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, there := all["e/none.json"]; there {
		t.Error("what isn't there has a version")
	}
	return all
}
