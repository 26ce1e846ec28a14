//go:build !windows

package dirstore

import (
	"errors"
	"os"
	"syscall"
)

// noFollow makes opening a symbolic link fail, and opening a pipe not wait.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
