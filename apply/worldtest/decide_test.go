package worldtest

import (
	"context"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/merge"
	"kivaform/kiva/money"
	"kivaform/plan"
)

// mayRun is how long the command resolve waits before it takes an intent
// without an answer for one whose run has ended.
const mayRun = 10 * time.Minute

// decide is a person deciding about everything that has no known outcome. A
// person who may err says the wrong thing now and then.
func (w *world) decide(m *machine, mayErr bool) (decided int) {
	m.wake()
	l := m.ledger()
	if _, err := l.Load(context.Background()); err != nil {
		w.tell("%s: resolve: %v", m.name, err)
		return 0
	}
	for _, a := range l.History().Unknown() {
		if a.Result == nil && time.Since(a.Intent.At) < mayRun {
			continue
		}
		decision := plan.OutcomeAbsent
		if w.isAtKiva(a) {
			decision = plan.OutcomeExists
		}
		if mayErr && w.rand.IntN(3) == 0 {
			decision = map[plan.Outcome]plan.Outcome{plan.OutcomeExists: plan.OutcomeAbsent, plan.OutcomeAbsent: plan.OutcomeExists}[decision]
		}
		if decision == plan.OutcomeAbsent {
			w.askFor(a)
		}
		err := l.Resolve(context.Background(), a, ledger.Resolution{Decision: decision, Reason: "looked in PA2", At: time.Now(), Run: m.run()})
		w.tell("%s: resolve %s as %s: %v", m.name, a.Address(), decision, err)
		w.count.decisions++
		decided++
	}
	return decided
}

// isAtKiva is what a person sees in PA2 who looks for the things of an attempt:
// rows with their amounts.
func (w *world) isAtKiva(a *ledger.Attempt) bool {
	for e := range a.Entries() {
		for _, t := range w.means[e.Address] {
			if t.atKiva > 0 && (e.Row == nil || e.Row.Amount == money.FromInt(t.amount)) {
				return true
			}
		}
	}
	return false
}

func (w *world) askFor(a *ledger.Attempt) {
	for _, address := range a.Addresses() {
		for _, t := range w.means[address] {
			t.ask()
		}
	}
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
