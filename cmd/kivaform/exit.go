package main

import (
	"errors"
	"fmt"
)

// The exit codes. They are part of the product: pipelines decide by them.
const (
	exitDone         = 0
	exitError        = 1
	exitChanges      = 2
	exitInvalid      = 3
	exitUnauthorised = 4
	exitRefused      = 5
	exitPartly       = 7
	exitPerson       = 8
	exitInterrupted  = 130
)

// A codeError is an error that ends the program with a code of its own.
type codeError struct {
	code  int
	err   error
	quiet bool // said already
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

func withCode(code int, err error) error { return &codeError{code: code, err: err} }

// said ends the program with a code after everything has been printed.
func said(code int) error {
	if code == exitDone {
		return nil
	}
	return &codeError{code: code, err: fmt.Errorf("exit %d", code), quiet: true}
}

// An unwrittenError is that of a command which writes files and sends nothing.
type unwrittenError struct{ error }

func (e unwrittenError) Unwrap() error { return e.error }

// unwritten marks the error of a command that writes files.
func unwritten(err error) error { return unwrittenError{err} }

// isUnwritten reports whether an error is that of a command which writes files.
func isUnwritten(err error) bool { return errors.As(err, new(unwrittenError)) }
