package worldtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A listing is one loan of Kiva's list.
type listing struct {
	KivaID     string      `json:"kiva_id"`
	LoanID     string      `json:"internal_loan_id"`
	ClientID   string      `json:"internal_client_id"`
	Name       string      `json:"name"`
	Status     string      `json:"status"`
	LocalPrice json.Number `json:"loan_local_price"`
	Currency   string      `json:"loan_currency"`
	Created    int64       `json:"create_time"`
}

// list answers a request for the list of loans.
func (k *pa2) list(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	if r.Header.Get("Authorization") != fmt.Sprint("Bearer t", k.tokens) {
		return endedToken.response(r)
	}
	all := k.listed(q.Get("query"), q.Get("status"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	size := 2
	total := len(all)
	from, to := min(offset, total), min(offset+size, total)
	page := all[from:to]
	if !k.w.calm && from > 0 {
		switch {
		case k.w.has[emptyPages] && k.w.chance("empty page", r.URL.RawQuery) < 40:
			page = nil
		case k.w.has[repeatedPages] && k.w.chance("repeated page", r.URL.RawQuery) < 40:
			page = all[:min(size, total)]
		}
	}
	if !k.w.calm && k.w.has[countsOnly] && k.w.chance("count", r.URL.RawQuery) < 40 {
		page = nil
	}
	data, err := json.Marshal(map[string]any{"total_records": total, "data": append([]listing{}, page...)})
	if err != nil {
		return nil, err
	}
	return answer{status: 200, header: jsonType, body: string(data)}.response(r)
}

// listed returns the loans that a query finds. Drafts are never listed; what was
// just published is late.
func (k *pa2) listed(query, status string) []listing {
	var all []listing
	for _, l := range k.loans {
		if l.gone || l.status == unpublished || status != "" && l.status != status || !k.finds(l, query) {
			continue
		}
		if !k.w.calm && k.w.has[listLate] && !l.byHand && time.Since(l.created) < 48*time.Hour {
			continue
		}
		all = append(all, listing{l.kivaID, l.id, l.client, l.name, l.status, json.Number(fmt.Sprint(l.amount)), "KES", l.created.Unix()})
	}
	return all
}

// finds reports whether a search finds a loan, as PA2's search bar does: by
// parts of an id.
func (k *pa2) finds(l *kivaLoan, query string) bool {
	if query == "" {
		return true
	}
	if !k.w.calm && k.w.has[badSearch] && k.w.chance("search", query) < 40 {
		return false
	}
	return strings.Contains(fold(l.id), fold(query)) || strings.Contains(l.kivaID, query)
}
