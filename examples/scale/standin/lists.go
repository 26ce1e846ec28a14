package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"kivaform/examples/scale/workspace"
)

// A loan is one that is listed, and how a list tells of it: answers are put
// together of these, so that the machine is left to the program that is measured.
type loan struct {
	id   string
	text []byte
}

// A list is loans in the order in which they came.
type list []loan

// add lists a loan. The lock is held.
func (s *server) add(id, status string) {
	number := strings.TrimLeft(id, "SR-") // as the generator makes client ids
	text := fmt.Appendf(nil, `{"kiva_id":"%d","borrower_count":1,"internal_loan_id":%q,"internal_client_id":%q,"partner_id":%q,`+
		`"partner":"Example MFI","uuid":"uuid-%s","name":"Mary","location":"Nakuru: Kenya","status":%q,"status_detail":"",`+
		`"loan_price":"425.00","loan_local_price":"55000.00","loan_currency":"KES","create_time":1790000000,`+
		`"planned_expiration_time":1795000000,"planned_inactive_expire_time":1796000000,"delinquent":false,"fundedAmount":425.00}`,
		2_000_000+len(s.loans[""]), id, number, workspace.PartnerID, id, status)
	for _, of := range []string{"", status} {
		s.loans[of] = append(s.loans[of], loan{id, text})
	}
}

// list lists loans by pages. Source: fetch_loans.md.
func (s *server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	loans := s.loans[r.FormValue("status")]
	s.mu.Unlock()
	if query := r.FormValue("query"); query != "" {
		loans = loans.named(query)
	}
	offset, _ := strconv.Atoi(r.FormValue("offset"))
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	from := min(max(offset, 0), len(loans))
	data := fmt.Appendf(nil, `{"total_records":%d,"data":[`, len(loans))
	for i, l := range loans[from:min(from+max(limit, 0), len(loans))] {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, l.text...)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(data, "]}"...))
}

func (l list) named(id string) (found list) {
	for _, one := range l {
		if one.id == id {
			found = append(found, one)
		}
	}
	return found
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
