package gitstore_test

import (
	"os"
	"path/filepath"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/gitstore"
)

// Without a cache that can be written the store works in a temporary folder, of
// which nothing stays.
func TestNoCache(t *testing.T) {
	dir := clone(t, "file://"+remote(t))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, cache := range []string{"", filepath.Join(file, "cache")} {
		temporary := t.TempDir()
		t.Setenv("TMPDIR", temporary)
		s, err := gitstore.New(gitstore.Options{Branch: "kivaform-ledger", Dir: dir, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Create(t.Context(), "a"+filepath.Base(cache)+".json", []byte("x")); err != nil {
			t.Errorf("cache %q: %v", cache, err)
		}
		if _, err := s.Get(t.Context(), ledger.HeaderKey); err == nil {
			t.Error("an object that isn't there")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Errorf("left %v, %v", left, err)
		}
	}
}
