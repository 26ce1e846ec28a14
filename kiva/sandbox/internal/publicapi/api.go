// Package publicapi answers the calls of Kiva's public API: the sandbox's loans
// as lenders see them. It follows build.kiva.org's documents. Journals show once
// confirmed, payments once their report is finalised: the real API lags by
// weeks.
package publicapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
)

// PublicStatuses maps the statuses that lenders see to their public names.
var PublicStatuses = map[kiva.Status]string{
	kiva.FundRaising: "fundraising", kiva.Raised: "funded", kiva.PayingBack: "in_repayment", kiva.Ended: "paid",
	kiva.Defaulted: "defaulted", kiva.Refunded: "refunded", kiva.Expired: "expired",
}

// An API answers the calls of Kiva's public API.
type API struct {
	PartnerID   string
	ShowAccount func(*exchange.Call) exchange.Decision // answers for the account of a signed-in lender
}

// Routes returns the endpoint of the public API.
func (api *API) Routes() []exchange.Route {
	return []exchange.Route{{Endpoint: "public", Pattern: "/v1/", Open: true, Handle: api.answerCall}}
}

const publicPageSize = 20

// answerCall answers a call under /v1/.
func (api *API) answerCall(c *exchange.Call) exchange.Decision {
	path, isJSON := strings.CutSuffix(strings.TrimPrefix(c.URL.Path, "/v1/"), ".json")
	parts := strings.Split(path, "/")
	if !isJSON || c.Method != http.MethodGet {
		return exchange.Reply(exchange.PublicError(http.StatusNotFound, "InvalidResource", "only GET, and addresses that end with .json"))
	}
	if id := c.URL.Query().Get("app_id"); id != "" && !strings.Contains(id, ".") {
		return exchange.Reply(exchange.PublicError(http.StatusBadRequest, "InvalidAppId", "app_id isn't in reverse DNS notation"))
	}
	switch {
	case path == "my/account":
		return api.ShowAccount(c)
	case path == "partners":
		return exchange.Reply(exchange.PlainJSON(http.StatusOK, api.publicPartners()))
	case path == "loans/search" || path == "loans/newest":
		return answerSearch(c, path == "loans/newest")
	case len(parts) == 2 && parts[0] == "loans":
		return answerLoans(strings.Split(parts[1], ","))
	case len(parts) == 3 && parts[0] == "loans":
		return answerLoanList(c, parts[1], parts[2])
	}
	return exchange.Reply(exchange.PublicError(http.StatusNotFound, "InvalidResource", "there is nothing at "+c.URL.Path))
}

// loanByKivaID returns a loan that lenders can see, or nil.
func loanByKivaID(st *pa2.State, id string) *pa2.Loan {
	i := slices.IndexFunc(st.Loans, func(l *pa2.Loan) bool { return l.KivaID == id })
	if i < 0 || PublicStatuses[st.Loans[i].Status] == "" {
		return nil
	}
	return st.Loans[i]
}

func answerLoans(ids []string) exchange.Decision {
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		if len(ids) > 100 {
			return exchange.PublicError(http.StatusBadRequest, "InvalidParameter", "at most 100 loans"), nil
		}
		public, err := gatherPublic(st)
		if err != nil {
			return exchange.Refusal(http.StatusInternalServerError, "internal", err.Error()), nil
		}
		loans := []publicLoan{}
		for _, id := range ids {
			if l := loanByKivaID(st, strings.TrimSpace(id)); l != nil {
				loans = append(loans, public.showLoan(l, true))
			}
		}
		if len(loans) == 0 {
			return exchange.PublicError(http.StatusNotFound, "InvalidIdentifier", "no loan has this id"), nil
		}
		return exchange.PlainJSON(http.StatusOK, map[string]any{"loans": loans}), nil
	}
}

func answerSearch(c *exchange.Call, newest bool) exchange.Decision {
	q := c.URL.Query()
	if newest {
		q = url.Values{"status": {"fundraising"}, "page": q["page"]}
	}
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		public, err := gatherPublic(st)
		if err != nil {
			return exchange.Refusal(http.StatusInternalServerError, "internal", err.Error()), nil
		}
		found := []publicLoan{}
		for _, l := range slices.Backward(st.Loans) {
			if p := public.showLoan(l, false); matchesSearch(p, l, q) {
				found = append(found, p)
			}
		}
		return answerPage("loans", found, q), nil
	}
}

func matchesSearch(p publicLoan, l *pa2.Loan, q url.Values) bool {
	matches := func(name, value string) bool { return q.Get(name) == "" || strings.EqualFold(q.Get(name), value) }
	return p.Status != "" && matches("status", p.Status) && matches("country_code", p.Location.CountryCode) &&
		matches("partner", strconv.FormatInt(p.PartnerID, 10)) && matches("sector", p.Sector) &&
		strings.Contains(l.Search, strings.ToLower(q.Get("q")))
}

// answerPage answers with one page of a list. One past the end is empty.
func answerPage[T any](name string, all []T, q url.Values) exchange.Answer {
	page := max(1, parseInteger(q.Get("page"), 1))
	size := min(500, max(1, parseInteger(q.Get("per_page"), publicPageSize)))
	from := min(len(all), (page-1)*size)
	to := min(len(all), from+size)
	return exchange.PlainJSON(http.StatusOK, map[string]any{
		"paging": map[string]int{"page": page, "total": len(all), "page_size": size, "pages": (len(all) + size - 1) / size},
		name:     all[from:to],
	})
}

func parseInteger(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n > 1e6 {
		return otherwise
	}
	return n
}

// answerLoanList answers with a list of one loan.
func answerLoanList(c *exchange.Call, id, list string) exchange.Decision {
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		l := loanByKivaID(st, id)
		if l == nil {
			return exchange.PublicError(http.StatusNotFound, "InvalidIdentifier", "no loan has the id "+id), nil
		}
		public, err := gatherPublic(st)
		if err != nil {
			return exchange.Refusal(http.StatusInternalServerError, "internal", err.Error()), nil
		}
		journals := public.journals[l.InternalLoanID]
		switch list {
		case "journal_entries":
			return answerPage(list, journals, c.URL.Query()), nil
		case "lenders":
			return answerPage(list, []any{}, c.URL.Query()), nil
		case "updates":
			updates := []map[string]any{}
			for _, j := range journals {
				updates = append(updates, map[string]any{"update_type": "journal_entry", "journal_entry": j})
			}
			for _, p := range public.payments[l.InternalLoanID] {
				updates = append(updates, map[string]any{"update_type": "payment", "payment": p})
			}
			return exchange.PlainJSON(http.StatusOK, map[string]any{"loan_updates": updates}), nil
		}
		return exchange.PublicError(http.StatusNotFound, "InvalidResource", "there is nothing at "+c.URL.Path), nil
	}
}

func (api *API) publicPartners() map[string]any {
	return map[string]any{
		"paging": map[string]int{"page": 1, "total": 1, "page_size": 1000, "pages": 1},
		"partners": []map[string]any{{
			"id": parseInteger(api.PartnerID, 0), "name": pa2.PartnerName, "status": "active", "rating": "3.5", "start_date": "2011-03-02T08:00:00Z",
			"delinquency_rate": 1.25, "default_rate": 0, "total_amount_raised": 1234500, "loans_posted": 2871,
			"countries": []map[string]string{{"iso_code": "KE", "name": "Kenya"}},
		}},
	}
}
