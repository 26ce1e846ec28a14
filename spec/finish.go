package spec

import (
	"cmp"
	"slices"
	"time"
)

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

// isRepetition reports whether two faults say the same of one place.
func isRepetition(f, g *Fault) bool {
	return f.Pos == g.Pos && f.Code == g.Code && f.Path == g.Path && f.Message == g.Message && f.Hint == g.Hint && f.Address == g.Address
}

// finish sorts the faults. The settings' file is read twice, once for the
// settings and once for documents after them, so that a fault of the whole
// file may stand there twice.
func (l *loader) finish() *Set {
	s := l.set
	if f := l.budget.fault(l.settingsFile); f != nil {
		s.Faults = append(s.Faults, f)
	}
	if s.Settings.RepaymentAmounts == "" {
		s.Settings.RepaymentAmounts = CumulativePrincipal
	}
	if s.Settings.Pos.File == "" { // what a document is warned of depends on them
		s.Faults = slices.DeleteFunc(s.Faults, func(f *Fault) bool { return f.Severity == Warning })
	}
	sortFaults(s.Faults)
	s.Faults = slices.CompactFunc(s.Faults, isRepetition)
	return s
}

// choose sets what follows from the settings and the options.
func (s *Set) choose(options Options) {
	if s.Settings.Environment == "" {
		s.Settings.Environment = Sandbox
	}
	if s.Settings.JournalStatuses == nil {
		s.Settings.JournalStatuses = []string{"payingBack"}
	}
	s.Environment = s.Settings.Environment
	if options.Environment != "" {
		s.Environment = options.Environment
	}
	now := options.Now
	if now == nil {
		now = time.Now
	}
	if s.Today = s.Settings.Environments[s.Environment].Today; s.Today == 0 {
		s.Today = DateOf(now())
	}
}
