// Package hint gives an error a remedy: what a person can do about it. A remedy
// is apart from the error's text, so that the printer of the error decides where
// the remedy stands, and no text is searched for it.
package hint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Hinter is an error with a remedy.
type Hinter interface {
	error
	Hint() string // one sentence without its full stop; "" if there is none
}

type hinted struct {
	err    error
	remedy string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }
func (h *hinted) Hint() string  { return h.remedy }

// With returns err with a remedy that fmt.Sprintf formats. A remedy that err
// already has is kept and comes first.
func With(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// Of returns the remedies of err and of all errors that it wraps or joins, each
// once, the innermost first, with "; hint: " between them; "" if there is none.
func Of(err error) string {
	return strings.Join(collect(nil, err), separator)
}

// Text returns the text of err and its remedies as "what is wrong; hint: what to
// do", for a place that has one string for both.
func Text(err error) string {
	if remedies := Of(err); remedies != "" {
		return err.Error() + separator + remedies
	}
	return err.Error()
}

const separator = "; hint: "

// collect appends the remedies in the tree of err to list.
func collect(list []string, err error) []string {
	switch wrapping := err.(type) {
	case interface{ Unwrap() []error }:
		for _, inner := range wrapping.Unwrap() {
			list = collect(list, inner)
		}
	case interface{ WrappedErrors() []error }: // multierror's
		for _, inner := range wrapping.WrappedErrors() {
			list = collect(list, inner)
		}
	default:
		if inner := errors.Unwrap(err); inner != nil {
			list = collect(list, inner)
		}
	}
	h, ok := err.(Hinter)
	if !ok || h.Hint() == "" || slices.Contains(list, h.Hint()) {
		return list
	}
	return append(list, h.Hint())
}
