// Package partnerapi answers the calls of Kiva's Partner API.
package partnerapi

import (
	"net/http"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
)

// An API answers the calls of the Partner API.
type API struct {
	Today     func() time.Time
	PartnerID string
	JournalsB bool // journals at the second address, as a bare array
	Style     exchange.Style
	Photos    *pa2.PhotoStore
}

// Routes returns the endpoints of the Partner API.
func (api *API) Routes() []exchange.Route {
	partner, journals := "/v3/partner/{partner}", "/v3/partner/{partner}/journals"
	if api.JournalsB {
		journals = "/v3/partners/{partner}/journals"
	}
	return []exchange.Route{
		{Endpoint: "loans", Method: "GET", Pattern: partner + "/loans", Scope: kiva.ScopeReadLoans, Handle: api.listLoans},
		{Endpoint: "loan_draft", Method: "POST", Pattern: partner + "/loan_draft", Scope: kiva.ScopeCreateLoanDraft, Handle: api.CreateDraft},
		{Endpoint: "journals", Method: "POST", Pattern: journals, Scope: kiva.ScopeCreateJournal, Handle: api.createJournals},
		{Endpoint: "repayments", Method: "POST", Pattern: partner + "/repayments", Scope: kiva.ScopeCreateRepayment, Handle: api.createRepayments},
		{Endpoint: "config", Method: "GET", Pattern: partner + "/config/{list}", Handle: api.serveConfig},
	}
}

// confirmStored answers a call that stored a resource.
func (api *API) confirmStored(value any) exchange.Answer {
	if api.Style.Created {
		return exchange.Answer{Status: http.StatusCreated, Value: value}
	}
	return exchange.Answer{Status: http.StatusOK, Value: value}
}
