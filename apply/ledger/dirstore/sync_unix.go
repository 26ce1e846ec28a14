//go:build !windows

package dirstore

import (
	"errors"
	"os"
	"syscall"
)

// noFollow makes opening a symbolic link fail, and opening a pipe not block.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// onlyFolder makes opening anything but a directory fail at once.
const onlyFolder = syscall.O_DIRECTORY | syscall.O_NONBLOCK

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	f, err := os.OpenFile(dir, os.O_RDONLY|onlyFolder, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
