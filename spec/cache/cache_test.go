package cache_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"kivaform/spec/cache"
)

var stamp = cache.Stamp{1}

func open(t *testing.T, dir string) *cache.Cache {
	t.Helper()
	c, err := cache.Open(filepath.Join(dir, "checked"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// entry returns the only file of the cache.
func entry(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "checked", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

func TestGet(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	c.Put("loans/a.yaml", stamp, []byte("Mary"))
	got, ok := open(t, dir).Get("loans/a.yaml", stamp)
	if !ok || got != "Mary" {
		t.Errorf("got %q, %t", got, ok)
	}
	for what, miss := range map[string]func() (string, bool){
		"name":  func() (string, bool) { return c.Get("loans/b.yaml", stamp) },
		"stamp": func() (string, bool) { return c.Get("loans/a.yaml", cache.Stamp{2}) },
	} {
		if got, ok := miss(); ok {
			t.Errorf("with another %s: %q", what, got)
		}
	}
	c.Put("loans/a.yaml", cache.Stamp{2}, []byte("Grace"))
	if _, ok := c.Get("loans/a.yaml", stamp); ok {
		t.Error("the entry of before is still there")
	}
}

// TestBroken changes each byte of an entry, cuts it and makes it longer: none
// of them opens.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	c.Put("a", stamp, []byte("Mary keeps two cows"))
	file := entry(t, dir)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, data []byte) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Get("a", stamp); ok {
			t.Errorf("%s: %q", what, got)
		}
	}
	for i := range whole {
		for _, bit := range []byte{1, 0x80, 0xFF} {
			broken := slices.Clone(whole)
			broken[i] ^= bit
			try(fmt.Sprintf("byte %d", i), broken)
		}
		try(fmt.Sprintf("cut to %d", i), whole[:i])
	}
	try("longer", append(slices.Clone(whole), 0))
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Get("a", stamp); !ok {
		t.Error("the whole entry doesn't open")
	}
}

// TestSecrecy holds that only the owner can read or write what is kept.
func TestSecrecy(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	c := open(t, dir)
	c.Put("Wanjiku.yaml", stamp, []byte("Mary Wanjiku keeps two cows"))
	file := entry(t, dir)
	for name, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestMisplaced holds that an entry is good for its own name only.
func TestMisplaced(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	c.Put("a", stamp, []byte("Mary"))
	first := entry(t, dir)
	c.Put("b", stamp, []byte("Grace"))
	files, err := filepath.Glob(filepath.Join(dir, "checked", "*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	other := files[0]
	if other == first {
		other = files[1]
	}
	if err := os.Rename(first, other); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Get("b", stamp); ok {
		t.Errorf("b is %q, the entry of a", got)
	}
}

func TestKeep(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	for _, name := range []string{"a", "b", "c"} {
		c.Put(name, stamp, []byte(name))
	}
	left := filepath.Join(dir, "checked", "new-LEFTBYSOMEBODY")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Keep([]string{"b"})
	for name, want := range map[string]bool{"a": false, "b": true, "c": false} {
		if _, ok := c.Get(name, stamp); ok != want {
			t.Errorf("%s: %t", name, ok)
		}
	}
	entry(t, dir)
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed process left is still there")
	}
}

// TestTogether has several caches of one folder write and read the same name:
// each sees one whole entry or none.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 4 {
		c := open(t, dir)
		all.Go(func() {
			want := bytes.Repeat([]byte{byte('a' + i)}, 10_000)
			for range 50 {
				c.Put("a", cache.Stamp{byte(i)}, want)
				if got, ok := c.Get("a", cache.Stamp{byte(i)}); ok && got != string(want) {
					t.Error("an entry of several")
				}
			}
		})
	}
	all.Wait()
}
