package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// today is the day that PA2 lives in, in these tests.
var today = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

// A partner speaks to a sandbox as a lending partner's program does, over a
// real connection.
type partner struct {
	t      *testing.T
	server *Server
	url    string
	bearer string
}

// start opens a sandbox that lives in today, and serves it.
func start(t *testing.T, o Options) *partner {
	t.Helper()
	if o.Today == nil {
		o.Today = func() time.Time { return today }
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	p := &partner{t: t, server: s, url: url}
	p.bearer = p.token(tokenRequest())["access_token"].(string)
	return p
}

func tokenRequest() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret},
		"audience": {"https://partner-api.example"},
	}
}

func (p *partner) token(form url.Values) map[string]any {
	p.t.Helper()
	r := p.send("POST", "/oauth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	return r.object()
}

// A response is an answer that was read to its end.
type response struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	err    error // of the exchange or of reading
}

// send makes a request. header holds keys and values in turn.
func (p *partner) send(method, path, body string, header ...string) response {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	return p.do(req)
}

func (p *partner) do(req *http.Request) response {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return response{t: p.t, err: err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return response{p.t, resp.StatusCode, resp.Header, data, err}
}

// api sends to the partner's part of the API with a good token.
func (p *partner) api(method, path, body string) response {
	p.t.Helper()
	return p.send(method, "/v3/partner/145/"+path, body,
		"Authorization", "Bearer "+p.bearer, "Content-Type", "application/json; charset=utf-8")
}

// step takes a step in PA2.
func (p *partner) step(method, path, body string) response {
	p.t.Helper()
	return p.send(method, "/pa2/"+path, body)
}

// want fails the test unless the answer has the status.
func (r response) want(status int) response {
	r.t.Helper()
	if r.err != nil || r.status != status {
		r.t.Fatalf("status %d (%v), want %d: %s", r.status, r.err, status, r.body)
	}
	return r
}

func (r response) decode(v any) {
	r.t.Helper()
	if r.err != nil {
		r.t.Fatal(r.err)
	}
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		r.t.Fatalf("%v in %d %s", err, r.status, r.body)
	}
}

func (r response) object() (m map[string]any) {
	r.t.Helper()
	r.decode(&m)
	return m
}

func (p *partner) record() []Entry {
	p.t.Helper()
	entries, err := p.server.Record()
	if err != nil {
		p.t.Fatal(err)
	}
	return entries
}

// requests returns how many requests of the endpoint had the status.
func (p *partner) requests(endpoint string, status int) int {
	p.t.Helper()
	counts, err := p.server.Requests()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range counts {
		if c.Endpoint == endpoint && c.Status == status {
			return c.N
		}
	}
	return 0
}

func TestMonth(t *testing.T) {
	p := start(t, Options{Dir: t.TempDir()})
	uuid := p.api("POST", "loan_draft", goodDraft).want(200).object()["loan_draft_uuid"].(string)

	listed := func() string { return string(p.api("GET", "loans?query=LOAN/12/2026", "").want(200).body) }
	if !strings.HasPrefix(listed(), `{"total_records":0,"data":[]}`) {
		t.Errorf("a draft is listed: %s", listed())
	}
	p.step("POST", "drafts/"+uuid+"/publish", "").want(200)
	if code := p.step("POST", "drafts/"+uuid+"/publish", "").want(409).object()["code"]; code != "api.error.conflict" {
		t.Errorf("published again: %v", code)
	}
	var drafts []page.DraftView
	if p.step("GET", "drafts", "").want(200).decode(&drafts); !strings.Contains(listed(), drafts[0].KivaID) || drafts[0].KivaID == "" {
		t.Errorf("published as %q", drafts[0].KivaID)
	}
	if !strings.Contains(listed(), `"internal_loan_id":"LOAN/12/2026"`) || !strings.Contains(listed(), `"status":"inactive"`) {
		t.Errorf("a published draft isn't listed: %s", listed())
	}

	journal := `{"journals":[{"internal_loan_id":"LOAN/12/2026","subject":"A cowshed","body":"It stands."}]}`
	p.api("POST", "journals", journal).want(400)
	p.step("POST", "loans/LOAN%2F12%2F2026/status", `{"status":"payingBack"}`).want(409)
	for _, s := range []string{"reviewed", "fundRaising", "raised", "payingBack"} {
		p.step("POST", "loans/LOAN%2F12%2F2026/status", `{"status":"`+s+`"}`).want(200)
	}

	archive := p.api("POST", "journals", journal).want(200).object()
	confirm := archive["confirm_url"].(string)
	if want := p.url + "/pa2/journals/" + archive["archive_id"].(string); confirm != want {
		t.Errorf("confirm_url %s, want %s", confirm, want)
	}
	p.step("POST", strings.TrimPrefix(confirm, p.url+"/pa2/")+"/confirm", "").want(200)
	p.step("POST", strings.TrimPrefix(confirm, p.url+"/pa2/")+"/confirm", "").want(409)

	rows := `{"repayments":[{"loan_id":"LOAN/12/2026","client_id":"00884","amount":1000.50}]}`
	p.step("POST", "repayments/finalise", "").want(409)
	p.api("POST", "repayments", rows).want(200)
	if got := p.step("POST", "repayments/finalise", "").want(200).object()["finalised"]; got != "2026-11" {
		t.Errorf("finalised %v", got)
	}
	if got := p.step("GET", "repayments", "").want(200).object()["period"]; got != "2026-12" {
		t.Errorf("the period after is %v", got)
	}

	var keys []string
	for _, e := range p.record() {
		keys = append(keys, e.Kind+" "+e.Key()+" "+e.Amount.String())
	}
	want := "loan_draft LOAN/12/2026 50000, journal LOAN/12/2026/A cowshed 0, repayment LOAN/12/2026/2026-11 1000.50"
	if got := strings.Join(keys, ", "); got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}

	p.step("POST", "reset", "").want(200)
	if len(p.record()) != 0 || p.requests("loan_draft", 200) != 0 || strings.Contains(listed(), "LOAN/12") {
		t.Error("something is left after a reset")
	}
}

func TestRecordCountsEverySend(t *testing.T) {
	p := start(t, Options{})
	first := p.api("POST", "loan_draft", `{"entreps":[{"loan_id":"L-1"}]}`).want(200)
	second := p.api("POST", "loan_draft", `{"entreps":[{"loan_id":"L-1"}]}`).want(200)
	rec := p.record()
	if len(rec) != 2 || rec[0].Key() != "L-1" || rec[1].Key() != "L-1" || rec[0].Digest != rec[1].Digest || rec[0].Batch == rec[1].Batch {
		t.Errorf("two equal drafts are recorded as %+v", rec)
	}
	if rec[0].Request != first.header.Get("X-Request-Id") || rec[1].Request != second.header.Get("X-Request-Id") {
		t.Error("the record doesn't name the requests")
	}
	if rec[0].Digest != pa2.Digest([]byte(`{"entreps":[{"loan_id":"L-1"}]}`)) {
		t.Error("the digest isn't the body's")
	}
	p.api("POST", "loan_draft", `{`).want(400)
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0801","client_id":"00801","amount":1},{"loan_id":"L-0999","amount":1}]}`).want(200)
	if got := len(p.record()); got != 3 {
		t.Errorf("%d entries; a refused draft or a refused row counts", got)
	}
	if p.requests("loan_draft", 200) != 2 || p.requests("loan_draft", 400) != 1 || p.requests("token", 200) != 1 {
		t.Error("the requests are counted wrongly")
	}
	if n := p.requests("pa2", 200) + p.requests("other", 404); n != 0 {
		t.Errorf("%d requests of people are counted", n)
	}
	p.send("GET", "/elsewhere", "").want(404)
	if p.requests("other", 404) != 1 {
		t.Error("a request to nowhere isn't counted")
	}
}

func TestSaysThatItIsASimulation(t *testing.T) {
	p := start(t, Options{})
	for _, path := range []string{"/oauth/token", "/v3/partner/145/loans", "/pa2/record", "/nowhere"} {
		if p.send("GET", path, "").header.Get("X-Kivaform-Sandbox") != "simulation" {
			t.Errorf("%s doesn't say so", path)
		}
	}
}

func TestServeOnLoopbackOnly(t *testing.T) {
	s, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := s.Start("0.0.0.0:0")
	if err != nil {
		t.Skip(err)
	}
	if err := stop(); err == nil {
		t.Errorf("served on %s", url)
	}
}

func TestStopEndsRequestsInFlight(t *testing.T) {
	s, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.AddFault(mustFault(t, "timeout-after:token"))
	url, stop, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &partner{t: t, server: s, url: url}
	done := make(chan response, 1)
	go func() { done <- p.send("POST", "/oauth/token", "") }()
	for p.requests("token", 0) == 0 {
		time.Sleep(time.Millisecond)
	}
	begun := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if r := <-done; r.err == nil {
		t.Errorf("answered %d", r.status)
	}
	if took := time.Since(begun); took > stopTime {
		t.Errorf("took %s", took)
	}
	if err := stop(); err != nil {
		t.Errorf("stopped again: %v", err)
	}
}

func TestLatency(t *testing.T) {
	p := start(t, Options{Latency: 30 * time.Millisecond})
	begun := time.Now()
	p.api("GET", "loans", "").want(200)
	if took := time.Since(begun); took < 30*time.Millisecond {
		t.Errorf("took %s", took)
	}
}
