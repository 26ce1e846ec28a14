package cli

import (
	"errors"
	"fmt"
)

// The exit codes, on which pipelines depend.
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

// A CodeError is an error with an exit code.
type CodeError struct {
	Code  int
	err   error
	Quiet bool // printed already
}

func (e *CodeError) Error() string { return e.err.Error() }
func (e *CodeError) Unwrap() error { return e.err }

// WithCode adds an exit code to an error.
func WithCode(code int, err error) error { return &CodeError{Code: code, err: err} }

// ExitWithoutMessage returns an error for a code whose reason has been printed,
// nil for ExitDone.
func ExitWithoutMessage(code int) error {
	if code == ExitDone {
		return nil
	}
	return &CodeError{Code: code, err: fmt.Errorf("exit %d", code), Quiet: true}
}

// An unwrittenError is the error of a command that writes files and sends
// nothing.
type unwrittenError struct{ error }

func (e unwrittenError) Unwrap() error { return e.error }

// Unwritten marks the error of a command that writes files.
func Unwritten(err error) error { return unwrittenError{err} }

// IsUnwritten reports whether the command of an error writes files.
func IsUnwritten(err error) bool { return errors.As(err, new(unwrittenError)) }
