// Package folder opens the files in a sandbox's data folder.
package folder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"kivaform/kiva/hint"

	"github.com/gofrs/flock"
)

// A Dir is a sandbox's data folder. It is opened for each use, so that a Server
// needs no closing, and a deleted folder is noticed.
//
// It may have come with a clone, with any content: its files are opened through
// an [os.Root], must be regular and no links, and opening them never blocks.
type Dir string

// Open opens the folder, and creates a missing one with mode 0700.
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

// Lock takes a file lock. flock opens the file by its path, so the path is
// checked first.
func (d Dir) Lock(root *os.Root, name string) (*flock.Flock, error) {
	f, err := OpenFile(root, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(string(d), name), flock.SetFlag(os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK), flock.SetPermissions(0o600))
	return lock, lock.Lock()
}

// maxFile bounds a file that [ReadFile] reads, in bytes.
const maxFile = 64 << 20

// OpenFile opens a regular file of a folder, and creates it with mode 0600 if
// flag says so.
func OpenFile(root *os.Root, name string, flag int) (*os.File, error) {
	if info, err := root.Lstat(name); err == nil { // opening some devices has an effect
		if err := checkRegular(root, name, info); err != nil {
			return nil, err
		}
	}
	f, err := root.OpenFile(name, flag|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = checkRegular(root, name, info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ReadFile reads a regular file of at most maxFile bytes.
func ReadFile(root *os.Root, name string) ([]byte, error) {
	f, err := OpenFile(root, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = hint.With(fmt.Errorf("%s has more than %d MiB", filepath.Join(root.Name(), name), maxFile>>20), "delete it: the sandbox has not written it")
	}
	return data, err
}

func checkRegular(root *os.Root, name string, info fs.FileInfo) error {
	what := "is not a regular file"
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		what = "is a symbolic link"
	}
	return hint.With(fmt.Errorf("%s %s", filepath.Join(root.Name(), name), what), "delete it: the sandbox keeps its data in files of its own")
}

// ReplaceFile writes a file atomically.
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
