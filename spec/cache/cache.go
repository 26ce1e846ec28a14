// Package cache keeps data derived from files until a file, or anything else it
// depends on, changes.
//
// Entries are trusted, so only the owner may be able to write the folder: it
// must not be in a workspace, whose files come from other people. Entries
// contain names and stories of borrowers.
package cache

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"

	"kivaform/spec/input"
)

// A Stamp is a digest of everything that an entry depends on.
type Stamp [sha256.Size]byte

// A Cache keeps one entry a name in a folder. It is safe for concurrent use, by
// several processes, too. The folder can be deleted at any time.
type Cache struct {
	root    *os.Root
	buffers input.Buffers // for entries
}

// Open opens the cache in a folder, which it creates with mode 0700 if needed.
func Open(dir string) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return &Cache{root: root}, nil
}

// Close releases the folder.
func (c *Cache) Close() error { return c.root.Close() }

// Get returns the entry of a name, if it has this stamp and is undamaged.
func (c *Cache) Get(name string, stamp Stamp) (entry string, ok bool) {
	err := c.buffers.Read(context.Background(), c.root, fileOf(name), maxEntry, func(kept []byte) {
		if len(kept) < sha256.Size {
			return
		}
		sum, data := kept[:sha256.Size], kept[sha256.Size:]
		if want := sumOf(name, stamp, data); bytes.Equal(sum, want[:]) {
			entry, ok = string(data), true
		}
	})
	return entry, ok && err == nil
}

// Put replaces the entry of a name. It ignores errors: the entry can be computed
// again. Readers see the old entry or the new one, never a part.
func (c *Cache) Put(name string, stamp Stamp, data []byte) {
	tmp := "new-" + rand.Text()
	sum := sumOf(name, stamp, data)
	err := c.root.WriteFile(tmp, append(sum[:], data...), 0o600)
	if err == nil {
		err = c.root.Rename(tmp, fileOf(name))
	}
	if err != nil {
		_ = c.root.Remove(tmp)
	}
}

// Keep deletes the entries of all other names, and temporary files of killed
// processes.
func (c *Cache) Keep(names []string) {
	keep := make(map[string]bool, len(names))
	for _, name := range names {
		keep[fileOf(name)] = true
	}
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if !keep[e.Name()] && e.Type().IsRegular() {
			_ = c.root.Remove(e.Name())
		}
	}
}

// fileOf returns the file of an entry. A name is a path with any characters.
func fileOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// sumOf digests an entry with its name and stamp, so that Get recognises
// damaged, outdated and misplaced entries.
func sumOf(name string, stamp Stamp, data []byte) (sum Stamp) {
	h := sha256.New()
	h.Write(stamp[:])
	fmt.Fprintf(h, "%d:%s", len(name), name)
	h.Write(data)
	h.Sum(sum[:0])
	return sum
}

// Build identifies this build of the program by its version and its file's size
// and time, which differ from build to build during development. Another build
// may judge by other rules.
func Build() string {
	name := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		name = info.String()
	}
	file, err := os.Executable()
	if err != nil {
		return name
	}
	if info, err := os.Stat(file); err == nil {
		name += fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	}
	return name
}

// maxEntry bounds an entry, in bytes.
const maxEntry = 1 << 30
