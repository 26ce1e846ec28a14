package public

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/kiva/sandbox"
)

// api serves what answer writes, and keeps the requests.
type api struct {
	url string

	mu   sync.Mutex
	asks []string
}

func serve(t *testing.T, answer func(n int, r *http.Request, w http.ResponseWriter)) *api {
	t.Helper()
	a := &api{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asks = append(a.asks, r.URL.RequestURI())
		n := len(a.asks)
		a.mu.Unlock()
		answer(n, r, w)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// client keeps no connection open: in a bubble of its own time, waiting for one
// would stop the clock.
func (a *api) client(t *testing.T) *Client {
	return client(t, Options{BaseURL: a.url, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
}

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for base, ok := range map[string]bool{
		"": true, "https://api.example": true, "https://api.example/": true, "http://127.0.0.1:1": true, "http://localhost:1": true,
		"http://api.example": false, "api.example": false, "https://u:p@api.example": false, "https://api.example?x": false,
	} {
		if _, err := New(Options{BaseURL: base}); (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
	}
	for id, ok := range map[string]bool{
		"org.kiva.build": true, "com.foo.myGreatApplication": true, "a.b-c.de": true, "org.abc": false, "orgkivabuild": false,
		"org.kiva.bu ld": false, "org..kiva": false, ".org.kiva": false, "org.kíva.app": false,
	} {
		if err := CheckAppID(id); (err == nil) != ok {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := New(Options{AppID: id}); (err == nil) != ok {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A loan as a third party's captured answers show it.
const loanAnswer = `{"loans":[{"id":2930,"name":"Amina","description":{"languages":["en"],"texts":{}},"status":"in_repayment",
"funded_amount":500,"paid_amount":null,"loan_amount":"500.00","image":{"id":1,"template_id":1},"activity":"Dairy","sector":"Agriculture",
"use":"to buy a cow","location":{"country_code":"KE","country":"Kenya","town":null,"geo":{"pairs":"1 2"}},"partner_id":6,
"posted_date":"2026-01-30T07:29:24Z","funded_date":null,"borrowers":[{"first_name":"Amina","last_name":"","gender":"F","pictured":true}],
"terms":{"disbursal_date":"2026-01-20T08:00:00Z","disbursal_currency":"KES","disbursal_amount":60000.5,"loan_amount":500,
"local_payments":[{"due_date":"2026-03-01T08:00:00Z","amount":1},{"due_date":"2026-07-01T07:00:00Z","amount":2.25},{"due_date":"2026-08-01T00:00:00-07:00","amount":3}],
"loss_liability":{"nonpayment":"lender","currency_exchange":"none","currency_exchange_coverage_rate":null}},
"payments":[{"amount":20.83,"local_amount":2500,"processed_date":"2026-04-16T07:00:00Z","settlement_date":"2026-04-17T07:00:00Z","payment_id":77,"currency_exchange_loss_amount":0.123456,"comment":null}],
"journal_totals":{"entries":3,"bulkEntries":1},"delinquent":null,"new_field":{"x":1}}]}`

func TestLoan(t *testing.T) {
	a := serve(t, func(_ int, _ *http.Request, w http.ResponseWriter) { fmt.Fprint(w, loanAnswer) })
	loans, err := a.client(t).Loans(t.Context(), "2930")
	if err != nil || len(loans) != 1 {
		t.Fatal(loans, err)
	}
	l := loans[0]
	var days []Day
	for _, i := range l.Terms.LocalPayments {
		days = append(days, i.DueDate)
	}
	if !slices.Equal(days, []Day{"2026-03-01", "2026-07-01", "2026-08-01"}) || l.Terms.DisbursalDate != "2026-01-20" {
		t.Errorf("days %v, %v", days, l.Terms.DisbursalDate)
	}
	if l.ID != "2930" || l.PartnerID != "6" || l.Location.Town != "" || l.LoanAmount.String() != "500" || l.PaidAmount.Known || !l.FundedAmount.Known ||
		l.Terms.DisbursalAmount.String() != "60000.50" || !l.FundedDate.IsZero() || l.PostedDate.IsZero() || bool(l.Delinquent) {
		t.Errorf("%+v", l)
	}
	p := l.Payments[0]
	if p.ID != "77" || p.Amount.String() != "20.83" || p.LocalAmount.String() != "2500" || p.SettlementDate != "2026-04-17" || l.JournalTotals.Entries != 3 {
		t.Errorf("%+v", p)
	}
	if data, err := json.Marshal(l); err != nil || !strings.Contains(string(data), `"paid_amount":null`) || !strings.Contains(string(data), `"due_date":"2026-03-01"`) {
		t.Errorf("%s %v", data, err)
	}
}

func TestLoansInBatches(t *testing.T) {
	a := serve(t, func(_ int, r *http.Request, w http.ResponseWriter) {
		if strings.Contains(r.URL.Path, "/1000.") { // the last one alone: unknown
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"code":"org.kiva.InvalidIdentifier","message":"no"}`)
			return
		}
		fmt.Fprint(w, `{"loans":[{"id":1}]}`)
	})
	var ids []string
	for n := 800; n <= 1000; n++ {
		ids = append(ids, fmt.Sprint(n))
	}
	loans, err := client(t, Options{BaseURL: a.url, AppID: "org.example.app"}).Loans(t.Context(), ids...)
	if err != nil || len(loans) != 2 || len(a.asks) != 3 {
		t.Errorf("%d loans, %v, %d requests", len(loans), err, len(a.asks))
	}
	if want := "/v1/loans/1000.json?app_id=org.example.app"; a.asks[2] != want {
		t.Errorf("asked %s", a.asks[2])
	}
	for _, bad := range []string{"../my/account", "1,2", "", "-1"} {
		if _, err := a.client(t).Loans(t.Context(), bad); err == nil {
			t.Errorf("%q was asked for", bad)
		}
	}
}

// Pages are as long as the answers say, and a list may change meanwhile.
func TestPaging(t *testing.T) {
	pages := []string{
		`{"paging":{"page":1,"total":5,"page_size":3,"pages":2},"loans":[{"id":1},{"id":2},{"id":3}]}`,
		`{"paging":{"page":2,"total":5,"page_size":2,"pages":3},"loans":[{"id":3},{"id":4}]}`,
		`{"paging":{"page":3,"total":5,"page_size":2,"pages":3},"loans":[{"id":5}]}`,
	}
	a := serve(t, func(n int, _ *http.Request, w http.ResponseWriter) { fmt.Fprint(w, pages[n-1]) })
	var ids []string
	for l, err := range a.client(t).Search(t.Context(), Query{Status: "fundraising", Text: "a b"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, string(l.ID))
	}
	if got := strings.Join(ids, " "); got != "1 2 3 4 5" {
		t.Errorf("loans %s", got)
	}
	if want := "/v1/loans/search.json?page=2&q=a+b&status=fundraising"; a.asks[1] != want {
		t.Errorf("asked %s", a.asks[1])
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status      int
		header      string // Retry-After
		body        string
		code, says  string
		tries, wait int // requests, and seconds at least
	}{
		{404, "", `{"code":"org.kiva.InvalidResource","message":"no such\u001b[31m"}`, CodeInvalidResource, "404 Not Found: no such [31m", 1, 0},
		{403, "", `{"code":"org.kiva.RateLimitExceeded","message":"slow down"}`, CodeRateLimitExceeded, "ten minutes", 1, 0},
		{403, "5", `{"code":"org.kiva.RateLimitExceeded","message":"slow down"}`, CodeRateLimitExceeded, "come back in 5s", 4, 15},
		{503, "7", `{"code":"org.kiva.ServerMaintenance","message":"soon"}`, CodeServerMaintenance, "soon", 4, 21},
		{502, "", `<html>`, "", "502 Bad Gateway", 4, 0},
		{401, "", ``, "", "401", 1, 0},
		{302, "", ``, "", "302", 1, 0},
		{200, "", `<html>`, "", "can't be read", 1, 0},
	} {
		a := serve(t, func(_ int, _ *http.Request, w http.ResponseWriter) {
			w.Header().Set("Retry-After", tt.header)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			_, err := a.client(t).Updates(t.Context(), "1")
			var e *Error
			if !errors.As(err, &e) || e.Code != tt.code || !strings.Contains(err.Error(), tt.says) || e.Op != "GET loans/1/updates" {
				t.Errorf("%d: %v", tt.status, err)
			}
			if len(a.asks) != tt.tries || time.Since(begin) < time.Duration(tt.wait)*time.Second {
				t.Errorf("%d: %d requests in %v", tt.status, len(a.asks), time.Since(begin))
			}
		})
	}
}

func TestComesBack(t *testing.T) {
	a := serve(t, func(n int, _ *http.Request, w http.ResponseWriter) {
		if n < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"loan_updates":[{"update_type":"payment","payment":{"payment_id":1}}]}`)
	})
	synctest.Test(t, func(t *testing.T) {
		updates, err := a.client(t).Updates(t.Context(), "1")
		if err != nil || len(updates) != 1 || updates[0].Payment.ID != "1" {
			t.Errorf("%+v, %v", updates, err)
		}
	})
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace{perMinute: 60}
		begin := time.Now()
		var times []time.Duration
		for range 150 {
			if err := p.waitTurn(t.Context()); err != nil {
				t.Fatal(err)
			}
			times = append(times, time.Since(begin))
		}
		for i := 60; i < len(times); i++ {
			if times[i]-times[i-60] < time.Minute {
				t.Fatalf("61 requests in %v", times[i]-times[i-60])
			}
		}
		if last := times[149]; last != 2*time.Minute {
			t.Errorf("150 requests took %v", last)
		}
		p.learnLimit(http.Header{"X-Ratelimit-Overall-Remaining": {"0"}})
		before := time.Now()
		p.waitTurn(t.Context())
		if d := time.Since(before); d != time.Minute {
			t.Errorf("waited %v", d)
		}
	})
}

func TestDay(t *testing.T) {
	for text, want := range map[string]Day{
		`"2026-01-01T08:00:00Z"`: "2026-01-01", `"2026-07-01T07:00:00Z"`: "2026-07-01", `"2026-07-01"`: "2026-07-01",
		`null`: "", `""`: "", `5`: "", `"2026-13-01T08:00:00Z"`: "", `"yesterday at noon"`: "",
	} {
		d := Day("before")
		if err := json.Unmarshal([]byte(text), &d); err != nil && text != "null" || text != "null" && d != want {
			t.Errorf("%s: %q, %v", text, d, err)
		}
	}
}

// Those who show no name have no id either: they aren't one and the same.
func TestLoanLenders(t *testing.T) {
	pages := []string{
		`{"paging":{"page":1,"total":5,"page_size":3,"pages":2},"lenders":[{"lender_id":"amina","name":"Amina","whereabouts":"Köln","country_code":"DE","uid":"amina"},{"name":"Anonymous"},{"name":"Anonymous","lender_id":null}]}`,
		`{"paging":{"page":2,"total":5,"page_size":3,"pages":2},"lenders":[{"lender_id":"amina","name":"Amina"},{"lender_id":77,"name":"Joan","new_field":{}}]}`,
	}
	a := serve(t, func(n int, _ *http.Request, w http.ResponseWriter) { fmt.Fprint(w, pages[n-1]) })
	var lenders []Lender
	for l, err := range a.client(t).LoanLenders(t.Context(), "2930") {
		if err != nil {
			t.Fatal(err)
		}
		lenders = append(lenders, l)
	}
	if want := []Lender{{"amina", "Amina", "Köln", "DE"}, {Name: "Anonymous"}, {Name: "Anonymous"}, {ID: "77", Name: "Joan"}}; !slices.Equal(lenders, want) {
		t.Errorf("%+v", lenders)
	}
	if want := []string{"/v1/loans/2930/lenders.json?page=1", "/v1/loans/2930/lenders.json?page=2"}; !slices.Equal(a.asks, want) {
		t.Errorf("asked %q", a.asks)
	}
	for l, err := range a.client(t).LoanLenders(t.Context(), "../my/account") {
		if err == nil || len(a.asks) != 2 {
			t.Errorf("%+v, %v; asked %q", l, err, a.asks)
		}
	}
}

// Kiva answers 404 where it knows none of those that are asked for at a time.
func TestLenders(t *testing.T) {
	a := serve(t, func(n int, _ *http.Request, w http.ResponseWriter) {
		if n == 2 {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"lenders":[{"lender_id":"of%d","name":"Joan"}]}`, n)
	})
	ids := []string{"a/b,c?d"}
	for n := range 2 * maxLenders {
		ids = append(ids, fmt.Sprint("l", n))
	}
	lenders, err := a.client(t).Lenders(t.Context(), ids...)
	if want := []Lender{{ID: "of1", Name: "Joan"}, {ID: "of3", Name: "Joan"}}; err != nil || !slices.Equal(lenders, want) {
		t.Errorf("%+v, %v", lenders, err)
	}
	if len(a.asks) != 3 || !strings.HasPrefix(a.asks[0], "/v1/lenders/a%2Fb%2Cc%3Fd,l0,") || a.asks[2] != "/v1/lenders/l99.json" {
		t.Errorf("asked %q", a.asks)
	}
	for i, ask := range a.asks {
		if n := strings.Count(ask, ",") + 1; n > 50 {
			t.Errorf("request %d asks for %d lenders", i, n)
		}
	}
	if _, err := a.client(t).Lenders(t.Context()); err != nil || len(a.asks) != 3 {
		t.Errorf("nobody was asked for: %v; asked %q", err, a.asks)
	}
	refused := serve(t, func(_ int, _ *http.Request, w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) })
	if lenders, err := refused.client(t).Lenders(t.Context(), "amina"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%+v, %v", lenders, err)
	}
}

// signing is a transport that holds a secret.
type signing struct{ secret string }

func (signing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network here")
}

// Whatever prints a client, with whichever verb, tells no secret of it.
func TestFormat(t *testing.T) {
	c := client(t, Options{BaseURL: "https://api.example", HTTP: &http.Client{Transport: signing{"s3cret"}}})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		if got, want := fmt.Sprintf(verb, c), "public API at https://api.example"; got != want {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

// The sandbox and the client understand each other.
func TestSandbox(t *testing.T) {
	s, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	c := client(t, Options{BaseURL: server.URL})
	n := 0
	for l, err := range c.Search(t.Context(), Query{Status: "in_repayment"}) {
		if err != nil || l.ID == "" || l.Status != "in_repayment" || !l.LoanAmount.Known {
			t.Fatalf("%+v, %v", l, err)
		}
		n++
	}
	if n != 46 {
		t.Errorf("%d loans", n)
	}
	loans, err := c.Loans(t.Context(), "2871001", "2871002", "1")
	if err != nil || len(loans) != 2 || loans[0].Terms.DisbursalCurrency != "KES" {
		t.Errorf("%+v, %v", loans, err)
	}
	for p, err := range c.Partners(t.Context()) {
		if err != nil || p.ID != sandbox.PartnerID || p.StartDate != "2011-03-02" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	for j, err := range c.Journals(t.Context(), "2871001") {
		t.Errorf("%+v, %v", j, err)
	}
	for _, err := range c.Journals(t.Context(), "1") {
		if e := (*Error)(nil); !errors.As(err, &e) || e.Code != CodeInvalidIdentifier || !e.NotFound() {
			t.Errorf("an unknown loan: %v", err)
		}
	}
	if _, err := c.Account(t.Context()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("unsigned: %v", err)
	}
}
