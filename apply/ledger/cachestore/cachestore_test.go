package cachestore_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/cachestore"
	"kivaform/apply/ledger/ledgertest"
)

// counting counts what is read from a store.
type counting struct {
	*ledgertest.Memory
	reads map[string]int
}

func (c *counting) Get(ctx context.Context, key string) ([]byte, error) {
	c.reads[key]++
	return c.Memory.Get(ctx, key)
}

func begun(t *testing.T, header string) *counting {
	c := &counting{new(ledgertest.Memory), make(map[string]int)}
	for key, data := range map[string]string{ledger.HeaderKey: header, "a.json": "first of " + header} {
		if err := c.Create(t.Context(), key, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		m, dir := new(ledgertest.Memory), t.TempDir()
		return func() ledger.Store { return cachestore.New(m, dir) }
	})
}

func read(t *testing.T, s ledger.Store, key, want string) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", key, got, err, want)
	}
}

// Every program reads an object once; the next one finds it on the disk.
func TestReadOnce(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	for range 3 {
		s := cachestore.New(c, dir)
		read(t, s, "a.json", "first of one")
		read(t, s, "a.json", "first of one")
	}
	if n := c.reads["a.json"]; n != 1 {
		t.Errorf("it was read %d times", n)
	}
}

// A ledger that was begun anew in the same place shares nothing with the former
// one.
func TestAnotherLedger(t *testing.T) {
	dir := t.TempDir()
	read(t, cachestore.New(begun(t, "one"), dir), "a.json", "first of one")
	read(t, cachestore.New(begun(t, "two"), dir), "a.json", "first of two")
}

func files(t *testing.T, dir string) (names []string) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// What is damaged is read anew.
func TestDamage(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	for _, damage := range []string{"", "short", "0123456789012345678901234567890123456789 another object"} {
		read(t, cachestore.New(c, dir), "a.json", "first of one")
		for _, name := range files(t, dir) {
			if err := os.WriteFile(name, []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(t, cachestore.New(c, dir), "a.json", "first of one")
}

// The key of the digests stays in the store, and the rest is for its owner
// alone.
func TestWhatIsKept(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	s := cachestore.New(c, dir)
	read(t, s, ledger.HeaderKey, "one")
	if names := files(t, dir); len(names) != 0 {
		t.Errorf("kept %q", names)
	}
	read(t, s, "a.json", "first of one")
	for _, name := range files(t, dir) {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
}

// Without a folder to write to, everything is read.
func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	read(t, cachestore.New(begun(t, "one"), filepath.Join(file, "cache")), "a.json", "first of one")
}
