package identity

import (
	"cmp"

	"kivaform/spec"
)

// A Kind is the kind of a likeness.
type Kind int

// The kinds, the strongest first.
const (
	SameID       Kind = iota // their ids are alike
	SameMember               // a loan id stands in both
	SameContents             // parts of their contents are the same
)

// A Source is the place where the other thing was found.
type Source int

// The sources; the first outweighs the others.
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
	Parts  Parts  // the parts that are the same, of SameContents
}

// outweighs reports whether a like is stronger than another one. The address decides
// between equal ones, so that the result doesn't depend on their order.
func (l *Like) outweighs(than *Like) bool {
	return cmp.Or(cmp.Compare(l.Kind, than.Kind), cmp.Compare(l.Source, than.Source), cmp.Compare(l.Other, than.Other)) < 0
}

// A Finder finds the wanted things that are alike to known ones: [Finder.Meet] all
// known ones, [Finder.Settle], then ask [Finder.Like] and [Finder.Shared].
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
	singles  map[single]*pairPlace // drafts, by a story or a photo alone
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

// A pairPlace holds the wanted things with a pair of contents, and of the known ones
// with it that of the first address: many may have the same pair.
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
			f.enterID(f.journals, i, t.LoanID)
			continue
		}
		f.enterID(f.byLoan, i, t.LoanID)
		f.enterDigest(i, t.OwnID, t.LoanID)
		for k, id := range t.Members {
			f.enterID(f.byLoan, i, id)
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

// A single is a story or a photo, which two clients should not share.
type single struct {
	photo  bool
	digest uint64
}

func (c *Contents) singles() [2]single { return [2]single{{false, c.Story}, {true, c.Photo}} }

// pairs returns the pairs of contents of which each makes two drafts alike.
func (c *Contents) pairs() [4]pair {
	return [4]pair{{c.Client, c.Terms}, {c.Client, c.Story}, {c.Client, c.Photo}, {c.Story, c.Photo}}
}

func (f *Finder) enterID(in map[string][]place, i int, id string) {
	f.folding.fold(id)
	for _, key := range f.folding.keys[:f.folding.count] {
		in[string(key)] = append(in[string(key)], place{int32(i), id})
	}
}

// Like returns the strongest likeness of the wanted thing i, nil for none.
func (f *Finder) Like(i int) *Like { return f.likes[i] }

// Meet compares a known thing with all wanted ones. A thing isn't alike to itself.
// The known thing's slices must not change afterwards.
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

// mostCompared bounds the field by field comparisons with one recorded thing.
const mostCompared = 200

// MeetRecorded compares the contents of a known thing whose texts and photo have
// digests of single fields only; has tells whether a wanted one has such a field. It
// comes before Meet.
func (f *Finder) MeetRecorded(known *Thing, has func(wanted *Thing, path string) bool) {
	if known.Key != "" {
		for _, i := range f.journalsOf(known.LoanID) {
			if t := &f.wanted[i]; t.Address != known.Address && has(t, "subject") && has(t, "body") {
				f.addSameContents(i, known, Parts{Story: true})
			}
		}
		return
	}
	c := &known.Contents
	for k, list := range [][]int32{f.clients[c.Client], f.terms[c.Terms]} {
		for _, i := range list[:min(len(list), mostCompared)] {
			t := &f.wanted[i]
			p := Parts{Client: k == 0, Story: has(t, "description"), Photo: has(t, "image")}
			if p.IsAlike() && t.LoanID != known.LoanID {
				f.addSameContents(i, known, p)
			}
		}
	}
}

// meetMembers compares the borrowers of a group by the digests of their loan ids.
func (f *Finder) meetMembers(known *Thing) {
	for _, digest := range known.Contents.Members {
		for _, p := range f.byMember[digest] {
			if f.wanted[p.thing].LoanID != known.LoanID {
				f.addLike(p.thing, Like{Kind: SameMember, Source: Ledger, Other: known.ItemAddress(), ID: p.id})
			}
		}
	}
}

// meetContents finds the pairs that a known draft has in common with wanted ones.
func (f *Finder) meetContents(known *Thing) {
	c := &known.Contents
	if known.Undecided && c.Client != 0 {
		for _, i := range f.clients[c.Client] {
			f.addSameContents(i, known, f.wanted[i].Contents.sameParts(c))
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
	if at.known == nil || known.ItemAddress() < at.known.ItemAddress() {
		of := *known
		at.known = &of
	}
}

// Settle compares the contents of wanted drafts with those of the known ones that
// were met. It comes after all calls of Meet.
func (f *Finder) Settle() {
	for _, at := range f.pairs {
		if at.known == nil {
			continue
		}
		for _, i := range at.things {
			if f.wanted[i].LoanID != at.known.LoanID {
				f.addSameContents(i, at.known, f.wanted[i].Contents.sameParts(&at.known.Contents))
			}
		}
	}
	for s, at := range f.singles {
		if at.known == nil {
			continue
		}
		for _, i := range at.things {
			like := &Like{Kind: SameContents, Source: Ledger, Other: at.known.ItemAddress(), Parts: Parts{Story: !s.photo, Photo: s.photo}}
			if before := f.shared[i]; f.wanted[i].LoanID != at.known.LoanID && (before == nil || s.photo) {
				f.shared[i] = like
			}
		}
	}
}

// Shared returns the likeness of the wanted thing i to a known draft with the same
// story or photo, even another client's; nil for none.
func (f *Finder) Shared(i int) *Like { return f.shared[i] }

func (f *Finder) addSameContents(i int32, known *Thing, p Parts) {
	f.addLike(i, Like{Kind: SameContents, Source: Ledger, Other: known.ItemAddress(), Parts: p})
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
			like := Like{Kind: SameMember, Source: from, Other: known.ItemAddress(), ID: p.id}
			if id == known.LoanID && p.id == t.LoanID {
				like.Kind = SameID
			}
			f.addLike(p.thing, like)
		}
	}
}

// meetJournal compares a known journal with the wanted ones of its loan, by key and
// by text.
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
			f.addLike(p.thing, like)
		}
	}
}

// journalsOf returns the wanted journals of a loan.
func (f *Finder) journalsOf(loanID string) (all []int32) {
	f.folding.fold(loanID)
	for _, key := range f.folding.keys[:f.folding.count] {
		for _, p := range f.journals[string(key)] {
			all = append(all, p.thing)
		}
	}
	return all
}

// addLike notes a likeness of the wanted thing i, if it is the strongest so far.
func (f *Finder) addLike(i int32, l Like) {
	if before := f.likes[i]; before == nil || l.outweighs(before) {
		f.likes[i] = &l
	}
}
