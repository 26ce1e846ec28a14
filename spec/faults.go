package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"
)

// Err returns the errors of the set, all of them, as a [*multierror.Error]
// that prints one fault a line, or nil where there is none. A pending fault
// counts only while its item has not been sent, which sent is asked for; a nil
// sent means that nothing was.
func (s *Set) Err(sent func(Address) bool) error {
	all := &multierror.Error{ErrorFormat: oneALine}
	for _, f := range s.standing(Error, sent) {
		all.Errors = append(all.Errors, f)
	}
	return all.ErrorOrNil()
}

// Warnings returns the warnings of the set in the order of their places,
// without pending ones whose item was sent. A nil sent means that nothing was.
func (s *Set) Warnings(sent func(Address) bool) []*Fault {
	return s.standing(Warning, sent)
}

func (s *Set) standing(severity Severity, sent func(Address) bool) []*Fault {
	var faults []*Fault
	for _, f := range s.Faults {
		settled := f.Pending && sent != nil && sent(f.Address)
		if f.Severity == severity && !settled {
			faults = append(faults, f)
		}
	}
	return faults
}

func oneALine(errs []error) string {
	lines := make([]string, len(errs))
	for i, err := range errs {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

func sortFaults(faults []*Fault) {
	slices.SortStableFunc(faults, func(a, b *Fault) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Path, b.Path),
		)
	})
}

// newFault returns a fault with the severity of its code.
func newFault(c code, at Pos, path, message, hint string) *Fault {
	return &Fault{
		Code: c.String(), Severity: rules[c].severity,
		Pos: at, Path: path, Message: message, Hint: hint,
	}
}

// KeepsFromPublishing reports whether a person must add something in PA2
// before the draft can be published.
func (f *Fault) KeepsFromPublishing() bool {
	switch f.Code {
	case codeWaiver.String(), codeUnpublishable.String(), codeNoPhoto.String():
		return true
	}
	return false
}
