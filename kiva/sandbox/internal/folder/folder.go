// Package folder opens the files of the folder that keeps a sandbox's data.
package folder

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kivaform/kiva/hint"

	"github.com/gofrs/flock"
)

// A Dir keeps a sandbox's data. It is opened for each use, so that a Server
// needs no closing and a folder that a person deletes is noticed.
//
// It may have come with a clone, with whatever somebody else has put there: its
// files are opened by way of an [os.Root] and are never links.
type Dir string

// Open opens the folder, and makes it for its owner alone where it isn't there.
func (d Dir) Open() (*os.Root, error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(string(d))
}

// Do calls f with the open folder.
func (d Dir) Do(f func(*os.Root) error) error {
	root, err := d.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	return f(root)
}

// Lock opens a file for a lock. The lock is opened by its path, so the path is
// checked before.
func (d Dir) Lock(root *os.Root, name string) (*flock.Flock, error) {
	f, err := OpenFile(root, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(string(d), name), flock.SetPermissions(0o600))
	return lock, lock.Lock()
}

// OpenFile opens a file of a folder, for its owner alone, if it is no link.
func OpenFile(root *os.Root, name string, flag int) (*os.File, error) {
	if err := checkNoLink(root, name); err != nil {
		return nil, err
	}
	return root.OpenFile(name, flag, 0o600)
}

// ReadFile reads a file of a folder, if it is no link.
func ReadFile(root *os.Root, name string) ([]byte, error) {
	if err := checkNoLink(root, name); err != nil {
		return nil, err
	}
	return root.ReadFile(name)
}

func checkNoLink(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return hint.With(fmt.Errorf("%s is a symbolic link", filepath.Join(root.Name(), name)), "delete it: the sandbox keeps its data in its own folder")
	}
	return nil
}

// ReplaceFile writes a file of a folder, which appears whole or not at all.
func ReplaceFile(root *os.Root, name string, data []byte) error {
	temporary := name + "." + rand.Text()
	err := root.WriteFile(temporary, data, 0o600)
	if err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary)
	}
	return err
}
