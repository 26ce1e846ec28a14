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

	// Undecided says that the outcome isn't known and no file has the thing any more:
	// another one of the same client, or of the same loan, may be it, mended.
	Undecided bool

	Contents Contents
	Source   spec.Resource // of a wanted thing
	OwnID    uint64        // the digest of a draft's loan id; 0 where it isn't compared
}

// address returns the thing's address, which needn't be given for a draft.
func (t *Thing) address() spec.Address {
	if t.Address == "" {
		return spec.DraftAddress(t.LoanID)
	}
	return t.Address
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
	SameID       Kind = iota // their ids are alike
	SameMember               // a loan id stands in both
	SameContents             // they say the same
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
	Parts  Parts  // what they have in common, of SameContents
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

	byMember map[uint64][]place // drafts, by the digests of their ids
	clients  map[uint64][]int32 // drafts, by digests of contents
	terms    map[uint64][]int32
	singles  map[single]*pairPlace // by a story or a photo alone
	shared   []*Like
	pairs    map[pair]*pairPlace
}

// A place is a thing that is wanted, under one of its ids.
type place struct {
	thing int32
	id    string
}

// A pair is two contents of which both must be the same.
type pair struct{ first, second uint64 }

// A pairPlace is all wanted things with a pair of contents, and the known thing of
// the first address that has it too: many may have it, and each costs the same.
type pairPlace struct {
	things []int32
	known  *Thing
}

// NewFinder returns a finder for wanted things.
func NewFinder(r Rules, wanted []Thing) *Finder {
	n := len(wanted)
	f := &Finder{
		rules: r, folding: newFolding(r), wanted: wanted, likes: make([]*Like, n),
		byLoan: make(map[string][]place, n), journals: make(map[string][]place), byMember: make(map[uint64][]place, n),
		clients: make(map[uint64][]int32, n), terms: make(map[uint64][]int32, n), singles: make(map[single]*pairPlace, 2*n), shared: make([]*Like, n), pairs: make(map[pair]*pairPlace, 4*n),
	}
	for i := range wanted {
		t := &wanted[i]
		if t.Key != "" {
			f.enter(f.journals, i, t.LoanID)
			continue
		}
		f.enter(f.byLoan, i, t.LoanID)
		f.enterDigest(i, t.OwnID, t.LoanID)
		for k, id := range t.Members {
			f.enter(f.byLoan, i, id)
			if k < len(t.Contents.Members) {
				f.enterDigest(i, t.Contents.Members[k], id)
			}
		}
		f.enterContents(i, &t.Contents)
	}
	return f
}

func (f *Finder) enterDigest(i int, digest uint64, id string) {
	if digest != 0 {
		f.byMember[digest] = append(f.byMember[digest], place{int32(i), id})
	}
}

func (f *Finder) enterContents(i int, c *Contents) {
	if c.Client != 0 {
		f.clients[c.Client] = append(f.clients[c.Client], int32(i))
	}
	if c.Terms != 0 {
		f.terms[c.Terms] = append(f.terms[c.Terms], int32(i))
	}
	for _, p := range c.pairs() {
		if p.first != 0 && p.second != 0 {
			enterPlace(f.pairs, p, i)
		}
	}
	for _, s := range c.singles() {
		if s.digest != 0 {
			enterPlace(f.singles, s, i)
		}
	}
}

func enterPlace[K comparable](in map[K]*pairPlace, key K, i int) {
	at := in[key]
	if at == nil {
		at = new(pairPlace)
		in[key] = at
	}
	at.things = append(at.things, int32(i))
}

// A single is a story or a photo: what two clients should not share.
type single struct {
	photo  bool
	digest uint64
}

func (c *Contents) singles() [2]single { return [2]single{{false, c.Story}, {true, c.Photo}} }

// pairs returns the pairs of contents of which each makes two drafts alike.
func (c *Contents) pairs() [4]pair {
	return [4]pair{{c.Client, c.Terms}, {c.Client, c.Story}, {c.Client, c.Photo}, {c.Story, c.Photo}}
}

func (f *Finder) enter(in map[string][]place, i int, id string) {
	f.folding.fold(id)
	for _, key := range f.folding.keys[:f.folding.count] {
		in[string(key)] = append(in[string(key)], place{int32(i), id})
	}
}

// Like returns what the wanted thing i is alike to; nil where nothing was found.
func (f *Finder) Like(i int) *Like { return f.likes[i] }

// OfClient and OfTerms return the wanted drafts of a client, and those of an amount
// and a date.
func (f *Finder) OfClient(digest uint64) []int32 { return f.clients[digest] }
func (f *Finder) OfTerms(digest uint64) []int32  { return f.terms[digest] }

// Wanted returns the wanted thing i.
func (f *Finder) Wanted(i int32) *Thing { return &f.wanted[i] }

// Meet compares a known thing with all that are wanted. A thing isn't alike to
// itself. The thing must not change afterwards.
func (f *Finder) Meet(known *Thing, from Source) {
	if known.Key != "" {
		f.meetJournal(known, from)
		return
	}
	f.meetID(known, known.LoanID, from)
	for _, id := range known.Members {
		f.meetID(known, id, from)
	}
	if from == Ledger {
		f.meetMembers(known)
		f.meetContents(known)
	}
}

// meetMembers compares the borrowers of a group of which digests alone are known.
func (f *Finder) meetMembers(known *Thing) {
	for _, digest := range known.Contents.Members {
		for _, p := range f.byMember[digest] {
			if f.wanted[p.thing].LoanID != known.LoanID {
				f.Found(p.thing, Like{Kind: SameMember, Source: Ledger, Other: known.address(), ID: p.id})
			}
		}
	}
}

// meetContents finds the pairs that a known draft has in common with wanted ones.
func (f *Finder) meetContents(known *Thing) {
	c := &known.Contents
	if known.Undecided && c.Client != 0 {
		for _, i := range f.clients[c.Client] {
			f.FoundContents(i, known, f.wanted[i].Contents.sameParts(c))
		}
	}
	shares := false
	for _, s := range c.singles() {
		if at := f.singles[s]; at != nil {
			at.meet(known)
			shares = true
		}
	}
	if !shares && len(f.clients[c.Client]) == 0 {
		return
	}
	for _, p := range c.pairs() {
		if at := f.pairs[p]; at != nil {
			at.meet(known)
		}
	}
}

// meet keeps the known thing of the first address.
func (at *pairPlace) meet(known *Thing) {
	if at.known == nil || known.address() < at.known.address() {
		of := *known
		at.known = &of
	}
}

// Settle finds what the wanted drafts are alike to by their contents, after all that
// is known was met.
func (f *Finder) Settle() {
	for _, at := range f.pairs {
		if at.known == nil {
			continue
		}
		for _, i := range at.things {
			if f.wanted[i].LoanID != at.known.LoanID {
				f.FoundContents(i, at.known, f.wanted[i].Contents.sameParts(&at.known.Contents))
			}
		}
	}
	for s, at := range f.singles {
		if at.known == nil {
			continue
		}
		for _, i := range at.things {
			like := &Like{Kind: SameContents, Source: Ledger, Other: at.known.address(), Parts: Parts{Story: !s.photo, Photo: s.photo}}
			if before := f.shared[i]; f.wanted[i].LoanID != at.known.LoanID && (before == nil || s.photo) {
				f.shared[i] = like
			}
		}
	}
}

// Shared returns the known draft whose story or photo the wanted thing i has, be it
// another client's; nil where it shares none.
func (f *Finder) Shared(i int) *Like { return f.shared[i] }

// FoundContents says that a wanted draft has contents of a known one.
func (f *Finder) FoundContents(i int32, known *Thing, p Parts) {
	f.Found(i, Like{Kind: SameContents, Source: Ledger, Other: known.address(), Parts: p})
}

// meetID compares a loan id of a known draft.
func (f *Finder) meetID(known *Thing, id string, from Source) {
	f.folding.fold(id)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.byLoan[string(key)] {
			t := &f.wanted[p.thing]
			if t.LoanID == known.LoanID || p.id != id && f.rules.dividedOtherwise(p.id, id) {
				continue
			}
			like := Like{Kind: SameMember, Source: from, Other: known.address(), ID: p.id}
			if id == known.LoanID && p.id == t.LoanID {
				like.Kind = SameID
			}
			f.Found(p.thing, like)
		}
	}
}

// meetJournal compares a known journal with the wanted ones of its loan: by their
// keys, and by what they say.
func (f *Finder) meetJournal(known *Thing, from Source) {
	f.folding.fold(known.LoanID)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.journals[string(key)] {
			t := &f.wanted[p.thing]
			if t.Address == known.Address || p.id != known.LoanID && f.rules.dividedOtherwise(p.id, known.LoanID) {
				continue
			}
			like := Like{Source: from, Other: known.Address, ID: p.id}
			switch {
			case f.rules.Alike(t.Key, known.Key):
				like.Kind = SameID
			case from == Ledger && known.Contents.Story != 0 && known.Contents.Story == t.Contents.Story:
				like.Kind, like.Parts = SameContents, Parts{Story: true}
			case known.Undecided:
				like.Kind = SameContents
			default:
				continue
			}
			f.Found(p.thing, like)
		}
	}
}

// Journals returns the wanted journals of a loan.
func (f *Finder) Journals(loanID string) (all []int32) {
	f.folding.fold(loanID)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.journals[string(key)] {
			all = append(all, p.thing)
		}
	}
	return all
}

// Found says that the wanted thing i is alike to another one. The strongest likeness
// counts.
func (f *Finder) Found(i int32, l Like) {
	if before := f.likes[i]; before == nil || l.counts(before) {
		f.likes[i] = &l
	}
}
