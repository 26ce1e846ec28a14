package spec

import (
	"maps"
	"strings"

	"kivaform/kiva/hint"

	"github.com/hashicorp/go-multierror"
)

// Err returns the errors of the set, all of them, as a [*multierror.Error]
// that prints one fault a line, or nil where there is none. A pending fault
// counts only while its item has not been sent, which sent is asked for; a nil
// sent means that nothing was.
func (s *Set) Err(sent func(Address) bool) error {
	all := &multierror.Error{ErrorFormat: oneALine}
	for _, f := range s.countedFaults(Error, sent) {
		all.Errors = append(all.Errors, f)
	}
	return all.ErrorOrNil()
}

// Warnings returns the warnings of the set in the order of their places,
// without pending ones whose item was sent. A nil sent means that nothing was.
func (s *Set) Warnings(sent func(Address) bool) []*Fault {
	return s.countedFaults(Warning, sent)
}

func (s *Set) countedFaults(severity Severity, sent func(Address) bool) []*Fault {
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
		lines[i] = hint.Text(err)
	}
	return strings.Join(lines, "\n")
}

// Args are the values that a sentence fills in, by name. A value is written for
// programs: a moment as RFC 3339, a day as YYYY-MM-DD, an amount as 1234.50, a
// list with ", " between its elements. One name means the same everywhere.
type Args map[string]string

// NewArgs returns arguments given as name and value in turn. Those without a
// value are left out.
func NewArgs(pairs ...string) Args {
	args := make(Args, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			args[pairs[i]] = pairs[i+1]
		}
	}
	if len(args) == 0 {
		return nil
	}
	return args
}

// With returns the arguments with one more; without it where it has no value.
func (a Args) With(name, value string) Args {
	if value == "" {
		return a
	}
	more := maps.Clone(a)
	if more == nil {
		more = make(Args, 1)
	}
	more[name] = value
	return more
}

// InCase says which of the sentences of its code tells a fault.
func (f *Fault) InCase(name string) *Fault {
	f.Case = name
	return f
}

// With adds an argument to a fault.
func (f *Fault) With(name, value string) *Fault {
	f.Args = f.Args.With(name, value)
	return f
}
