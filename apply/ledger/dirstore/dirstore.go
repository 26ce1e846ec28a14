// Package dirstore keeps a ledger's objects as files of one directory, which can
// be committed to git: files are created once and never change. If two clones
// have created one name, git finds a conflict, and package merge combines both.
package dirstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
	"kivaform/spec/input"
)

const (
	temporary = ".tmp-"
	abandoned = 24 * time.Hour // no write of an object takes so long
)

// A Store is a directory. It is a [ledger.Store], safe for several programs at
// once on a file system with hard links.
//
// The directory may have come with a clone, so nothing in it is read or written
// through a symbolic link. The directory itself may be one.
type Store struct {
	root   string
	real   sync.Map           // existing directories, checked not to be links
	made   sync.Map           // durable directories
	making singleflight.Group // of those under way, by name
}

// New returns the store in a directory, which the first create makes.
func New(root string) *Store { return &Store{root: filepath.Clean(root)} }

// Create writes a temporary file, makes it durable, and links it to its name,
// which fails if the name is taken. A crash at any moment leaves the whole
// object or none.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := s.fileOf(key)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	if err := s.checkNoLinks(dir); err != nil {
		return err
	}
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

// writeTemp writes a durable file that List omits.
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

// makeDir makes a directory and its parents, once for all concurrent callers.
func (s *Store) makeDir(dir string) error {
	if _, done := s.made.Load(dir); done {
		return nil
	}
	_, err, _ := s.making.Do(dir, func() (any, error) { return nil, s.makeDirOnce(dir) })
	return err
}

// makeDirOnce makes each directory durable in its parent, even if another
// process has just made it.
func (s *Store) makeDirOnce(dir string) error {
	parent := filepath.Dir(dir)
	above := dir == s.root || !strings.HasPrefix(dir, s.root) // above the ledger's own part
	if _, err := os.Stat(parent); !above || errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { // #nosec G301 -- the ledger is committed to git with the files
		return err
	}
	if err := syncDir(parent); err != nil {
		return err
	}
	s.made.Store(dir, true)
	removeLeftovers(dir)
	return nil
}

// removeLeftovers removes the temporary files of killed programs from a
// directory, so that they aren't committed. It ignores errors: List omits them.
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
	name, err := s.fileOf(key)
	if err != nil {
		return nil, err
	}
	if err := s.checkNoLinks(filepath.Dir(name)); err != nil {
		return nil, err
	}
	data, err := readFile(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", key, ledger.ErrNotExist)
	}
	return data, err
}

// readFile reads a regular file, no link, of at most an object's size.
func readFile(ctx context.Context, name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, explainUnopened(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, irregularError(name)
	}
	data, err := input.ReadAll(ctx, f, nil, ledger.MaxObject)
	if tooLarge := (*input.TooLargeError)(nil); errors.As(err, &tooLarge) {
		return nil, ledger.TooLarge(name)
	}
	return data, err
}

// explainUnopened explains why a link or a socket can't be opened.
func explainUnopened(name string, err error) error {
	switch info, lost := os.Lstat(name); {
	case lost != nil || info.Mode().IsRegular():
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return linkError(name)
	}
	return irregularError(name)
}

// checkNoLinks refuses a directory of the store that is a link, a pipe, a socket
// or a device. It checks each once.
func (s *Store) checkNoLinks(dir string) error {
	if _, done := s.real.Load(dir); done || dir == s.root || dir == "." {
		return nil
	}
	if err := s.checkNoLinks(filepath.Dir(dir)); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return linkError(dir)
	case !info.IsDir() && !info.Mode().IsRegular():
		return irregularError(dir)
	}
	s.real.Store(dir, true)
	return nil
}

func linkError(name string) error {
	return hint.With(fmt.Errorf("%s is a symbolic link, and a ledger has none: it would be read or written elsewhere", name), "put back what was there")
}

func irregularError(name string) error {
	return hint.With(fmt.Errorf("%s is not a regular file, and a ledger has no others", name), "remove it, or put back what was there")
}

// fileOf returns a key's file, and refuses keys that would leave the directory.
func (s *Store) fileOf(key string) (string, error) {
	if !ledger.ValidKey(key) {
		return "", fmt.Errorf("%q is not a ledger's key", key)
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), nil
}
