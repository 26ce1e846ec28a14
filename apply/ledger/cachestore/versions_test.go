package cachestore_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/cachestore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/plan"
	"kivaform/spec"
)

var scope = ledger.Scope{Environment: "staging", PartnerID: "145"}

// send records in a ledger that a journal was sent.
func send(t *testing.T, store ledger.Store, journal string) {
	t.Helper()
	l := ledger.New(store, scope, ledger.Options{})
	if err := l.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	item := ledger.Item{Address: spec.JournalAddress(journal, "k"), Fingerprint: "f"}
	a, err := l.Begin(t.Context(), ledger.Intent{Stream: spec.Journals, Run: "run", At: time.Now(), Items: []ledger.Item{item}})
	if err == nil {
		err = l.Finish(t.Context(), a, ledger.Result{Outcome: plan.OutcomeAccepted, At: time.Now()})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// knows plans with a ledger by way of a workspace's cache: exactly these
// journals must count as sent.
func knows(t *testing.T, store ledger.Versioner, dir string, want ...string) {
	t.Helper()
	cache := cachestore.New(store, position, dir)
	past, err := ledger.New(cache, scope, ledger.Options{}).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, journal := range []string{"J0", "J1", "J2"} {
		last := past.Last(spec.JournalAddress(journal, "k"))
		if sent := last != nil && last.Outcome == plan.OutcomeAccepted; sent != slices.Contains(want, journal) {
			t.Errorf("%s: it counts as sent: %t; the ledger has %q", journal, sent, want)
		}
	}
	if err := cache.Close(); err != nil {
		t.Error(err)
	}
}

// Two copies of a ledger went apart, and one was merged into the other. The
// workspace goes from the one to the other and back.
func TestCopiesThatWentApart(t *testing.T) {
	first, second, dir := new(ledgertest.Memory), new(ledgertest.Memory), t.TempDir()
	send(t, first, "J0")
	if _, err := audit.Copy(t.Context(), first, second); err != nil {
		t.Fatal(err)
	}
	send(t, first, "J1")
	send(t, second, "J2") // under the key that the first copy has for J1
	knows(t, first, dir, "J0", "J1")
	knows(t, second, dir, "J0", "J2")
	if _, err := merge.Copies(t.Context(), first, second); err != nil {
		t.Fatal(err)
	}
	knows(t, second, dir, "J0", "J1", "J2")
	knows(t, first, dir, "J0", "J1")
}

// A ledger was restored from a backup at the same place, and used on: all keys
// are there that were there before.
func TestRestoredAndUsedOn(t *testing.T) {
	store, dir := new(ledgertest.Memory), t.TempDir()
	send(t, store, "J0")
	before := keys(t, store)
	send(t, store, "J1")
	knows(t, store, dir, "J0", "J1")
	lost := keys(t, store)
	for key := range lost {
		if !before[key] {
			store.Remove(key)
		}
	}
	knows(t, store, dir, "J0")
	send(t, store, "J2")
	if !maps.Equal(keys(t, store), lost) {
		t.Fatal("the restored ledger has other keys")
	}
	knows(t, store, dir, "J0", "J2")
}

func keys(t *testing.T, s ledger.Store) map[string]bool {
	t.Helper()
	all := make(map[string]bool)
	for key, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		all[key] = true
	}
	return all
}

// labelled gives the same version to all objects.
type labelled struct {
	*counting
	version string
}

func (l labelled) Versions(_ context.Context, keys []string) (map[string]string, error) {
	versions := make(map[string]string)
	for _, key := range keys {
		versions[key] = l.version
	}
	return versions, nil
}

// What is kept of one place is not read at another, even where a server's
// versions are worth nothing.
func TestAnotherPlace(t *testing.T) {
	c, dir := labelled{begun(t, "one"), "1"}, t.TempDir()
	program(t, c, dir, firstOfOne)
	other := cachestore.New(c, "s3://bucket/copy", dir)
	preloadAll(t, other)
	clear(c.reads)
	read(t, other, "a.json", "first of one")
	if c.reads["a.json"] != 1 {
		t.Error("it was read from the cache of another place")
	}
}

// Nothing is kept where the store can't tell objects apart, and nothing is taken
// from the cache whose version this program doesn't know.
func TestOnlyKnownVersions(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	program(t, labelled{c, ""}, dir, firstOfOne)
	if c.reads["a.json"] != 2 {
		t.Errorf("read %d times, want 2: without a version it is never kept", c.reads["a.json"])
	}
	program(t, c, dir, firstOfOne)
	clear(c.reads)
	read(t, cachestore.New(c, position, dir), "a.json", "first of one")
	if c.reads["a.json"] != 1 {
		t.Error("it was read from the cache though its version is not known")
	}
}
