package schema

import (
	"kivaform/spec"
	"kivaform/spec/field"
)

// forbiddenValue refuses a value: the loan of one borrower must not have the
// field.
var forbiddenValue = object{"type": []string{"string", "null"}, "pattern": "^$", "errorMessage": "is for groups only, and this loan has one borrower"}

var loanDraft = root{
	kind:  spec.KindLoanDraft,
	Field: field.LoanDraft,
	conditions: []object{
		notBoth("activity", "activity_id"), notBoth("theme", "theme_type_id"), notBoth("description_language", "description_language_id"),
		notBoth("image", "image_encoded"), notBoth("image", "image_url"), notBoth("image_encoded", "image_url"),
		{
			"if":   object{"properties": object{"entreps": object{"type": "array", "maxItems": 1}}, "required": []string{"entreps"}},
			"then": individualConditions,
		},
		{
			"if":   object{"properties": object{"entreps": object{"type": "array", "minItems": 2}}, "required": []string{"entreps"}},
			"then": groupConditions,
		},
	},
}

var individualConditions = object{"properties": object{
	"entreps":    object{"items": object{"required": []string{"loan_id"}, "properties": object{"loan_id": givenValue}}},
	"group_name": forbiddenValue, "internal_client_id": forbiddenValue, "internal_loan_id": forbiddenValue,
	"not_pictured": object{"maxItems": 0},
}}

var groupConditions = object{
	"required": []string{"group_name", "internal_loan_id", "not_pictured"},
	"properties": object{
		"group_name": givenValue, "internal_loan_id": givenValue,
		"not_pictured": object{"type": "array", "minItems": 2, "errorMessage": "a group needs one value for each borrower"},
	},
}
