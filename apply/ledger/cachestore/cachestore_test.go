package cachestore_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	begin := func(t *testing.T) func() ledger.Store {
		m, dir := new(ledgertest.Memory), t.TempDir()
		return func() ledger.Store { return cachestore.New(m, position, dir) }
	}
	ledgertest.Run(t, begin)
	t.Run("versions", func(t *testing.T) { ledgertest.Versions(t, begin) })
}

const position = "postgres://clerk@db/ledger"

// opened returns a store with a cache, after everything was preloaded.
func opened(t *testing.T, store ledger.Versioner, dir string) *cachestore.Store {
	t.Helper()
	s := cachestore.New(store, position, dir)
	preloadAll(t, s)
	return s
}

func preloadAll(t *testing.T, s *cachestore.Store) {
	t.Helper()
	if err := s.Preload(t.Context(), slices.Collect(maps.Keys(keys(t, s)))); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s ledger.Store, key, want string) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", key, got, err, want)
	}
}

// program reads some objects and ends.
func program(t *testing.T, store ledger.Versioner, dir string, want map[string]string) {
	t.Helper()
	s := opened(t, store, dir)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		read(t, s, key, want[key])
		read(t, s, key, want[key])
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

var firstOfOne = map[string]string{"a.json": "first of one"}

// An object is read once; the next program finds it on the disk.
func TestReadOnce(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	for range 3 {
		program(t, c, dir, firstOfOne)
	}
	if n := c.reads["a.json"]; n != 1 {
		t.Errorf("it was read %d times", n)
	}
}

// Programs that run at the same time keep what each of them reads.
func TestPrograms(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	want := make(map[string]string)
	var running []*cachestore.Store
	for i := range 8 {
		key := fmt.Sprintf("b/%d.json", i)
		want[key] = strings.Repeat(key, 100*i)
		if err := c.Create(t.Context(), key, []byte(want[key])); err != nil {
			t.Fatal(err)
		}
		s := opened(t, c, dir)
		read(t, s, key, want[key])
		running = append(running, s)
	}
	for _, s := range running {
		s.Close()
	}
	clear(c.reads)
	program(t, c, dir, want)
	delete(c.reads, ledger.HeaderKey)
	if len(c.reads) != 0 {
		t.Errorf("read again: %v", c.reads)
	}
}

// What a program that was killed wrote in part, or a disk lost, is written
// anew: every byte of the file may be wrong, or missing.
func TestDamageAnywhere(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	want := maps.Clone(firstOfOne)
	for i := range 5 {
		key := fmt.Sprintf("b/%d.json", i)
		want[key] = strings.Repeat(key, i)
		if err := c.Create(t.Context(), key, []byte(want[key])); err != nil {
			t.Fatal(err)
		}
	}
	program(t, c, dir, want)
	name, err := filepath.Glob(filepath.Join(dir, "*.objects"))
	if err != nil || len(name) != 1 {
		t.Fatalf("%q, %v", name, err)
	}
	whole, err := os.ReadFile(name[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		changed := slices.Clone(whole)
		changed[i] ^= 0x55
		for _, damaged := range [][]byte{whole[:i], changed} {
			if err := os.WriteFile(name[0], damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			program(t, c, dir, want)
			clear(c.reads)
			program(t, c, dir, want)
			if delete(c.reads, ledger.HeaderKey); len(c.reads) != 0 {
				t.Fatalf("byte %d: what was read anew wasn't kept: %v", i, c.reads)
			}
		}
	}
}

// The cache may go while a program runs.
func TestRemoved(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	program(t, c, dir, firstOfOne)
	s := opened(t, c, dir)
	read(t, s, "a.json", "first of one")
	if err := c.Create(t.Context(), "b.json", []byte("second")); err != nil {
		t.Fatal(err)
	}
	preloadAll(t, s)
	read(t, s, "b.json", "second")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s.Close()
	clear(c.reads)
	program(t, c, dir, map[string]string{"b.json": "second"})
	if c.reads["b.json"] != 0 {
		t.Error("what was read last wasn't kept")
	}
}

// A ledger that was begun anew in the same place shares nothing with the former
// one, even where a server's versions are worth nothing.
func TestAnotherLedger(t *testing.T) {
	dir := t.TempDir()
	program(t, labelled{begun(t, "one"), "1"}, dir, firstOfOne)
	program(t, labelled{begun(t, "two"), "1"}, dir, map[string]string{"a.json": "first of two"})
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

// The key of the digests stays in the store, and the rest is for its owner
// alone.
func TestWhatIsKept(t *testing.T) {
	c, dir := begun(t, "one"), t.TempDir()
	s := opened(t, c, dir)
	read(t, s, ledger.HeaderKey, "one")
	if names := files(t, dir); len(names) != 0 {
		t.Errorf("kept %q", names)
	}
	read(t, s, "a.json", "first of one")
	s.Close()
	if len(files(t, dir)) == 0 {
		t.Error("nothing was kept")
	}
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
	program(t, begun(t, "one"), filepath.Join(file, "cache"), firstOfOne)
	t.Chdir(t.TempDir())
	program(t, begun(t, "one"), "", firstOfOne)
	if names := files(t, "."); len(names) != 0 {
		t.Errorf("kept %q where no folder was named", names)
	}
}
