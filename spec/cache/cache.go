// Package cache keeps what was made of a file, so that it needn't be made again
// while nothing that it was made of has changed.
//
// Entries are believed, so the folder must be one that only its owner can write:
// never one of a workspace, whose files come from other people. They hold names
// and stories of borrowers.
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

// A Stamp is a digest of all that something is made of.
type Stamp [sha256.Size]byte

// A Cache keeps one entry for each name in a folder. It is safe for use by
// several goroutines, and several processes may use one folder. The folder can
// be deleted at any time.
type Cache struct {
	root    *os.Root
	buffers input.Buffers // for entries
}

// Open opens the cache in a folder, which is made for its owner alone where it
// isn't there.
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

// Close ends the use of the folder.
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

// Put keeps an entry in place of the name's last one. Failing is no error: it
// is made again next time. Readers see the old entry or the new one, never a
// part.
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

// Keep forgets the entries of all other names, and what a process that was
// killed has left.
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

// fileOf returns the file of an entry. Names are paths with any characters.
func fileOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// sumOf digests an entry with its name and its stamp, so that damaged, outdated
// and misplaced entries are found.
func sumOf(name string, stamp Stamp, data []byte) (sum Stamp) {
	h := sha256.New()
	h.Write(stamp[:])
	fmt.Fprintf(h, "%d:%s", len(name), name)
	h.Write(data)
	h.Sum(sum[:0])
	return sum
}

// Build names this build of the program: its version, and the size and time of
// its file, which differ from build to build during development. What one build
// has judged by its rules is not what another would.
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
