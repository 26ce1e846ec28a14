package load

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/spec/code"
)

// surroundings are workspaces in which an example of an explanation can stand,
// where they say %s.
var surroundings = []string{
	"-- a.yaml --\n%s",
	"-- a.yaml --\nkind: LoanDraft\n%s",
	"-- a.yaml --\nkind: LoanDraft\nentreps: [{loan_id: L-1, client_id: C-1, last_name: Wanjiku, amount: 5}]\n%s",
	"-- a.yaml --\nkind: LoanDraft\nentreps: [{amount: 5}, {amount: 5}, {amount: 5}]\ngroup_name: G\ninternal_loan_id: G-1\n%s",
	"-- a.yaml --\nkind: LoanDraft\nentreps: [{amount: 5}, {amount: 5}]\n%s",
	"-- a.yaml --\nkind: LoanDraft\nentreps:\n%s",
	"-- a.yaml --\nkind: LoanDraft\nentreps:\n  - loan_id: L-1\n    %s",
	"-- loans/a.yaml --\nkind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5}]\n%s",
	"-- a.yaml --\nkind: Journal\ninternal_loan_id: L-1\n%s",
	"-- a.yaml --\nkind: Journal\nkey: a\n%s",
	"-- a.yaml --\nkind: RepaymentReport\nperiod: 2026-11\nrepayments:\n%s",
	"-- a.yaml --\nkind: RepaymentReport\nperiod: 2026-11\ncsv: a.csv\n-- a.csv --\n%s",
	"-- b.yaml --\nkind: RepaymentReport\nperiod: 2026-11\nrepayments: []\n-- kiva.yaml --\nversion: 1\n%s",
	"-- kiva.yaml --\n%s",
	"-- kiva.yaml --\nversion: 1\nenvironments:\n  pilot: {%s}",
	"-- kiva.yaml --\nversion: 1\ncsv_format: three-column\n-- a.yaml --\nkind: RepaymentReport\nperiod: 2026-11\nrepayments:\n%s",
}

const exampleLists = `
-- catalog.yaml --
activities: [{activity_id: 61, activity: Dairy}, {activity_id: 110, activity: Retail}, {activity_id: 111, activity: Retail}]
locales: [{currency: KES, language_code: en, language_name: English, language_id: 1}]
locations: [{country: Kenya, location: Nakuru, full_name: "Nakuru: Kenya"}]
`

// What an explanation shows as wrong gives the fault, and what it shows as right
// doesn't.
func TestExamplesOfExplanations(t *testing.T) {
	for _, e := range code.Explanations() {
		if e.Wrong != "" && !isShown(t, e) {
			t.Errorf("%s: %q doesn't give it, or %q does", e.Code, e.Wrong, e.Right)
		}
	}
}

func isShown(t *testing.T, e code.Explanation) bool {
	for _, place := range surroundings {
		gives := func(example string) bool {
			workspace := fmt.Sprintf(place, example) + "\n"
			if !strings.Contains(workspace, "-- kiva.yaml") {
				workspace = "-- kiva.yaml --\nversion: 1\n" + workspace
			}
			workspace += "-- photos/L-1042.jpg --\n"
			if e.Code != code.NoList.String() {
				workspace += exampleLists
			}
			return strings.Contains(describe(load(t, workspace)), e.Code+" ")
		}
		if gives(e.Wrong) && !gives(e.Right) {
			return true
		}
	}
	return false
}
