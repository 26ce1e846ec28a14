package sandbox

import (
	"fmt"
	"strings"

	"kivaform/kiva"
)

// A journalBody is one journal as it was received. Source: post_journals.md.
type journalBody struct {
	Body     string `json:"body"`
	ImageURL string `json:"image_url,omitempty"`
	ClientID string `json:"internal_client_id,omitempty"`
	LoanID   string `json:"internal_loan_id"`
	Subject  string `json:"subject"`
}

// ineligible says what is wrong with each journal that can't be taken. Kiva
// takes journals for loans under PA2's Journals tab only; that these are the
// ones that are paying back is a reading of its documents.
func (st *state) ineligible(journals []journalBody) (wrong []string) {
	for i, j := range journals {
		l := st.byLoanID[j.LoanID]
		var why string
		switch {
		case j.LoanID == "":
			why = "internal_loan_id is needed"
		case l == nil:
			why = fmt.Sprintf("loan %s isn't listed", j.LoanID)
		case l.Status != kiva.PayingBack:
			why = fmt.Sprintf("loan %s is %s, not payingBack", j.LoanID, l.Status)
		case j.ClientID != "" && j.ClientID != l.InternalClientID:
			why = fmt.Sprintf("loan %s isn't of client %s", j.LoanID, j.ClientID)
		case strings.TrimSpace(j.Subject) == "" || strings.TrimSpace(j.Body) == "":
			why = fmt.Sprintf("loan %s: subject and body are needed", j.LoanID)
		default:
			continue
		}
		wrong = append(wrong, fmt.Sprintf("journals[%d]: %s", i, why))
	}
	return wrong
}
