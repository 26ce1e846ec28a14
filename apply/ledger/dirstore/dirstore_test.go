package dirstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// A machine that stopped while it wrote leaves a temporary file, which is no
// object.
func TestLeftoversAreNoObjects(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, ".tmp-123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := dirstore.New(root)
	for key := range s.List(t.Context(), "") {
		t.Errorf("lists %q", key)
	}
	if err := s.Create(t.Context(), "a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".tmp-") && e.Name() != ".tmp-123" {
			t.Errorf("left %s behind", e.Name())
		}
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
