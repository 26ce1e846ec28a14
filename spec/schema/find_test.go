package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"loan_draft":                    "loan_draft",
		"LoanDraft":                     "loan_draft",
		"Journal.key":                   "journal.key",
		"journal":                       "journal",
		"loan_draft.not_pictured":       "loan_draft.not_pictured",
		"not_pictured":                  "loan_draft.not_pictured",
		"schedule[2].date":              "loan_draft.schedule.date",
		"entreps[0].loan_id":            "loan_draft.entreps.loan_id",
		"loan_id":                       "loan_draft.entreps.loan_id repayment_report.repayments.loan_id",
		"kiva.yaml":                     "kiva.yaml",
		"kiva.yaml.ledger":              "ledger",
		"ledger":                        "ledger",
		"limits.amount.KES":             "limits.amount.CURRENCY",
		"environments.*.ledger":         "environments.NAME.ledger",
		"environments.staging.ledger":   "environments.NAME.ledger",
		"environments.sandbox":          "environments.sandbox",
		"environments.sandbox.today":    "environments.sandbox.today",
		"environments.pilot":            "environments.NAME",
		"repayment_report.expect":       "repayment_report.expect",
		"locations.full_name":           "locations.full_name",
		"uuid":                          "loan_draft.uuid",
		"staging":                       "",
		"environments..ledger":          "",
		"":                              "",
		"nothing":                       "",
		"loan_draft.entreps.loan_id.xx": "",
	} {
		if got := strings.Trim(fmt.Sprint(Find(name)), "[]"); got != want {
			t.Errorf("%q: %s, not %s", name, got, want)
		}
	}
}

// Every field is found by the name that is shown for it, and by nothing else.
func TestEveryFieldIsFound(t *testing.T) {
	for _, d := range All() {
		if found := Find(d.String()); len(found) != 1 || found[0].In+"."+found[0].Path != d.In+"."+d.Path {
			t.Errorf("%s finds %v", d, found)
		}
	}
}
