package sandbox

import (
	"strings"
	"testing"

	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
)

func TestStepsFromElsewhere(t *testing.T) {
	p := start(t, Options{})
	host := strings.TrimPrefix(p.url, "http://")
	for _, tt := range []struct {
		header []string
		status int
	}{
		{nil, 200},
		{[]string{"Host", "localhost:8080"}, 200},
		{[]string{"Host", "[::1]:8080"}, 200},
		{[]string{"Host", "127.9.9.9"}, 200},
		{[]string{"Origin", p.url}, 200},
		{[]string{"Host", "partner.example"}, 403},
		{[]string{"Host", "127.0.0.1.partner.example:80"}, 403},
		{[]string{"Host", "192.168.1.5:80"}, 403},
		{[]string{"Origin", "http://partner.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Origin", "https://" + host}, 403},
		{[]string{"Origin", "http://localhost:1"}, 403},
	} {
		for _, method := range []string{"GET", "POST"} {
			path := map[string]string{"GET": "/pa2/record", "POST": "/pa2/reset"}[method]
			if r := p.send(method, path, "", tt.header...); r.status != tt.status {
				t.Errorf("%s %v: %d", method, tt.header, r.status)
			}
		}
	}
}

func TestMoveLoans(t *testing.T) {
	p := start(t, Options{})
	for _, tt := range []struct {
		path, body string
		status     int
	}{
		{"loans/L-0903/status", `{"status":"payingBack"}`, 200},
		{"loans/L-0903/status", `{"status":"raised"}`, 409},
		{"loans/L-0903/status?force=1", `{"status":"raised"}`, 200},
		{"loans/L-0903/status?force=1", `{"status":"lost"}`, 409},
		{"loans/L-0904/status", `{"status":"ended"}`, 200},
		{"loans/L-0904/status", `{"status":"payingBack"}`, 409},
		{"loans/L-9999/status", `{"status":"ended"}`, 404},
		{"loans/L-0906/status", `{`, 400},
		{"loans/advance?status=ended", ``, 409},
		{"loans/advance", ``, 409},
	} {
		if r := p.step("POST", tt.path, tt.body); r.status != tt.status {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, r.status, r.body)
		}
	}
	p.step("POST", "loans/advance?status=payingBack", "").want(200)
	for id, want := range map[string]string{
		"L-0901": "payingBack", "L-0903": "payingBack", "L-0904": "ended", "L-0906": "issue", "L-0871": "payingBack",
	} {
		loan := p.api("GET", "loans?query="+id, "").want(200).object()["data"].([]any)[0].(map[string]any)
		if loan["status"] != want {
			t.Errorf("%s is %v, want %s", id, loan["status"], want)
		}
		if loan["ended_time"] == nil && want == "ended" {
			t.Errorf("%s has no time", id)
		}
	}
}

func TestAddLoan(t *testing.T) {
	p := start(t, Options{})
	p.step("POST", "loans", `{"internal_loan_id":"L-1042","status":"raised","loan_currency":"UGX","loan_local_price":"370000"}`).want(200)
	p.step("POST", "loans", `{"internal_loan_id":"L-1042"}`).want(409)
	p.step("POST", "loans", `{"internal_loan_id":"L-1043","status":"lost"}`).want(409)
	p.step("POST", "loans", `{}`).want(409)
	loan := p.api("GET", "loans?query=L-1042", "").want(200).object()["data"].([]any)[0].(map[string]any)
	if loan["status"] != "raised" || loan["loan_price"] != "100.00" || loan["loan_local_price"] != "370000.00" {
		t.Errorf("%v", loan)
	}
	if loan["kiva_id"] == pa2.Seed()[len(pa2.Seed())-1].KivaID || len(p.record()) != 0 {
		t.Error("a loan that wasn't sent has another's id, or counts as sent")
	}
}

func TestUploadsAsPA2ShowsThem(t *testing.T) {
	p := start(t, Options{})
	upload := func() {
		p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0801","amount":5},{"loan_id":"L-9999","amount":5}]}`).want(200)
	}
	upload()
	p.step("POST", "repayments/finalise", "").want(200)
	p.step("POST", "repayments/finalise", "").want(409)
	upload()
	var view struct {
		Period  string
		Uploads []page.UploadView
	}
	p.step("GET", "repayments", "").want(200).decode(&view)
	if len(view.Uploads) != 2 || view.Period != "2026-12" {
		t.Fatalf("%+v", view)
	}
	first, second := view.Uploads[0], view.Uploads[1]
	if first.Period != "2026-11" || !first.Finalised || first.Rows != 2 || first.Refused != 1 || len(first.Problems) != 2 {
		t.Errorf("first %+v", first)
	}
	if second.Period != "2026-12" || second.Finalised || second.ID == first.ID {
		t.Errorf("second %+v", second)
	}
}

func TestPrice(t *testing.T) {
	for _, tt := range []struct {
		local, currency, want string
	}{
		{"50000", "KES", "400"}, {"12900", "KES", "100"}, {"12900.01", "KES", "125"}, {"1", "KES", "25"},
		{"0", "KES", "0"}, {"100", "EUR", "0"}, {"999999999999", "USD", "1000000000000"},
	} {
		if got := pa2.Price(money.MustParse(tt.local), tt.currency); got.String() != tt.want {
			t.Errorf("%s %s is $%s, want %s", tt.currency, tt.local, got, tt.want)
		}
	}
}
