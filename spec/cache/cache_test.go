package cache_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"kivaform/spec/cache"
)

var (
	key   = bytes.Repeat([]byte{7}, 32)
	stamp = cache.Stamp{1}
)

const folder = ".kivaform/checked"

func open(t *testing.T, dir string, key []byte) *cache.Cache {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cache.Open(root, folder, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); root.Close() })
	return c
}

// entry returns the only file of the cache.
func entry(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, folder, "[0-9a-f]*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

func TestGet(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, key)
	c.Put("loans/a.yaml", stamp, []byte("Mary"))
	got, ok := open(t, dir, key).Get("loans/a.yaml", stamp)
	if !ok || got != "Mary" {
		t.Errorf("got %q, %t", got, ok)
	}
	other := slices.Clone(key)
	other[0]++
	for what, miss := range map[string]func() (string, bool){
		"name":  func() (string, bool) { return c.Get("loans/b.yaml", stamp) },
		"stamp": func() (string, bool) { return c.Get("loans/a.yaml", cache.Stamp{2}) },
		"key":   func() (string, bool) { return open(t, dir, other).Get("loans/a.yaml", stamp) },
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
	c := open(t, dir, key)
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

// TestSecrecy looks at what anybody else could see.
func TestSecrecy(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, key)
	c.Put("Wanjiku.yaml", stamp, []byte("Mary Wanjiku keeps two cows"))
	file := entry(t, dir)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("Mary")) || strings.Contains(file, "Wanjiku") {
		t.Error("a name stands there in the clear")
	}
	ignore, err := os.ReadFile(filepath.Join(dir, folder, ".gitignore"))
	if err != nil || string(ignore) != "*\n" {
		t.Errorf("git sees it: %q, %v", ignore, err)
	}
	if runtime.GOOS == "windows" {
		return // has no such modes
	}
	for name, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestKeep(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, key)
	for _, name := range []string{"a", "b", "c"} {
		c.Put(name, stamp, []byte(name))
	}
	left := filepath.Join(dir, folder, "new-LEFTBYSOMEBODY")
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

// TestLinks refuses a folder that leads out of the workspace, as a repository
// of somebody else may have one.
func TestLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".kivaform"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, folder)); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, err := cache.Open(root, folder, key); err == nil {
		t.Error("a cache outside of the workspace was opened")
	}
}

// TestTogether has several caches of one folder write and read the same name:
// each sees one whole entry or none.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 4 {
		c := open(t, dir, key)
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

func TestKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kivaform")
	first, err := cache.Key(dir)
	if err != nil || len(first) != 32 {
		t.Fatal(first, err)
	}
	if again, err := cache.Key(dir); err != nil || !bytes.Equal(first, again) {
		t.Error("the next run has another key", err)
	}
	file := filepath.Join(dir, "checked.key")
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other, err := cache.Key(dir); err != nil || len(other) != 32 || bytes.Equal(other, first) {
		t.Error("a damaged secret", other, err)
	}
	if secret, err := os.ReadFile(file); err != nil || len(secret) != 32 {
		t.Errorf("it was kept: %q, %v", secret, err)
	}
}
