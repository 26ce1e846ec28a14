package cli

import (
	"errors"
	"fmt"
)

// The exit codes. They are part of the product: pipelines decide by them.
const (
	ExitDone         = 0
	ExitError        = 1
	ExitChanges      = 2
	ExitInvalid      = 3
	ExitUnauthorised = 4
	ExitRefused      = 5
	ExitPartly       = 7
	ExitPerson       = 8
	ExitInterrupted  = 130
)

// A CodeError is an error that ends the program with a code of its own.
type CodeError struct {
	Code  int
	err   error
	Quiet bool // said already
}

func (e *CodeError) Error() string { return e.err.Error() }
func (e *CodeError) Unwrap() error { return e.err }

// WithCode makes an error end the program with an exit code.
func WithCode(code int, err error) error { return &CodeError{Code: code, err: err} }

// ExitWithoutMessage ends the program with a code after everything has been printed.
func ExitWithoutMessage(code int) error {
	if code == ExitDone {
		return nil
	}
	return &CodeError{Code: code, err: fmt.Errorf("exit %d", code), Quiet: true}
}

// An unwrittenError is that of a command which writes files and sends nothing.
type unwrittenError struct{ error }

func (e unwrittenError) Unwrap() error { return e.error }

// Unwritten marks the error of a command that writes files.
func Unwritten(err error) error { return unwrittenError{err} }

// IsUnwritten reports whether an error is that of a command which writes files.
func IsUnwritten(err error) bool { return errors.As(err, new(unwrittenError)) }
