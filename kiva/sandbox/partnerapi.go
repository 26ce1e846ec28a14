package sandbox

import (
	"net/http"
	"time"

	"kivaform/kiva"
)

// A partnerAPI answers the calls of the Partner API.
type partnerAPI struct {
	Today     func() time.Time
	PartnerID string
	JournalsB bool // journals at their other address, as a bare array
	Style     keptStyle
	Photos    *photoStore
}

// Routes returns the endpoints of the Partner API.
func (api *partnerAPI) Routes() []route {
	partner, journals := "/v3/partner/{partner}", "/v3/partner/{partner}/journals"
	if api.JournalsB {
		journals = "/v3/partners/{partner}/journals"
	}
	return []route{
		{endpoint: "loans", method: "GET", pattern: partner + "/loans", scope: kiva.ScopeReadLoans, handle: api.listLoans},
		{endpoint: "loan_draft", method: "POST", pattern: partner + "/loan_draft", scope: kiva.ScopeCreateLoanDraft, handle: api.createDraft},
		{endpoint: "journals", method: "POST", pattern: journals, scope: kiva.ScopeCreateJournal, handle: api.createJournals},
		{endpoint: "repayments", method: "POST", pattern: partner + "/repayments", scope: kiva.ScopeCreateRepayment, handle: api.createRepayments},
		{endpoint: "config", method: "GET", pattern: partner + "/config/{list}", handle: api.config},
	}
}

// confirmStored answers a call that stored something.
func (api *partnerAPI) confirmStored(value any) answer {
	if api.Style.Created {
		return answer{status: http.StatusCreated, value: value}
	}
	return answer{status: http.StatusOK, value: value}
}
