package plan

import (
	"kivaform/spec/code"
)

// Explanations returns the explanations of the faults that only a comparison
// with the ledger finds.
func Explanations() []code.Explanation {
	return []code.Explanation{{
		Code: codeFalls, Title: "a repayment's amount that goes the wrong way",
		Means: "A loan's principal repaid has become less than what was reported before, or its principal owed has become more.",
		Why:   "A running total can't fall. Most often a row is of another loan, the file is of an earlier month, or the amounts aren't what repayment_amounts in kiva.yaml says; a partner's program once reported zero for all loans so.",
		Mend:  "Correct the amount. If it is right, for instance because a payment was reversed, say so with kivaform ack ADDRESS --reason \"...\"; the next apply sends it.",
	}}
}
