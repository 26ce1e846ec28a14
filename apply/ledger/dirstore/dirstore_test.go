package dirstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/ledgertest"
)

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		root := filepath.Join(t.TempDir(), "new", "ledger")
		return func() ledger.Store { return dirstore.New(root) }
	})
}

// A program that was killed while it wrote leaves a temporary file, which is no
// object. Another one may be writing it, unless it is old: then it is removed.
func TestLeftovers(t *testing.T) {
	root := t.TempDir()
	young, old := filepath.Join(root, ".tmp-123"), filepath.Join(root, ".tmp-456")
	for _, name := range []string{young, old} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	s := dirstore.New(root)
	for key := range s.List(t.Context(), "") {
		t.Errorf("lists %q", key)
	}
	if err := s.Create(t.Context(), "a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(root, ".tmp-*"))
	if err != nil || !slices.Equal(left, []string{young}) {
		t.Errorf("left %q, %v; want only what another program may be writing", left, err)
	}
}

func BenchmarkCreate(b *testing.B) {
	s := dirstore.New(b.TempDir())
	data := []byte(strings.Repeat("x", 1500))
	for i := 0; b.Loop(); i++ {
		if err := s.Create(b.Context(), fmt.Sprintf("e/%02x/%d.json", i%256, i), data); err != nil {
			b.Fatal(err)
		}
	}
}
