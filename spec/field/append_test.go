package field

import (
	"slices"
	"strings"
	"testing"
)

// TestSentOrder holds the order in which fields are digested: fingerprints in
// ledgers depend on it. A new field may come anywhere, and none may move.
func TestSentOrder(t *testing.T) {
	for _, c := range []struct {
		fields []Field
		want   string
	}{
		{sentDraft, `activity_id client_waiver_signed currency description description_language_id disburse_time entreps group_name
			internal_client_id internal_loan_id not_pictured image image_encoded image_url loanuse location schedule theme_type_id`},
		{sentJournal, "body image_url internal_client_id internal_loan_id subject"},
		{sentBorrowers.fields, "amount client_id first_name gender last_name loan_id"},
		{sentSchedule.fields, "date interest principal"},
	} {
		want := strings.Fields(c.want)
		var have []string
		for _, f := range c.fields {
			if slices.Contains(want, f.Name) {
				have = append(have, f.Name)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("sent are %v, want %v", have, want)
		}
	}
}

// TestPersonal names the fields that views mask.
func TestPersonal(t *testing.T) {
	var personal []string
	for _, fields := range [][]Field{LoanDraft.Fields, Borrower, Instalment, Journal.Fields} {
		for _, f := range fields {
			if f.Personal {
				personal = append(personal, f.Name)
			}
		}
	}
	want := strings.Fields("group_name loanuse description image image_encoded image_url first_name last_name gender subject body image_url")
	if !slices.Equal(personal, want) {
		t.Errorf("personal are %v, want %v", personal, want)
	}
}
