package worldtest

import (
	"context"
	"slices"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/apply/ledger/merge"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// mayRun is how long the command resolve waits before it takes an intent
// without an answer for one whose run has ended.
const mayRun = 10 * time.Minute

// decide is a person deciding about everything that has no known outcome. A
// person who may err says the wrong thing now and then.
func (w *world) decide(m *machine, mayErr bool) (decided int) {
	return w.decideShown(m, mayErr, nil)
}

// decideShown decides about what a plan shows as unknown; about everything if there
// is no plan.
func (w *world) decideShown(m *machine, mayErr bool, p *plan.Plan) (decided int) {
	if w.newest != nil && w.lastSender != nil {
		m = w.lastSender
	}
	m.wake()
	l := m.ledger()
	if _, err := l.Load(context.Background()); err != nil {
		w.tell("%s: resolve: %v", m.name, err)
		return 0
	}
	for _, a := range l.History().Unknown() {
		if a.Result == nil && time.Since(a.Intent.At) < mayRun || p != nil && !shows(p, a) {
			continue
		}
		decisions := make(map[plan.Outcome][]spec.Address)
		for e := range a.Entries() {
			if e.Outcome == plan.OutcomeUnknown {
				o := w.truth(e, mayErr)
				decisions[o] = append(decisions[o], e.Address)
			}
		}
		for _, o := range []plan.Outcome{plan.OutcomeExists, plan.OutcomeAbsent} {
			if len(decisions[o]) > 0 && w.resolve(m, l, a, o, decisions[o]) == nil {
				decided++
			}
		}
	}
	return decided
}

// shows reports whether a plan says of any item of an attempt that it is unknown.
func shows(p *plan.Plan, a *ledger.Attempt) bool {
	unknown := make(map[spec.Address]bool)
	for item := range p.Items() {
		unknown[item.Address()] = item.Action == plan.Unknown
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			unknown[r.RowAddress(i)] = row.Action == plan.Unknown
		}
	}
	for _, o := range p.Open {
		for _, item := range o.Items {
			unknown[item] = true
		}
	}
	return slices.ContainsFunc(a.Addresses(), func(item spec.Address) bool { return unknown[item] })
}

// resolve says about some items of an attempt whether Kiva has them.
func (w *world) resolve(m *machine, l *ledger.Ledger, a *ledger.Attempt, o plan.Outcome, items []spec.Address) error {
	if o == plan.OutcomeAbsent {
		for _, address := range items {
			for _, t := range w.means[address] {
				t.ask()
			}
		}
	}
	r := ledger.Resolution{Decision: o, Items: items, Reason: "looked in PA2", At: time.Now(), Run: m.run()}
	if len(items) == len(a.Addresses()) || w.mutation.lacks(wordOnRow) {
		r.Items = nil
	}
	err := l.Resolve(context.Background(), a, r)
	w.tell("%s: resolve %s, %v, as %s: %v", m.name, a.Address(), items, o, err)
	w.count.decisions++
	return err
}

// truth is what a person sees in PA2 who looks for an item, rows with their
// amounts. One who may err says the opposite now and then.
func (w *world) truth(e history.Entry, mayErr bool) plan.Outcome {
	there := false
	for _, t := range w.means[e.Address] {
		there = there || t.atKiva > 0 && (e.Row == nil || e.Row.Amount == money.FromInt(t.amount))
	}
	if mayErr && w.rand.IntN(3) == 0 {
		there = !there
	}
	if there {
		return plan.OutcomeExists
	}
	return plan.OutcomeAbsent
}

// takeBack corrects a decision by which an item counts as sent though PA2 doesn't
// have it. It reports whether there was one that can be corrected.
func (w *world) takeBack(m *machine, address spec.Address) bool {
	if w.mutation.lacks(wordCorrected) {
		return false
	}
	l := ledger.New(&link{m.store, m}, scope, ledger.Options{Key: ledgerKey, API: kivaURL, Whole: &history.Options{Retain: func(a *ledger.Attempt) bool { return a.Concerns(address) }}})
	if _, err := l.Load(context.Background()); err != nil {
		return false
	}
	for _, a := range slices.Backward(l.History().Retained()) {
		if d := a.DecisionOn(address); a.Concerns(address) && d != nil && d.Decision == plan.OutcomeExists {
			return w.resolve(m, l, a, plan.OutcomeAbsent, []spec.Address{address}) == nil
		}
	}
	return false
}

// merge brings a machine's copy of the ledger back into the common one.
func (w *world) merge(m *machine) {
	if m.store == w.store {
		return
	}
	_, err := merge.Copies(context.Background(), m.store, w.store)
	w.tell("%s: merges its copy of the ledger: %v", m.name, err)
	if err == nil {
		m.store = w.store
	}
}
