package schema

import (
	"kivaform/spec"
	"kivaform/spec/field"
)

var journal = root{kind: spec.KindJournal, Field: field.Journal, conditions: []object{oneOf("subject", "body")}}

var repaymentReport = root{
	kind: spec.KindRepaymentReport, Field: field.RepaymentReport,
	conditions: []object{notBoth("csv", "repayments"), oneOf("csv", "repayments")},
}
