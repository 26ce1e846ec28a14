package history

import (
	"slices"

	"kivaform/plan"
)

// Covers reports whether a decision is about an item of its attempt.
func (r *Resolution) Covers(item Address) bool {
	return len(r.Items) == 0 || slices.Contains(r.Items, item)
}

// LastDecision returns the latest decision about any of an attempt, nil where a
// person never decided.
func (a *Attempt) LastDecision() *Resolution {
	if n := len(a.Resolutions); n > 0 {
		return &a.Resolutions[n-1]
	}
	return nil
}

// DecisionOn returns the decision that counts for an item: the latest one.
func (a *Attempt) DecisionOn(item Address) *Resolution {
	for i := len(a.Resolutions) - 1; i >= 0; i-- {
		if a.Resolutions[i].Covers(item) {
			return &a.Resolutions[i]
		}
	}
	return nil
}

// decided returns how an attempt ended for an item once a person's decision is
// taken into account. Kiva's answer counts more; but what a person has seen at
// Kiva is there, however it came there.
func (a *Attempt) decided(item Address, answered plan.Outcome) plan.Outcome {
	if len(a.Resolutions) == 0 || a.Intent.Recorded != "" {
		return answered
	}
	d := a.DecisionOn(item)
	if d != nil && (answered == plan.OutcomeUnknown || answered.MayRepeat() && d.Decision == plan.OutcomeExists) {
		return d.Decision
	}
	return answered
}

// answered returns how the attempt ended by Kiva's answer alone.
func (a *Attempt) answered() plan.Outcome {
	switch {
	case a.Intent.Recorded != "":
		return a.Intent.Recorded
	case a.Result != nil:
		return a.Result.Outcome
	}
	return plan.OutcomeUnknown
}

// Outcome returns how the attempt ended as a whole. One without an answer is
// unknown until a person has decided about each of its items; then it exists if
// any of them does.
func (a *Attempt) Outcome() plan.Outcome {
	answered := a.answered()
	if len(a.Resolutions) == 0 || a.Intent.Recorded != "" || answered.AtKiva() {
		return answered
	}
	if len(a.Intent.Items)+len(a.Intent.Rows) == 0 {
		return a.decided("", answered)
	}
	whole := answered
	for item := range a.itemAddresses() {
		switch o := a.decided(item, answered); o {
		case plan.OutcomeUnknown:
			return o
		case plan.OutcomeExists:
			whole = o
		default:
			if whole != plan.OutcomeExists {
				whole = o
			}
		}
	}
	return whole
}

// Undecided returns the entries whose outcome isn't known: a person has to decide
// about each.
func (a *Attempt) Undecided() (open []Entry) {
	if a.Outcome() != plan.OutcomeUnknown && (a.Result == nil || len(a.Result.Problems) == 0) {
		return nil
	}
	for e := range a.Entries() {
		if e.Outcome == plan.OutcomeUnknown {
			open = append(open, e)
		}
	}
	return open
}

// IsOpen reports whether a person has to decide about the attempt or an item of it.
func (a *Attempt) IsOpen() bool {
	return a.Outcome() == plan.OutcomeUnknown || len(a.Undecided()) > 0
}
