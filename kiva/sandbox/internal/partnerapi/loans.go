package partnerapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
)

// Sizes of a page of loans. Source: fetch_loans.md.
const (
	defaultLimit = 20
	maxLimit     = 300
)

// loanPage is the answer to GET loans.
type loanPage struct {
	Total int    `json:"total_records"`
	Data  []Loan `json:"data"`
}

// A Loan is a loan in GET loans: prices as strings, times as epoch seconds, and
// one key in camelCase, as observed on the wire.
type Loan struct {
	KivaID                    string       `json:"kiva_id"`
	BorrowerCount             int          `json:"borrower_count"`
	InternalLoanID            string       `json:"internal_loan_id"`
	InternalClientID          string       `json:"internal_client_id"`
	PartnerID                 string       `json:"partner_id"`
	Partner                   string       `json:"partner"`
	UUID                      string       `json:"uuid"`
	Name                      string       `json:"name"`
	Location                  string       `json:"location"`
	Status                    kiva.Status  `json:"status"`
	StatusDetail              string       `json:"status_detail"`
	Price                     string       `json:"loan_price"`
	LocalPrice                string       `json:"loan_local_price"`
	Currency                  string       `json:"loan_currency"`
	CreateTime                epoch        `json:"create_time"`
	PlannedExpirationTime     epoch        `json:"planned_expiration_time,omitzero"`
	PlannedInactiveExpireTime epoch        `json:"planned_inactive_expire_time,omitzero"`
	EndedTime                 epoch        `json:"ended_time,omitzero"`
	RefundedTime              epoch        `json:"refunded_time,omitzero"`
	ExpiredTime               epoch        `json:"expired_time,omitzero"`
	DefaultedTime             epoch        `json:"defaulted_time,omitzero"`
	IssueFeedbackTime         epoch        `json:"issue_feedback_time,omitzero"`
	IssueReportedBy           string       `json:"issue_reported_by,omitempty"`
	Delinquent                bool         `json:"delinquent"`
	FundedAmount              money.Amount `json:"fundedAmount"`
}

// epoch is a time that is encoded in seconds.
type epoch struct{ time.Time }

func (e epoch) MarshalJSON() ([]byte, error) { return json.Marshal(e.Unix()) }

// ShowLoan returns a loan in the form of GET loans.
func ShowLoan(l *kiva.Loan) Loan {
	return Loan{
		KivaID: l.KivaID, BorrowerCount: l.BorrowerCount, InternalLoanID: l.InternalLoanID,
		InternalClientID: l.InternalClientID, PartnerID: l.PartnerID, Partner: l.Partner, UUID: l.UUID,
		Name: l.Name, Location: l.Location, Status: l.Status, StatusDetail: l.StatusDetail,
		Price: formatTwoDecimals(l.Price), LocalPrice: formatTwoDecimals(l.LocalPrice), Currency: l.Currency,
		CreateTime: epoch{l.CreateTime}, PlannedExpirationTime: epoch{l.PlannedExpirationTime},
		PlannedInactiveExpireTime: epoch{l.PlannedInactiveExpireTime}, EndedTime: epoch{l.EndedTime},
		RefundedTime: epoch{l.RefundedTime}, ExpiredTime: epoch{l.ExpiredTime}, DefaultedTime: epoch{l.DefaultedTime},
		IssueFeedbackTime: epoch{l.IssueFeedbackTime}, IssueReportedBy: l.IssueReportedBy,
		Delinquent: l.Delinquent, FundedAmount: l.FundedAmount,
	}
}

// formatTwoDecimals formats an amount as Kiva's list does: "425.00".
func formatTwoDecimals(a money.Amount) string {
	if s := a.String(); strings.Contains(s, ".") {
		return s
	}
	return a.String() + ".00"
}

// A LoanFilter is the query of GET loans.
type LoanFilter struct {
	Text          string // in lower case
	Status        kiva.Status
	offset, limit int
}

// Passes reports whether a loan passes the filter.
func (f LoanFilter) Passes(l *pa2.Loan) bool {
	return (f.Status == "" || l.Status == f.Status) && strings.Contains(l.Search, f.Text)
}

func (api *API) listLoans(c *exchange.Call) exchange.Decision {
	f, refused, ok := parseFilter(c)
	if !ok {
		return exchange.Reply(refused)
	}
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		page := pageOfLoans(st, f)
		for i := range page.Data {
			page.Data[i].PartnerID = api.PartnerID
		}
		return exchange.Answer{Status: http.StatusOK, Value: page}, nil
	}
}

func parseFilter(c *exchange.Call) (f LoanFilter, refused exchange.Answer, ok bool) {
	q := c.URL.Query()
	f = LoanFilter{Text: strings.ToLower(strings.TrimSpace(q.Get("query"))), Status: kiva.Status(q.Get("status")), limit: defaultLimit}
	if f.Status != "" && !slices.Contains(pa2.Statuses, f.Status) {
		return f, exchange.BadRequest("status: there is no %q", f.Status), false
	}
	for name, n := range map[string]*int{"offset": &f.offset, "limit": &f.limit} {
		if !q.Has(name) {
			continue
		}
		v, err := strconv.Atoi(q.Get(name))
		if err != nil || v < 0 {
			return f, exchange.BadRequest("%s: %q isn't a number from 0", name, q.Get(name)), false
		}
		*n = v
	}
	if f.limit > maxLimit {
		return f, exchange.BadRequest("limit: at most %d", maxLimit), false
	}
	return f, exchange.Answer{}, true
}

// pageOfLoans returns the loans that pass the filter, from its offset on.
func pageOfLoans(st *pa2.State, f LoanFilter) loanPage {
	p := loanPage{Data: []Loan{}}
	for _, l := range st.Loans {
		if !f.Passes(l) {
			continue
		}
		if p.Total >= f.offset && len(p.Data) < f.limit {
			p.Data = append(p.Data, ShowLoan(&l.Loan))
		}
		p.Total++
	}
	return p
}
