package worldtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/spec"
)

// settleAlike decides about an item or a row that may be another one, as its reason
// says: it is the same, it is another, or one of the two must go.
func (w *world) settleAlike(m *machine, l *look, a spec.Address, resource spec.Resource, why plan.Reason) (stuck string, done bool) {
	things, atKiva := w.head.at(a), 0
	for _, t := range things {
		if t.atKiva > 0 {
			atKiva++
		}
	}
	other := spec.Address(why.Args["other"])
	switch {
	case atKiva == len(things):
		return w.record(m, l, a, resource, plan.OutcomeAcknowledged, other)
	case atKiva > 0:
		return w.change("the group is split again: "+string(a), func(f *files) bool { return f.split(a) })
	case a != other && sameThings(things, w.head.at(other)) && why.Code == plan.ReasonAlikeInFiles:
		return w.change("one of two documents goes: "+string(a), func(f *files) bool { return f.remove(a) })
	case why.Code == plan.ReasonAlikeInFiles && overlap(things, w.head.at(other)):
		return w.change("the group is split again: "+string(a), func(f *files) bool { return f.split(a) || f.split(other) })
	}
	return w.record(m, l, a, resource, plan.OutcomeApproved, other)
}

// record records a person's word on an item: moved from another address, or another
// thing.
func (w *world) record(m *machine, l *look, a spec.Address, resource spec.Resource, o plan.Outcome, other spec.Address) (stuck string, done bool) {
	in := ledger.Intent{Stream: a, Recorded: o, Reason: "looked at both", At: time.Now(), Run: m.run()}
	if resource == nil {
		return fmt.Sprintf("no command decides about %s", a), false
	}
	item := ledger.Item{Address: a, Fingerprint: l.ledger.Digester().ItemFingerprint(a, resource)}
	if last := l.ledger.Last(a); last != nil {
		item.After, item.Again = last.Number, true
	}
	in.Items = []ledger.Item{item}
	if a.Kind() == "journal" {
		in.Stream = spec.Journals
	}
	err := l.ledger.Prepare(context.Background())
	if err == nil {
		var attempt *ledger.Attempt
		if attempt, err = l.ledger.Begin(context.Background(), in); err == nil {
			err = l.ledger.Finish(context.Background(), attempt, ledger.Result{Outcome: o, At: time.Now()})
		}
	}
	w.tell("%s: %s is %s, beside %s: %v", m.name, a, o, other, err)
	w.count.decisions++
	for _, t := range w.head.at(a) {
		if o == plan.OutcomeApproved {
			t.ask()
		}
	}
	if err != nil {
		return err.Error(), false
	}
	return "", false
}

// change is a person correcting the files.
func (w *world) change(what string, do func(f *files) bool) (stuck string, done bool) {
	f := w.head.clone()
	if !do(f) || !w.learn(f) {
		return what + " can't be done", false
	}
	w.tell("people: %s", what)
	w.head = f
	for _, m := range w.machines {
		m.files = f
	}
	return "", false
}

func sameThings(a, b []*thing) bool { return slices.Equal(a, b) }

func overlap(a, b []*thing) bool {
	return slices.ContainsFunc(a, func(t *thing) bool { return slices.Contains(b, t) })
}

func (f *files) draftAt(a spec.Address) int {
	return slices.IndexFunc(f.drafts, func(d draftDoc) bool { return spec.DraftAddress(d.loanID()) == a })
}

// split makes documents of their own of a group's borrowers, as far as there are
// none.
func (f *files) split(a spec.Address) bool {
	i := f.draftAt(a)
	if i < 0 || f.drafts[i].group == "" {
		return false
	}
	group := f.drafts[i]
	f.drafts = slices.Delete(f.drafts, i, i+1)
	for _, m := range group.members {
		if !slices.ContainsFunc(f.drafts, func(d draftDoc) bool { return overlap(d.things(), []*thing{m.thing}) }) {
			f.drafts = append(f.drafts, draftDoc{rewritten: true, members: []member{m}, use: group.use, story: group.story + " " + m.name, date: group.date, photo: group.photo})
		}
	}
	return true
}

func (f *files) remove(a spec.Address) bool {
	if i := f.draftAt(a); i >= 0 {
		f.drafts = slices.Delete(f.drafts, i, i+1)
		return true
	}
	before := len(f.journals) + len(f.rows)
	f.journals = slices.DeleteFunc(f.journals, func(j journalDoc) bool { return spec.JournalAddress(j.loanID, j.key) == a })
	f.rows = slices.DeleteFunc(f.rows, func(r rowDoc) bool { return spec.RepaymentAddress(r.period, r.loanID) == a })
	return len(f.journals)+len(f.rows) < before
}

// correctID writes in a row or a journal the loan's id as PA2 shows it: the program
// says that Kiva doesn't list the loan, and a person who looks finds it.
func (w *world) correctID(a spec.Address) bool {
	things := w.head.at(a)
	loan := w.loanOf(things)
	if loan == nil {
		return false
	}
	changed := false
	w.change(fmt.Sprintf("%s is about %s", a, loan.id), func(f *files) bool {
		for i := range f.rows {
			if r := &f.rows[i]; r.thing == things[0] && r.loanID != loan.id {
				r.loanID, changed = loan.id, true
			}
		}
		for i := range f.journals {
			if j := &f.journals[i]; j.thing == things[0] && j.loanID != loan.id {
				j.loanID, changed = loan.id, true
			}
		}
		return changed
	})
	return changed
}

// loanOf returns the loan at Kiva that a visit or a repayment is of.
func (w *world) loanOf(things []*thing) *kivaLoan {
	for _, l := range w.kiva.loans {
		if len(things) == 1 && !l.gone && l.status == payingBack && slices.Contains(l.things, things[0].of) {
			return l
		}
	}
	return nil
}
