package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func mustFault(t *testing.T, s string) Fault {
	t.Helper()
	f, err := ParseFault(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// faultTable says what a plain client sees of each kind of fault.
var faultTable = []struct {
	kind   string
	status int // 0: no answer
	stored bool
	check  func(response) bool // of what came
}{
	{"refuse", 0, false, nil},
	{"drop-before", 0, false, nil},
	{"drop-after", 0, true, nil},
	{"timeout-before", 0, false, nil},
	{"timeout-after", 0, true, nil},
	{"truncate", 200, true, func(r response) bool { return r.err != nil && len(r.body) > 0 }},
	{"garbage", 200, true, html},
	{"empty", 200, true, func(r response) bool { return len(r.body) == 0 && r.err == nil }},
	{"slow=20ms", 200, true, func(r response) bool { return strings.Contains(string(r.body), "loan_draft_uuid") }},
	{"redirect", 307, false, func(r response) bool { return strings.Contains(r.header.Get("Location"), "/elsewhere/v3/") }},
	{"redirect-after", 307, true, func(r response) bool { return r.header.Get("Location") != "" }},
	{"400", 400, false, envelopeOnly},
	{"401", 401, false, envelopeOnly},
	{"403", 403, false, envelopeOnly},
	{"404", 404, false, envelopeOnly},
	{"405", 405, false, envelopeOnly},
	{"413", 413, false, envelopeOnly},
	{"415", 415, false, envelopeOnly},
	{"422", 422, false, envelopeOnly},
	{"429", 429, false, retry},
	{"500", 500, false, envelopeOnly},
	{"502", 502, false, html},
	{"503", 503, false, envelopeOnly},
	{"503-retry", 503, false, retry},
	{"500-after", 500, true, envelopeOnly},
	{"502-after", 502, true, html},
	{"504-after", 504, true, html},
	{"503-after", 503, true, retry},
	{"cache-after", 503, true, func(r response) bool { return html(r) && r.header.Get("Retry-After") == "5" }},
	{"403-page", 403, false, html},
	{"403-after", 403, true, html},
	{"403-token", 403, false, func(r response) bool {
		return strings.Contains(r.header.Get("WWW-Authenticate"), `error="invalid_token"`)
	}},
}

func html(r response) bool {
	return strings.HasPrefix(string(r.body), "<html>") && r.header.Get("Content-Type") == "text/html"
}

func retry(r response) bool { return r.header.Get("Retry-After") == "1" }

func envelopeOnly(r response) bool {
	return r.header.Get("Retry-After") == "" && strings.Contains(string(r.body), `"code"`)
}

func TestFaults(t *testing.T) {
	for _, tt := range faultTable {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			p := start(t, Options{})
			p.server.AddFault(mustFault(t, tt.kind+":loan_draft"))
			r := p.apiFor(100*time.Millisecond, "loan_draft", goodDraft)
			if (r.status == 0) != (tt.status == 0) || r.status != tt.status || tt.status == 0 && r.err == nil {
				t.Errorf("status %d, error %v", r.status, r.err)
			}
			if tt.check != nil && !tt.check(r) {
				t.Errorf("got %v %q, error %v", r.header, r.body, r.err)
			}
			if stored := len(p.record()) == 1; stored != tt.stored {
				t.Errorf("stored is %v", stored)
			}
			if p.requests("loan_draft", tt.status) != 1 {
				t.Error("the request isn't counted")
			}
			p.api("POST", "loan_draft", goodDraft).want(200) // it wears off
		})
	}
}

// apiFor sends a draft, and waits for the answer no longer than d.
func (p *partner) apiFor(d time.Duration, path, body string) response {
	// A slow machine must not turn another fault into a timeout.
	if !strings.Contains(p.t.Name(), "timeout") {
		d = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), d)
	defer cancel()
	done := make(chan response, 1)
	go func() {
		req, _ := http.NewRequestWithContext(ctx, "POST", p.url+"/v3/partner/145/"+path, strings.NewReader(body))
		req.GetBody = nil // what can't be read again isn't sent again
		req.Header.Set("Authorization", "Bearer "+p.bearer)
		done <- p.do(req)
	}()
	return <-done
}

func TestEveryFaultIsInTheTable(t *testing.T) {
	for _, k := range faultKinds {
		if !slices.ContainsFunc(faultTable, func(row struct {
			kind   string
			status int
			stored bool
			check  func(response) bool
		}) bool {
			name, _, _ := strings.Cut(row.kind, "=")
			return name == k.name
		}) {
			t.Errorf("%s isn't tried", k.name)
		}
	}
	for i, line := range Faults() {
		if !strings.HasPrefix(line, faultKinds[i].name+" ") || !strings.HasSuffix(line, "  "+faultKinds[i].meaning) {
			t.Errorf("help says %q", line)
		}
	}
}

func TestFaultsOfEveryEndpoint(t *testing.T) {
	p := start(t, Options{})
	for endpoint, send := range map[string]func() response{
		"token": func() response {
			return p.send("POST", "/oauth/token", tokenRequest().Encode(), "Content-Type", "application/x-www-form-urlencoded")
		},
		"loans":      func() response { return p.api("GET", "loans", "") },
		"loan_draft": func() response { return p.api("POST", "loan_draft", `{}`) },
		"journals": func() response {
			return p.api("POST", "journals", `{"journals":[{"internal_loan_id":"L-0871","subject":"s","body":"b"}]}`)
		},
		"repayments": func() response {
			return p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0871","client_id":"00871","amount":1}]}`)
		},
		"config": func() response { return p.api("GET", "config/themes", "") },
	} {
		send().want(200)
		p.server.AddFault(mustFault(t, "502:"+endpoint))
		send().want(502)
		send().want(200)
		p.step("POST", "faults", `{"fault":"429:*:1"}`).want(200)
		p.send("GET", "/.well-known/jwks.json", "").want(200) // not an endpoint of Kiva's
		send().want(429)
		send().want(200)
	}
	p.step("POST", "faults", `{"fault":"nonsense"}`).want(400)
}

func TestFaultSequence(t *testing.T) {
	for _, tt := range []struct{ faults, want string }{
		{"500:config:2", "500 500 200 200"},
		{"500:config:1:2", "200 200 500 200"},
		{"500:config:*:1", "200 500 500 500"},
		{"500:config,429:config", "500 429 200 200"},
		{"500:config:1:1,429:config:2", "429 500 429 200"},
		{"500:*:2,429:loans", "500 500 200 200"},
	} {
		p := start(t, Options{})
		for f := range strings.SplitSeq(tt.faults, ",") {
			p.server.AddFault(mustFault(t, f))
		}
		var got []string
		for range 4 {
			r := p.api("GET", "config/themes", "")
			got = append(got, map[int]string{200: "200", 429: "429", 500: "500"}[r.status])
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.faults, s, tt.want)
		}
		p.step("POST", "reset", "").want(200)
		p.api("GET", "config/themes", "").want(200)
	}
}

func TestParseFault(t *testing.T) {
	for s, problem := range map[string]string{
		"drop-after:loan_draft:3": "", "429:*": "", "slow=2s:loans:*:4": "", "slow:loans": "",
		"":               "not KIND:ENDPOINT",
		"drop-after":     "not KIND:ENDPOINT",
		"a:b:c:d:e":      "not KIND:ENDPOINT",
		"dropafter:*":    `no kind "dropafter"; there are refuse, drop-before`,
		"500:drafts":     `no endpoint "drafts"; there are token, loans`,
		"500:loans:0":    "COUNT",
		"500:loans:x":    "COUNT",
		"500:loans:1:-1": "SKIP",
		"500:loans:1:*":  "SKIP",
		"500=2s:loans":   "takes no =2s",
		"slow=2:loans":   "not a duration",
		"slow=-2s:loans": "not a duration",
	} {
		_, err := ParseFault(s)
		if (err == nil) != (problem == "") || err != nil && !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", s, err, problem)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("drop-after:loan_draft:3:1")
	f.Add("slow=1s:*:*")
	f.Fuzz(func(t *testing.T, s string) {
		fault, err := ParseFault(s)
		if err == nil && (fault.kind == nil || fault.count == 0 || fault.skip < 0 || fault.delay < 0) {
			t.Errorf("%q is %+v", s, fault)
		}
	})
}

// Whoever looks whether a sandbox is there learns it at once, however long the
// answers of the API take.
func TestKeysAnswerWithoutLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{Latency: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]time.Duration{"/.well-known/jwks.json": 0, "/.well-known/openid-configuration": time.Hour} {
			began, w := time.Now(), httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
			if took := time.Since(began); took != want || w.Code != http.StatusOK {
				t.Errorf("%s: %d after %s, want %s", path, w.Code, took, want)
			}
		}
	})
}
