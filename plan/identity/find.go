package identity

import (
	"cmp"

	"kivaform/spec"
)

// A Thing is a loan draft or a journal, as far as it is compared.
type Thing struct {
	Address spec.Address
	LoanID  string
	Members []string // the loan ids of a group's borrowers
	Key     string   // of a journal; "" of a draft
}

// NewThing returns what is compared of a draft or a journal.
func NewThing(a spec.Address, r spec.Resource) Thing {
	switch r := r.(type) {
	case *spec.LoanDraft:
		t := Thing{Address: a, LoanID: r.LoanID()}
		for i := range r.Entreps {
			if id := r.Entreps[i].LoanID; id != "" && id != t.LoanID {
				t.Members = append(t.Members, id)
			}
		}
		return t
	case *spec.Journal:
		return Thing{Address: a, LoanID: r.LoanID, Key: r.Key}
	}
	return Thing{Address: a}
}

// ThingOf returns what an address alone tells of a draft or a journal.
func ThingOf(a spec.Address) Thing {
	t := Thing{Address: a}
	switch parts := a.Parts(); {
	case parts[0] == "loan_draft" && len(parts) == 2:
		t.LoanID = parts[1]
	case parts[0] == "journal" && len(parts) == 3:
		t.LoanID, t.Key = parts[1], parts[2]
	}
	return t
}

// A Kind says what two things have in common.
type Kind int

// The kinds, the strongest first.
const (
	SameID     Kind = iota // their ids are alike
	SameMember             // a loan id stands in both
)

// A Source is where another thing is known from.
type Source int

// The sources, the first counts most.
const (
	Ledger Source = iota
	Kiva
	Files
)

// A Like says that a thing is probably another one.
type Like struct {
	Kind   Kind
	Source Source
	Other  spec.Address
	ID     string // the thing's loan id that is alike to one of the other's
}

// counts reports whether a like says more than another one. Of equal ones the
// first address does, so that the same is said of the same every time.
func (l *Like) counts(than *Like) bool {
	return cmp.Or(cmp.Compare(l.Kind, than.Kind), cmp.Compare(l.Source, than.Source), cmp.Compare(l.Other, than.Other)) < 0
}

// A Finder finds among wanted things those that are alike to known ones.
type Finder struct {
	rules    Rules
	folding  *folding
	wanted   []Thing
	likes    []*Like
	byLoan   map[string][]place // drafts, by the keys of their ids
	journals map[string][]place // by the keys of their loans' ids
}

// A place is a thing that is wanted, under one of its ids.
type place struct {
	thing int32
	id    string
}

// NewFinder returns a finder for wanted things.
func NewFinder(r Rules, wanted []Thing) *Finder {
	f := &Finder{
		rules: r, folding: newFolding(r), wanted: wanted, likes: make([]*Like, len(wanted)),
		byLoan: make(map[string][]place, len(wanted)), journals: make(map[string][]place),
	}
	for i := range wanted {
		t := &wanted[i]
		if t.Key != "" {
			f.enter(f.journals, i, t.LoanID)
			continue
		}
		f.enter(f.byLoan, i, t.LoanID)
		for _, id := range t.Members {
			f.enter(f.byLoan, i, id)
		}
	}
	return f
}

func (f *Finder) enter(in map[string][]place, i int, id string) {
	f.folding.fold(id)
	for _, key := range f.folding.keys[:f.folding.count] {
		in[string(key)] = append(in[string(key)], place{int32(i), id})
	}
}

// Like returns what the wanted thing i is alike to; nil where nothing was found.
func (f *Finder) Like(i int) *Like { return f.likes[i] }

// Meet compares a known thing with all that are wanted, and reports whether it is
// alike to one. A thing isn't alike to itself.
func (f *Finder) Meet(known *Thing, from Source) (any bool) {
	if known.Key != "" {
		return f.meetJournal(known, from)
	}
	any = f.meetID(known, known.LoanID, from)
	for _, id := range known.Members {
		any = f.meetID(known, id, from) || any
	}
	return any
}

// meetID compares a loan id of a known draft.
func (f *Finder) meetID(known *Thing, id string, from Source) (any bool) {
	f.folding.fold(id)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.byLoan[string(key)] {
			t := &f.wanted[p.thing]
			if t.Address == known.Address || f.rules.dividedOtherwise(p.id, id) {
				continue
			}
			like := Like{SameMember, from, known.Address, p.id}
			if id == known.LoanID && p.id == t.LoanID {
				like.Kind = SameID
			}
			f.found(p.thing, like)
			any = true
		}
	}
	return any
}

func (f *Finder) meetJournal(known *Thing, from Source) (any bool) {
	f.folding.fold(known.LoanID)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.journals[string(key)] {
			t := &f.wanted[p.thing]
			if t.Address != known.Address && !f.rules.dividedOtherwise(p.id, known.LoanID) && f.rules.Alike(t.Key, known.Key) {
				f.found(p.thing, Like{SameID, from, known.Address, p.id})
				any = true
			}
		}
	}
	return any
}

func (f *Finder) found(i int32, l Like) {
	if before := f.likes[i]; before == nil || l.counts(before) {
		f.likes[i] = &l
	}
}
