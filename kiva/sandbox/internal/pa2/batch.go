package pa2

import (
	"fmt"
	"strconv"
	"strings"

	"kivaform/kiva"
)

// A JournalBody is one journal as it was received. Source: post_journals.md.
type JournalBody struct {
	Body     string `json:"body"`
	ImageURL string `json:"image_url,omitempty"`
	ClientID string `json:"internal_client_id,omitempty"`
	LoanID   string `json:"internal_loan_id"`
	Subject  string `json:"subject"`
}

// CheckJournals returns a fault for each journal that is refused. Kiva accepts
// journals for the loans on PA2's Journals tab; that these are the ones paying
// back is an inference from its documents.
func (st *State) CheckJournals(journals []JournalBody) (wrong []string) {
	for i, j := range journals {
		l := st.ByLoanID[j.LoanID]
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

// FirstUpload is the number of the first upload.
const FirstUpload = 90001

// A Problem is PA2's remark on a row. Kiva documents no codes; these are the
// sandbox's own.
type Problem struct {
	LoanID   string        `json:"loan_id"`
	Details  string        `json:"details"`
	Code     string        `json:"code"`
	Severity kiva.Severity `json:"severity"`
}

// ID returns the number of the upload as text.
func (e *RepaymentsEvent) ID() string { return strconv.FormatInt(e.UploadID, 10) }

// CheckRow returns the problems of a row: errors, or else warnings.
func (st *State) CheckRow(r Row, repeated bool) (found []Problem) {
	add := func(severity kiva.Severity, code, format string, args ...any) {
		found = append(found, Problem{r.LoanID, fmt.Sprintf(format, args...), code, severity})
	}
	l := st.ByLoanID[r.LoanID]
	switch {
	case l == nil:
		add(kiva.SeverityError, "unknown_loan", "no loan has this id")
	case repeated:
		add(kiva.SeverityError, "repeated_loan", "the loan is in this upload already")
	case l.Status != kiva.PayingBack && l.Status != kiva.Defaulted:
		add(kiva.SeverityError, "wrong_status", "the loan is %s", l.Status)
	case r.ClientID != "" && r.ClientID != l.InternalClientID:
		add(kiva.SeverityError, "wrong_client", "the loan isn't of client %s", r.ClientID)
	case r.Amount.Sign() < 0:
		add(kiva.SeverityError, "negative_amount", "the amount is below zero")
	}
	if len(found) > 0 {
		return found
	}
	if r.ClientID == "" {
		add(kiva.SeverityWarning, "no_client", "the partner's format has three columns, the client id is missing")
	}
	if r.Amount.Cmp(l.LocalPrice) > 0 {
		add(kiva.SeverityWarning, "above_price", "the amount is above the loan's %s %s", l.Currency, l.LocalPrice.Format())
	}
	if last, ok := st.reported[r.LoanID]; ok && r.Amount.Cmp(last) < 0 {
		add(kiva.SeverityWarning, "amount_fell", "the amount is below the %s that was reported last", last.Format())
	}
	return found
}

// Wrong reports whether a problem excludes its row.
func (p Problem) Wrong() bool { return p.Severity == kiva.SeverityError }
