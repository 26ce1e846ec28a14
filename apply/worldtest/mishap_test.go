package worldtest

import (
	"context"
	"slices"
	"time"

	"kivaform/apply/ledger/merge"
	"kivaform/plan"
	"kivaform/spec"
)

// workInPA2 is what people do at Kiva's side.
func (w *world) workInPA2() {
	k := w.kiva
	if len(k.loans) == 0 {
		return
	}
	l := k.loans[w.rand.IntN(len(k.loans))]
	switch n := w.rand.IntN(7); {
	case n == 0 && w.has[relists] && l.status == fundRaising:
		l.status = expired
		again := *l
		again.kivaID, again.status, again.created = l.kivaID+"9", fundRaising, time.Now()
		k.loans = append(k.loans, &again)
		w.tell("pa2: %s is relisted", l.id)
	case n == 1 && w.has[deletions] && l.status == unpublished && !l.gone:
		w.deleteAndResend(l)
	case n == 2 && w.has[byHand]:
		w.typeInPA2()
	case n == 3 && w.has[lateRows]:
		w.finalise()
	case n < 5:
		for _, l := range k.loans {
			k.publish(l)
		}
		w.tell("pa2: loans move on")
	default:
		k.publish(l)
		w.tell("pa2: %s is %s", l.id, l.status)
	}
}

// deleteAndResend deletes a draft at Kiva, and has the program send it again.
func (w *world) deleteAndResend(l *kivaLoan) {
	for i := range w.head.drafts {
		d := &w.head.drafts[i]
		if d.members[0].thing != l.things[0] {
			continue
		}
		w.kiva.remove(l)
		w.tell("pa2: %s is deleted, to be sent again", l.id)
		m := w.anyMachine()
		m.wake()
		m.files = w.head
		end := forOneCommand(d.things())
		w.apply(m, plan.Resend{spec.DraftAddress(d.loanID()): true})
		m.wake()
		end()
		return
	}
}

// typeInPA2 is a person typing a loan into PA2, and publishing it, while its
// document waits. Kiva's list has neither story nor photo, so a loan that an
// earlier commit has under another id isn't typed: if that commit comes back,
// nothing tells that it is the same.
func (w *world) typeInPA2() {
	w.wakeAll() // nobody types what a run is about to send
	for range 4 {
		w.newLoan()
	}
	for i := range w.head.drafts {
		d := &w.head.drafts[i]
		if !slices.ContainsFunc(d.things(), func(t *thing) bool { return t.tried || t.accepted > 0 }) && !w.wasCalledOtherwise(d) {
			w.kiva.draft(d, "typed by hand")
			l := w.kiva.loans[len(w.kiva.loans)-1]
			l.status, l.byHand = fundRaising, true
			return
		}
	}
}

// wasCalledOtherwise reports whether an earlier commit has a draft of the same loan
// under another id.
func (w *world) wasCalledOtherwise(d *draftDoc) bool {
	return slices.ContainsFunc(w.earlier, func(f *files) bool {
		return slices.ContainsFunc(f.drafts, func(e draftDoc) bool {
			return e.members[0].thing == d.members[0].thing && e.loanID() != d.loanID()
		})
	})
}

// finalise closes PA2's month once it is over, and says so to the program as
// todo does: the uploads are done.
func (w *world) finalise() {
	month, err := time.Parse("2006-01", w.kiva.month)
	if err != nil || time.Now().Before(month.AddDate(0, 1, 0)) {
		return
	}
	m := &machine{w: w, name: "a person", store: w.store, power: -1}
	l, marked := m.ledger(), 0
	for a, err := range l.Attempts(context.Background()) {
		if err != nil {
			return
		}
		if a.Period() == w.kiva.month && a.Outcome().AtKiva() && l.MarkDone(context.Background(), a, m.run(), time.Now()) == nil {
			marked++
		}
	}
	if marked == 0 {
		return // nothing would tell the program
	}
	w.tell("pa2: %s is final", w.kiva.month)
	w.kiva.month = month.AddDate(0, 1, 0).Format("2006-01")
}

// mishap is what befalls ledgers and clocks.
func (w *world) mishap() {
	m := w.anyMachine()
	switch w.rand.IntN(4) {
	case 0:
		w.dumps = append(w.dumps, w.store.copy("dump"))
	case 1:
		if w.has[goesBack] && len(w.dumps) > 0 && w.newest == nil && m.store == w.store {
			w.wakeAll()
			w.newest = w.store.copy("the newest")
			w.store.replace(w.dumps[w.rand.IntN(len(w.dumps))])
			w.tell("the ledger is restored from a dump")
		} else if w.newest != nil {
			_ = w.putBack() // it is told; the careful person tries again
		}
	case 2:
		if w.has[forks] {
			w.fork(m)
		}
	case 3:
		if w.has[clocksJump] {
			m.skew = time.Duration(w.rand.IntN(80)-40) * 24 * time.Hour
			w.tell("%s: the clock jumps by %s", m.name, m.skew)
		}
	}
}

// putBack puts the newest copy of the ledger back, or brings it in where the ledger
// was used since, as the refusal says.
func (w *world) putBack() error {
	if w.newest.hasAllOf(w.store) {
		w.store.replace(w.newest)
		w.newest = nil
		w.tell("people: put the newest copy of the ledger back")
		return nil
	}
	_, err := merge.Copies(context.Background(), w.newest, w.store)
	w.tell("people: merge the newest copy of the ledger: %v", err)
	if err == nil {
		w.newest = nil
	}
	return err
}

// fork gives a machine a copy of the ledger of its own, or brings it back.
func (w *world) fork(m *machine) {
	m.wake()
	if m.store == w.store {
		m.store = w.store.copy(m.name + "'s")
		w.tell("%s: has a copy of the ledger", m.name)
		return
	}
	w.merge(m)
}
