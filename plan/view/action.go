package view

import "kivaform/plan"

// An Action is the decision about an item. In JSON it is its name; the rune is
// the mark that people see.
type Action = plan.Action

// The actions; package plan documents them.
const (
	Unknown     = plan.Unknown
	Edited      = plan.Edited
	Alike       = plan.Alike
	Rejected    = plan.Rejected
	Submit      = plan.Submit
	ReportAgain = plan.ReportAgain
	Adopt       = plan.Adopt
	Waiting     = plan.Waiting
	Unchanged   = plan.Unchanged
)

// Actions lists all actions in the order in which a plan shows them.
func Actions() []Action { return plan.Actions }

// Count counts the items whose action is one of those for which is holds.
func (t *Tally) Count(is func(Action) bool) (n int) {
	for a, items := range t.Actions {
		if is(a) {
			n += items
		}
	}
	return n
}
