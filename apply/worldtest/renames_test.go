package worldtest

import (
	"fmt"
	"slices"
	"time"
)

// retype writes the id of a draft, or of a row, in another way.
func (w *world) retype(f *files) bool {
	if len(f.rows) > 0 && w.rand.IntN(2) == 0 {
		r := &f.rows[w.rand.IntN(len(f.rows))]
		id := w.typed(r.loanID)
		if slices.ContainsFunc(f.rows, func(o rowDoc) bool { return o.period == r.period && o.loanID == id }) {
			return false
		}
		w.tell("people: type %s as %q in %s", r.loanID, id, r.thing.name)
		r.loanID = id
		return true
	}
	d := w.anyDraft(f)
	if d == nil || d.group != "" {
		return false
	}
	id := w.typed(d.members[0].loanID)
	w.tell("people: type %s as %q", d.members[0].loanID, id)
	d.members[0].loanID = id
	return true
}

// renumber gives a loan another id, as a new core system does; now and then the
// client gets another one, too.
func (w *world) renumber(f *files) bool {
	d := w.anyDraft(f)
	if d == nil || d.group != "" {
		return false
	}
	m := &d.members[0]
	if m.thing.accepted > 0 && !m.thing.tried {
		return false // typed into PA2, and not recorded yet
	}
	id := fmt.Sprint("M-2026-", w.next())
	w.tell("people: %s becomes %s", m.loanID, id)
	m.loanID = id
	// With another client, too, nothing but story and photo tells the loan; so it is
	// left out where anything else may change a story or a person's word was wrong.
	chained := w.has[branches] || w.has[groupsChange] || w.has[wrongWords]
	if !d.rewritten && !chained && w.rand.IntN(2) == 0 {
		d.newClient = true
		m.client = fmt.Sprint("K-", w.next())
	}
	return true
}

func (w *world) renameKey(f *files) bool {
	if len(f.journals) == 0 {
		return false
	}
	j := &f.journals[w.rand.IntN(len(f.journals))]
	if j.rewritten {
		return false
	}
	key := fmt.Sprint("note-", w.next())
	w.tell("people: %s becomes %s", j.key, key)
	j.key = key
	return true
}

// moveMonth corrects the period of a whole report; now and then one of its
// amounts, too.
func (w *world) moveMonth(f *files) bool {
	if len(f.rows) == 0 {
		return false
	}
	from := f.rows[w.rand.IntN(len(f.rows))].period
	month, err := time.Parse("2006-01", from)
	if err != nil {
		panic(err)
	}
	to := month.AddDate(0, 1-2*w.rand.IntN(2), 0).Format("2006-01")
	if slices.ContainsFunc(f.rows, func(r rowDoc) bool { return r.period == to }) {
		return false
	}
	corrected := w.rand.IntN(2) == 0
	for i := range f.rows {
		if r := &f.rows[i]; r.period == from {
			r.period = to
			if corrected {
				r.amount, corrected = 10*w.next(), false
			}
		}
	}
	w.tell("people: the report of %s becomes that of %s", from, to)
	return true
}

// joinGroup makes a group of two borrowers, one of whom may keep a document.
func (w *world) joinGroup(f *files) bool {
	var single []int
	for i := range f.drafts {
		if f.drafts[i].group == "" {
			single = append(single, i)
		}
	}
	if len(single) < 2 {
		return false
	}
	a, b := f.drafts[single[0]], f.drafts[single[1]]
	if a.newClient || b.newClient {
		return false
	}
	n := w.next()
	group := draftDoc{rewritten: true, members: append(slices.Clone(a.members), b.members...), group: fmt.Sprint("G-", n), use: a.use, story: fmt.Sprint("The group has ", n, " years."), date: a.date, photo: a.photo}
	f.drafts = slices.Delete(f.drafts, single[1], single[1]+1)
	f.drafts[single[0]] = group
	if w.rand.IntN(3) == 0 {
		f.drafts = append(f.drafts, b)
	}
	w.tell("people: %s and %s join %s", a.loanID(), b.loanID(), group.group)
	return true
}

// leaveGroup makes a borrower of each group of two a loan of their own.
func (w *world) leaveGroup(f *files) bool {
	for i := range f.drafts {
		d := &f.drafts[i]
		if d.group == "" {
			continue
		}
		w.tell("people: %s leaves %s", d.members[1].loanID, d.group)
		d.members, d.group = d.members[:1], ""
		return true
	}
	return false
}
