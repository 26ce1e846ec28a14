// Package dirstore keeps a ledger's objects as files of one directory, which
// can be committed to git: files are created once and never change, so that
// two branches merge without conflict.
package dirstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"kivaform/apply/ledger"
)

const (
	temporary = ".tmp-"
	abandoned = 24 * time.Hour // nobody writes an object for so long
)

// A Store is a directory. It is a [ledger.Store], safe for use by several
// programs at once on a file system that has hard links.
type Store struct {
	root string
	made sync.Map // directories that are there for good
}

// New returns the store in a directory, which is made when the first object is
// created.
func New(root string) *Store { return &Store{root: filepath.Clean(root)} }

// Create writes a file of its own, makes it durable, and links it to its name,
// which fails where the name is taken. A machine that stops at any moment
// leaves the whole object or none.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := s.file(key)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	if err := s.makeDir(dir); err != nil {
		return err
	}
	temp, err := writeTemp(dir, data)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", key, ledger.ErrExists)
		}
		return err
	}
	return syncDir(dir)
}

// writeTemp writes a new file that no list shows, down to the disk.
func writeTemp(dir string, data []byte) (name string, err error) {
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// makeDir makes a directory and everything above it. Each is made durable in
// the one that holds it, also where another process has just made it.
func (s *Store) makeDir(dir string) error {
	if _, done := s.made.Load(dir); done {
		return nil
	}
	parent := filepath.Dir(dir)
	above := dir == s.root || !strings.HasPrefix(dir, s.root) // where the ledger's own part ends
	if _, err := os.Stat(parent); !above || errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := syncDir(parent); err != nil {
		return err
	}
	s.made.Store(dir, true)
	removeLeftovers(dir)
	return nil
}

// removeLeftovers removes what programs that were killed left in a directory,
// so that nobody commits it. It need not succeed: no list shows them.
func removeLeftovers(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, temporary+"*"))
	for _, name := range names {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > abandoned {
			os.Remove(name)
		}
	}
}

// Get reads a file.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, err := s.file(key)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", key, ledger.ErrNotExist)
	}
	return data, err
}

// List walks the directory that the prefix names.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		folders := []string{path.Dir(prefix + "x")} // the deepest one that the prefix is sure of
		for len(folders) > 0 {
			folder := folders[len(folders)-1]
			folders = folders[:len(folders)-1]
			entries, err := s.entries(ctx, folder)
			if err != nil {
				yield("", err)
				return
			}
			for _, e := range entries {
				key := e.Name()
				if folder != "." {
					key = folder + "/" + key
				}
				switch {
				case e.IsDir():
					folders = append(folders, key)
				case strings.HasPrefix(e.Name(), temporary) || !strings.HasPrefix(key, prefix):
				case !yield(key, nil):
					return
				}
			}
		}
	}
}

// entries returns what a folder of the store has, in no order. A folder that
// isn't there has nothing.
func (s *Store) entries(ctx context.Context, folder string) ([]fs.DirEntry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(s.root, filepath.FromSlash(folder)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return entries, err
}

// file returns the name of a key's file, and refuses keys that would leave the
// directory.
func (s *Store) file(key string) (string, error) {
	if !ledger.ValidKey(key) {
		return "", fmt.Errorf("%q is not a ledger's key", key)
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), nil
}
