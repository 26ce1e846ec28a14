package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"kivaform/examples/scale/workspace"
)

// A loan is one that is listed.
type loan struct{ id, status string }

// list lists loans by pages. Source: fetch_loans.md.
func (s *server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	loans := s.loans
	s.mu.Unlock()
	offset, _ := strconv.Atoi(r.FormValue("offset"))
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	status, query := r.FormValue("status"), r.FormValue("query")
	var data []byte
	total := 0
	for _, l := range loans {
		if status != "" && l.status != status || query != "" && l.id != query {
			continue
		}
		if total >= offset && total < offset+limit {
			data = l.append(data, total)
		}
		total++
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"total_records":%d,"data":[`, total)
	w.Write(data[min(1, len(data)):])
	w.Write([]byte("]}"))
}

// append writes a comma and the loan, which stands at i in the list.
func (l loan) append(data []byte, i int) []byte {
	number := strings.TrimLeft(l.id, "SR-") // as the generator makes client ids
	return fmt.Appendf(data, `,{"kiva_id":"%d","borrower_count":1,"internal_loan_id":%q,"internal_client_id":%q,"partner_id":%q,`+
		`"partner":"Example MFI","uuid":"uuid-%s","name":"Mary","location":"Nakuru: Kenya","status":%q,"status_detail":"",`+
		`"loan_price":"425.00","loan_local_price":"55000.00","loan_currency":"KES","create_time":1790000000,`+
		`"planned_expiration_time":1795000000,"planned_inactive_expire_time":1796000000,"delinquent":false,"fundedAmount":425.00}`,
		2_000_000+i, l.id, number, workspace.PartnerID, l.id, l.status)
}

// config gives the configuration lists that drafts are checked against.
func (s *server) config(w http.ResponseWriter, r *http.Request) {
	var locations []string
	for _, place := range workspace.Places {
		locations = append(locations, fmt.Sprintf(`{"country":"Kenya","location":%q,"full_name":"%s: Kenya"}`, place, place))
	}
	lists := map[string]string{
		"activities": `[{"activity_id":61,"activity":"Dairy"}]`,
		"themes":     `[{"theme_type_id":48,"theme_type":"General"}]`,
		"locales":    `[{"currency":"KES","language_code":"en","language_name":"English","language_id":1}]`,
		"locations":  "[" + strings.Join(locations, ",") + "]",
	}
	name := r.PathValue("list")
	fmt.Fprintf(w, `{"code":"api.success","message":"found","as_of_date_time":"2026-11-20T00:00:00Z",%q:%s}`, name, lists[name])
}
