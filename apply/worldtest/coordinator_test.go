package worldtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/spec"
)

// end lets a careful person bring everything to its end, who knows nothing but
// the program's output and PA2.
func (w *world) end() {
	for _, m := range w.machines {
		m.wake()
		m.skew = 0
	}
	if len(w.failures) > 0 {
		return
	}
	w.calm = true
	for _, m := range w.machines {
		w.merge(m)
	}
	m := w.machines[0]
	if w.newest != nil && w.lastSender != nil {
		m = w.lastSender
	}
	limit := 12 + 4*(len(w.head.drafts)+len(w.head.journals)+len(w.head.rows))
	w.tell("a careful person takes over")
	for range limit {
		time.Sleep(11 * time.Minute)
		w.kiva.publishAll()
		stuck, done := w.coordinate(m)
		switch {
		case len(w.failures) > 0:
			return
		case stuck != "":
			w.fail(stranded, "%s", stuck)
			return
		case done:
			w.checkAllSent()
			return
		}
	}
	w.fail(stranded, "not at the end after %d commands", limit)
}

// coordinate does the one thing that the program asks for first.
func (w *world) coordinate(m *machine) (stuck string, done bool) {
	m.runs++
	w.count.commands++
	m.files = w.head
	l, err := m.look(nil)
	if err != nil {
		return w.recover(err)
	}
	if w.decideShown(m, false, l.plan) > 0 {
		return "", false
	}
	for _, fault := range l.plan.Faults {
		return w.acknowledge(m, l, fault.Address)
	}
	for item := range l.plan.Items() {
		if (item.Action == plan.Unchanged || item.Action == plan.Edited) && w.isMissing(item.Address()) {
			return w.resend(m, item.Address())
		}
		if item.Action == plan.Edited {
			return w.acknowledge(m, l, item.Address())
		}
		if item.Action == plan.Rejected {
			return w.resend(m, item.Address())
		}
		if item.Action == plan.Alike {
			return w.settleAlike(m, l, item.Address(), item.Resource, item.Reason)
		}
	}
	for _, r := range l.plan.Reports {
		for i, row := range r.Rows {
			if row.Action == plan.Edited {
				return w.acknowledge(m, l, r.RowAddress(i))
			}
			if row.Action == plan.Rejected {
				return w.resend(m, r.RowAddress(i))
			}
			if row.Action == plan.Alike {
				return w.settleAlike(m, l, r.RowAddress(i), nil, row.Reason)
			}
			if row.Action == plan.Unchanged && w.isMissing(r.RowAddress(i)) {
				return w.resend(m, r.RowAddress(i))
			}
		}
	}
	if !l.plan.Count().Has(plan.Action.Acts) {
		if !w.has[kivaSpells] && w.correctIDs(l.plan) {
			return "", false
		}
		w.tellRest(l.plan)
		for _, a := range l.ledger.History().Unknown() {
			w.fail(forgotten, "nothing to do, and %s is still unknown", a.Address())
		}
		return "", true
	}
	account, err := m.send(nil)
	w.tell("%s: apply: %v, %v", m.name, account, err)
	if err != nil {
		return w.recover(err)
	}
	return "", false
}

// correctIDs corrects the first id of what waits because Kiva doesn't list its loan.
func (w *world) correctIDs(p *plan.Plan) bool {
	for _, item := range p.Journals {
		if item.Action == plan.Waiting && w.correctID(item.Address()) {
			return true
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action == plan.Waiting && w.correctID(r.RowAddress(i)) {
				return true
			}
		}
	}
	return false
}

// tellRest tells why what is left isn't sent.
func (w *world) tellRest(p *plan.Plan) {
	for item := range p.Items() {
		if item.Action != plan.Unchanged {
			w.tell("left: %s is %s: %v", item.Address(), item.Action, item.Reason)
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action != plan.Unchanged {
				w.tell("left: %s is %s: %v", r.RowAddress(i), row.Action, row.Reason)
			}
		}
	}
}

// recover follows the hint of a refusal.
func (w *world) recover(err error) (stuck string, done bool) {
	if w.newest != nil && (errors.As(err, new(*ledger.BackError)) || errors.As(err, new(*ledger.OtherError))) {
		if err = w.putBack(); err == nil {
			return "", false
		}
	}
	return fmt.Sprintf("refused: %v", err), false
}

// isMissing reports that a person who compares with PA2 doesn't find an item
// that counts as sent.
func (w *world) isMissing(a spec.Address) bool {
	for _, t := range w.head.at(a) {
		if t.atKiva == 0 {
			return true
		}
	}
	return false
}

// acknowledge corrects an item in PA2, and says so.
func (w *world) acknowledge(m *machine, l *look, a spec.Address) (stuck string, done bool) {
	outcome, err := apply.Acknowledge(context.Background(), l.plan, a, false, "it is right now", m.options(l))
	w.tell("%s: ack %s: %s, %v", m.name, a, outcome, err)
	if err != nil {
		return fmt.Sprintf("ack %s: %v", a, err), false
	}
	for _, t := range w.head.at(a) {
		if outcome == plan.OutcomeApproved {
			t.ask()
		} else if t.atKiva == 0 {
			t.accepted, t.atKiva = t.accepted+1, 1 // typed by hand
			t.sentAs[a] = true
		}
	}
	w.count.decisions++
	return "", false
}

// resend has an item sent again that PA2 doesn't have any more.
func (w *world) resend(m *machine, a spec.Address) (stuck string, done bool) {
	if w.takeBack(m, a) {
		return "", false
	}
	if w.mutation.lacks(wordCorrected) {
		return fmt.Sprintf("%s counts as sent, and nothing sends it again", a), false
	}
	end := forOneCommand(w.head.at(a))
	account, err := m.send(plan.Resend{a: true})
	w.tell("%s: apply --resend %s: %v, %v", m.name, a, account, err)
	end()
	w.count.decisions++
	if err != nil || len(account.Counts) == 0 {
		return fmt.Sprintf("resend %s: %v, %v", a, account, err), false
	}
	return "", false
}

// checkAllSent says which things of the files aren't at Kiva though there is
// nothing to do. What waits for its month has a reason.
func (w *world) checkAllSent() {
	for i := range w.head.drafts {
		for _, t := range w.head.drafts[i].things() {
			if t.atKiva == 0 {
				w.fail(lost, "%s isn't at Kiva, and there is nothing to do", t.name)
			}
		}
	}
	for _, j := range w.head.journals {
		if j.thing.atKiva == 0 && w.head.at(spec.DraftAddress(j.loanID)) != nil {
			w.fail(lost, "%s isn't at Kiva, and there is nothing to do", j.thing.name)
		}
	}
	for _, r := range w.head.rows {
		if r.thing.atKiva == 0 && r.period == w.kiva.month {
			w.fail(lost, "%s isn't at Kiva, and there is nothing to do", r.thing.name)
		}
	}
}
