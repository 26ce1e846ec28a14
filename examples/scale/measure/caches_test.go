package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A changed file is another one each time, and is put back before anything else
// is measured.
func TestChangesAreUndone(t *testing.T) {
	p := &place{dir: t.TempDir(), workspace: t.TempDir(), cache: t.TempDir(), warm: true}
	const original = "loanuse: to buy a cow\n"
	if err := os.MkdirAll(filepath.Dir(p.first()), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.first(), []byte(original), 0o644); err != nil {
		t.Fatal(err)
	}
	text := func() string {
		data, err := os.ReadFile(p.first())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	seen := map[string]bool{original: true}
	for range 3 {
		if p.warm = true; p.change(t.Context()) != nil || seen[text()] || p.warm {
			t.Fatalf("changed to %q", text())
		}
		seen[text()] = true
	}
	if err := p.cool(t.Context()); err != nil || text() != original || p.warm {
		t.Errorf("%v: left at %q", err, text())
	}
	if _, err := os.Stat(p.cache); !os.IsNotExist(err) {
		t.Error("the cache is still there")
	}
}
