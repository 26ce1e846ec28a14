//go:build unix

package input

import (
	"errors"
	"syscall"
)

// nonblocking keeps opening a pipe from waiting for its other end.
const nonblocking = syscall.O_NONBLOCK

// irregular recognises a socket, and a device that isn't there: neither can be
// opened.
func irregular(err error) error {
	if errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENODEV) {
		return ErrIrregular
	}
	return err
}
