package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/publicapi"
)

func TestPublicLoans(t *testing.T) {
	p := start(t, Options{})
	seed := pa2.Seed()
	statusOf := map[kiva.Status]string{}
	for _, l := range seed {
		want, visible := publicapi.PublicStatuses[l.Status]
		r := p.send("GET", "/v1/loans/"+l.KivaID+".json", "")
		if !visible {
			if r.want(404).object()["code"] != "org.kiva.InvalidIdentifier" {
				t.Errorf("loan that is %s: %s", l.Status, r.body)
			}
			continue
		}
		got := r.want(200).object()["loans"].([]any)[0].(map[string]any)
		statusOf[l.Status] = got["status"].(string)
		if got["status"] != want || fmt.Sprint(got["id"]) != l.KivaID || fmt.Sprint(got["loan_amount"]) != l.Price.String() {
			t.Errorf("loan %+v", got)
		}
	}
	if len(statusOf) < 5 {
		t.Errorf("statuses %v", statusOf)
	}
	several := p.send("GET", "/v1/loans/"+seed[0].KivaID+","+seed[1].KivaID+",1.json", "").want(200).object()
	if n := len(several["loans"].([]any)); n != 2 {
		t.Errorf("%d loans", n)
	}
	p.send("GET", "/v1/loans/"+seed[0].KivaID, "").want(404) // HTML at Kiva
	p.send("GET", "/v1/loans/"+seed[0].KivaID+".json?app_id=x", "").want(400)
	p.send("GET", "/v1/teams.json", "").want(404)
}

// What people do in PA2 becomes public: journals once confirmed, payments once
// the report is finalised.
func TestWhatBecomesPublic(t *testing.T) {
	p := start(t, Options{})
	const kivaID = "2871001" // L-0801
	shown := func() (entries string, payments []any) {
		loan := p.send("GET", "/v1/loans/"+kivaID+".json", "").want(200).object()["loans"].([]any)[0].(map[string]any)
		payments, _ = loan["payments"].([]any)
		return fmt.Sprint(loan["journal_totals"].(map[string]any)["entries"]), payments
	}
	api := func(path, body string) map[string]any {
		return p.send("POST", "/v3/partner/145/"+path, body, "Authorization", "Bearer "+p.bearer, "Content-Type", "application/json").want(200).object()
	}
	archive := api("journals", `{"journals":[{"internal_loan_id":"L-0801","subject":"A roof","body":"It holds."}]}`)["archive_id"].(string)
	upload := func(amount string) {
		api("repayments", `{"repayments":[{"loan_id":"L-0801","client_id":"00801","amount":`+amount+`},{"loan_id":"L-0802","client_id":"00802","amount":0}]}`)
	}
	upload("1000")
	upload("1290") // corrects it
	if entries, payments := shown(); entries != "0" || len(payments) != 0 {
		t.Errorf("too early: %s journals, payments %v", entries, payments)
	}
	p.send("POST", "/pa2/journals/"+archive+"/confirm", "").want(200)
	p.send("POST", "/pa2/repayments/finalise", "").want(200)
	entries, payments := shown()
	if entries != "1" || len(payments) != 1 {
		t.Fatalf("%s journals, payments %v", entries, payments)
	}
	first := payments[0].(map[string]any)
	if fmt.Sprintf("%v %v", first["local_amount"], first["amount"]) != "1290 10" || first["settlement_date"] != "2026-12-17T08:00:00Z" {
		t.Errorf("payment %v", first)
	}
	upload("2580.50")
	p.send("POST", "/pa2/repayments/finalise", "").want(200)
	if _, payments = shown(); len(payments) != 2 || fmt.Sprint(payments[1].(map[string]any)["local_amount"]) != "1290.50" {
		t.Errorf("payments %v", payments)
	}
	journals := p.send("GET", "/v1/loans/"+kivaID+"/journal_entries.json", "").want(200).object()["journal_entries"].([]any)
	if j := journals[0].(map[string]any); len(journals) != 1 || j["subject"] != "A roof" || j["body"] != "It holds." {
		t.Errorf("journals %v", journals)
	}
	updates := p.send("GET", "/v1/loans/"+kivaID+"/updates.json", "").want(200).object()["loan_updates"].([]any)
	if len(updates) != 3 {
		t.Errorf("updates %v", updates)
	}
}

func TestPublicSearch(t *testing.T) {
	p := start(t, Options{})
	page := func(query string) (ids []string, paging map[string]any) {
		answer := p.send("GET", "/v1/loans/search.json?"+query, "").want(200).object()
		for _, l := range answer["loans"].([]any) {
			ids = append(ids, l.(map[string]any)["id"].(json.Number).String())
		}
		return ids, answer["paging"].(map[string]any)
	}
	all, paging := page("per_page=500")
	if len(all) != 51 || fmt.Sprintf("%v %v", paging["total"], paging["pages"]) != "51 1" { // all of the seed but the one with an issue
		t.Errorf("%d loans, %v", len(all), paging)
	}
	var paged []string
	for n := 1; n <= 3; n++ {
		ids, _ := page(fmt.Sprintf("page=%d", n))
		paged = append(paged, ids...)
	}
	if !slices.Equal(paged, all) {
		t.Errorf("pages %v", paged)
	}
	if ids, _ := page("page=4"); len(ids) != 0 {
		t.Errorf("past the end: %v", ids)
	}
	for query, want := range map[string]int{"status=fundraising": 2, "q=L-0803": 1, "country_code=CO": 0, "partner=145&per_page=500": 51, "partner=1": 0} {
		if ids, _ := page(query); len(ids) != want {
			t.Errorf("%s: %v", query, ids)
		}
	}
	newest := p.send("GET", "/v1/loans/newest.json", "").want(200).object()
	if n := len(newest["loans"].([]any)); n != 2 {
		t.Errorf("%d newest", n)
	}
	p.send("GET", "/v1/partners.json", "").want(200)
}
