// Package cache keeps what was made of a file, so that it needn't be made again
// while nothing that it was made of has changed.
//
// What is kept is sealed with a key of this user on this machine (see [Key]).
// The folder may hold names and stories of borrowers: without the key nobody
// can read them there. And nobody can put in what wasn't made here: a folder
// that came with a repository, or was damaged, holds nothing that opens.
package cache

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
)

// A Stamp is a digest of all that something is made of.
type Stamp [sha256.Size]byte

// A Cache keeps one entry for each name in a folder. It is safe for use by
// several goroutines, and several processes may use one folder. The folder can
// be deleted at any time.
type Cache struct {
	root    *os.Root
	seal    cipher.AEAD
	buffers Buffers // for sealed entries
}

// Open opens the cache in a folder of root, and makes the folder where it isn't
// there. Nothing outside of root is read or written, symbolic links or not.
func Open(root *os.Root, dir string, key []byte) (*Cache, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := root.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	inner, err := root.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	c := &Cache{root: inner, seal: seal}
	c.hideFromGit()
	return c, nil
}

const ignoreFile = ".gitignore"

// hideFromGit keeps the folder out of commits, whatever the workspace's own
// .gitignore says.
func (c *Cache) hideFromGit() {
	if _, err := c.root.Lstat(ignoreFile); err != nil {
		_ = c.root.WriteFile(ignoreFile, []byte("*\n"), 0o600)
	}
}

// Close ends the use of the folder.
func (c *Cache) Close() error { return c.root.Close() }

// Get returns the entry of a name, if it has this stamp and is undamaged.
func (c *Cache) Get(name string, stamp Stamp) (entry string, ok bool) {
	err := c.buffers.Read(c.root, fileOf(name), func(sealed []byte) {
		data, err := c.seal.Open(sealed[:0], nil, sealed, aad(name, stamp))
		entry, ok = string(data), err == nil
	})
	return entry, ok && err == nil
}

// Put keeps an entry in place of the name's last one. Failing is no error: it
// is made again next time. Readers see the old entry or the new one, never a
// part.
func (c *Cache) Put(name string, stamp Stamp, data []byte) {
	tmp := "new-" + rand.Text()
	err := c.root.WriteFile(tmp, c.seal.Seal(nil, nil, data, aad(name, stamp)), 0o600)
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
	keep := make(map[string]bool, len(names)+1)
	keep[ignoreFile] = true
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

// aad is what an entry is bound to without holding it.
func aad(name string, stamp Stamp) []byte { return append(stamp[:], name...) }
