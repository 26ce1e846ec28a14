package worldtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kivaform/spec"
)

// An edit is one commit of people's. It reports whether it changed anything.
type edit struct {
	habit habit // without which people don't do it; "" for all
	do    func(w *world, f *files) bool
}

// changesIDs reports whether a thing may have another id or key afterwards.
func (e edit) changesIDs() bool {
	switch e.habit {
	case retypes, renames, keysChange, monthsMove, groupsChange, branches:
		return true
	}
	return false
}

var peoplesEdits = []edit{
	{"", (*world).addLoan}, {"", (*world).addVisit}, {"", (*world).addRows}, {"", (*world).addRows},
	{edits, (*world).rewriteStory}, {edits, (*world).correctAmount},
	{filesGo, (*world).dropDocument}, {filesGo, (*world).bringBack},
	{retypes, (*world).retype}, {renames, (*world).renumber}, {keysChange, (*world).renameKey},
	{monthsMove, (*world).moveMonth}, {groupsChange, (*world).joinGroup}, {groupsChange, (*world).leaveGroup},
	{branches, (*world).restoreBranch},
}

// edit commits one change, if it can be told what its words stand for.
func (w *world) edit() {
	var may []edit
	for _, e := range peoplesEdits {
		if e.habit == "" || w.has[e.habit] {
			may = append(may, e)
		}
	}
	e, f := may[w.rand.IntN(len(may))], w.head.clone()
	if e.changesIDs() && !w.has[sleepsOver] {
		w.wakeAll()
	}
	if e.do(w, f) && w.learn(f) {
		w.earlier = append(w.earlier, w.head)
		w.head = f
	}
}

func (w *world) next() int64 {
	w.serial++
	return w.serial
}

// newLoan commits a new borrower's loan.
func (w *world) newLoan() {
	f := w.head.clone()
	if w.addLoan(f) && w.learn(f) {
		w.head = f
	}
}

func (w *world) addLoan(f *files) bool {
	n := w.next()
	d := draftDoc{use: fmt.Sprint("to buy seed ", n), story: fmt.Sprint("She has farmed for ", n, " years."), date: w.day(), photo: fmt.Sprintf("data:image/png;base64,%08d", n)}
	m := member{thing: w.newThing("loan %d", n), client: fmt.Sprint("C-", n), name: fmt.Sprint("Ann ", n), amount: 1000 + n}
	m.loanID = fmt.Sprintf([]string{"L-%04d", "%05d", "L %d", "ab/%d"}[w.rand.IntN(4)], n)
	if len(f.drafts) > 0 && w.rand.IntN(6) == 0 { // another loan of a borrower who has one
		other := f.drafts[w.rand.IntN(len(f.drafts))].members[0]
		m.client, m.name = other.client, other.name
	}
	d.members = []member{m}
	f.drafts = append(f.drafts, d)
	w.tell("people: %s is %s", m.thing.name, m.loanID)
	return true
}

func (w *world) day() spec.Date {
	day, err := spec.ParseDate(time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		panic(err)
	}
	return day
}

func (w *world) addVisit(f *files) bool {
	d := w.anyDraft(f)
	if d == nil {
		return false
	}
	n := w.next()
	j := journalDoc{thing: w.newThing("visit %d of %s", n, d.members[0].thing.name), loanID: d.loanID(), key: fmt.Sprint("visit-", n), subject: "A visit", body: fmt.Sprint("All is well, ", n, ".")}
	j.thing.of = d.members[0].thing
	f.journals = append(f.journals, j)
	w.tell("people: %s is %s", j.thing.name, j.key)
	return true
}

func (w *world) anyDraft(f *files) *draftDoc {
	if len(f.drafts) == 0 {
		return nil
	}
	return &f.drafts[w.rand.IntN(len(f.drafts))]
}

// addRows reports the present month's repayments of loans that pay back.
func (w *world) addRows(f *files) bool {
	month, added := time.Now().UTC().Format("2006-01"), false
	if w.has[lateRows] && month != w.kiva.month {
		w.finalise()
	}
	switch {
	case month != w.kiva.month:
		return false // PA2's month was not finalised
	case w.has[lateRows] && w.rand.IntN(2) == 0: // somebody paid late
		month = "2026-10"
	}
	for i := range f.drafts {
		d := &f.drafts[i]
		loan := w.kiva.loan(d.loanID())
		if loan == nil || loan.status != payingBack || w.rand.IntN(3) == 0 {
			continue
		}
		t := w.rowThing(d.members[0].thing, month)
		if slices.ContainsFunc(f.rows, func(r rowDoc) bool { return r.thing == t }) {
			continue
		}
		f.rows = append(f.rows, rowDoc{t, month, d.loanID(), 10 * w.next()})
		w.tell("people: %s is reported", t.name)
		added = true
	}
	return added
}

func (w *world) rowThing(loan *thing, month string) *thing {
	name := fmt.Sprintf("%s of %s", month, loan.name)
	for _, t := range w.things {
		if t.name == name {
			return t
		}
	}
	t := w.newThing("%s", name)
	t.period, t.of = month, loan
	return t
}

func (w *world) rewriteStory(f *files) bool {
	if d := w.anyDraft(f); d != nil && !d.newClient && w.rand.IntN(2) == 0 {
		d.rewritten = true
		d.story += fmt.Sprint(" She has ", w.next(), " goats.")
		w.tell("people: the story of %s changes", d.loanID())
		return true
	}
	if len(f.journals) == 0 {
		return false
	}
	j := &f.journals[w.rand.IntN(len(f.journals))]
	if strings.HasPrefix(j.key, "note") {
		return false
	}
	j.rewritten = true
	j.body += fmt.Sprint(" It rained ", w.next(), " times.")
	w.tell("people: the text of %s changes", j.key)
	return true
}

func (w *world) correctAmount(f *files) bool {
	if len(f.rows) == 0 {
		return false
	}
	r := &f.rows[w.rand.IntN(len(f.rows))]
	r.amount = 10 * w.next()
	w.tell("people: %s is %d", r.thing.name, r.amount)
	return true
}

func (w *world) dropDocument(f *files) bool {
	switch n := w.rand.IntN(3); {
	case n == 0 && len(f.drafts) > 0:
		i := w.rand.IntN(len(f.drafts))
		w.tell("people: %s disappears", f.drafts[i].loanID())
		f.drafts = slices.Delete(f.drafts, i, i+1)
	case n == 1 && len(f.journals) > 0:
		i := w.rand.IntN(len(f.journals))
		w.tell("people: %s disappears", f.journals[i].key)
		f.journals = slices.Delete(f.journals, i, i+1)
	case n == 2 && len(f.rows) > 0:
		i := w.rand.IntN(len(f.rows))
		w.tell("people: %s disappears", f.rows[i].thing.name)
		f.rows = slices.Delete(f.rows, i, i+1)
	default:
		return false
	}
	return true
}

// bringBack restores a document that an earlier commit had.
func (w *world) bringBack(f *files) bool {
	if len(w.earlier) == 0 {
		return false
	}
	old := w.earlier[w.rand.IntN(len(w.earlier))]
	for _, d := range old.drafts {
		if !slices.ContainsFunc(f.drafts, func(o draftDoc) bool { return o.members[0].thing == d.members[0].thing }) {
			d.members = slices.Clone(d.members)
			f.drafts = append(f.drafts, d)
			w.tell("people: %s comes back", d.loanID())
			return true
		}
	}
	for _, r := range old.rows {
		if !slices.ContainsFunc(f.rows, func(o rowDoc) bool { return o.thing == r.thing }) {
			f.rows = append(f.rows, r)
			w.tell("people: %s comes back", r.thing.name)
			return true
		}
	}
	return false
}

func (w *world) restoreBranch(f *files) bool {
	if len(w.earlier) == 0 {
		return false
	}
	*f = *w.earlier[w.rand.IntN(len(w.earlier))].clone()
	w.tell("people: an old branch is restored")
	return true
}

// typed returns an id as somebody else types it.
func (w *world) typed(id string) string {
	switch w.rand.IntN(5) {
	case 0:
		return strings.ToLower(id)
	case 1:
		return strings.ReplaceAll(id, "-", "‑")
	case 2:
		return strings.ReplaceAll(id, "L", "Ｌ")
	case 3:
		if strings.Trim(id, "0123456789") == "" {
			return strings.TrimLeft(id, "0") // a spreadsheet
		}
		return strings.ReplaceAll(id, "L", "l")
	}
	return strings.ReplaceAll(id, "-", " ")
}
