package kiva

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
)

// tokens is a TokenSource that gives the tokens one after the other, a new one
// at each renewal.
type tokens struct {
	mu    sync.Mutex
	left  []string
	asked error // if not nil, what Token returns
}

func someTokens(left ...string) *tokens { return &tokens{left: left} }

func (s *tokens) Token(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[0], s.asked
}

func (s *tokens) Renew(_ context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 1 {
		return "", ErrNoNewToken
	}
	s.left = s.left[1:]
	return s.left[0], nil
}

// newClient returns a client for partner 145 that is closed with the test.
func newClient(t testing.TB, base string, set ...func(*Options)) *Client {
	t.Helper()
	o := Options{BaseURL: base, PartnerID: "145", Tokens: someTokens("t0ken")}
	for _, s := range set {
		s(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A record is what a server saw of a request.
type record struct {
	method, uri, contentType, accept, authorization, body string
	length                                                int64 // as the headers tell it
}

// A recorder is a server that keeps what it saw. Its API lies below /kiva, so
// that a client that forgets the prefix fails.
type recorder struct {
	*httptest.Server
	mu   sync.Mutex
	seen []record
}

func newRecorder(t testing.TB, answer http.HandlerFunc) *recorder {
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.seen = append(r.seen, record{q.Method, q.RequestURI, q.Header.Get("Content-Type"), q.Header.Get("Accept"), q.Header.Get("Authorization"), string(body), q.ContentLength})
		r.mu.Unlock()
		answer(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) base() string { return r.URL + "/kiva/" }

func (r *recorder) records() []record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

func answers(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const success = `{"code":"api.success","message":"done"}`

func TestNewRefuses(t *testing.T) {
	good := Options{BaseURL: "https://partner-api.example", PartnerID: "145", Tokens: someTokens("t")}
	cases := map[string]struct {
		set  func(*Options)
		want string
	}{
		"no address":     {func(o *Options) { o.BaseURL = "" }, "not an address"},
		"no scheme":      {func(o *Options) { o.BaseURL = "partner-api.example" }, "not an address"},
		"control":        {func(o *Options) { o.BaseURL = "https://a\x00b" }, "invalid control character"},
		"plain http":     {func(o *Options) { o.BaseURL = "http://partner-api.example" }, "only https"},
		"not loopback":   {func(o *Options) { o.BaseURL = "http://127.0.0.1.example" }, "only https"},
		"other scheme":   {func(o *Options) { o.BaseURL = "ftp://localhost" }, "only https"},
		"query":          {func(o *Options) { o.BaseURL += "?a=b" }, "query"},
		"empty query":    {func(o *Options) { o.BaseURL += "?" }, "query"},
		"fragment":       {func(o *Options) { o.BaseURL += "#" }, "fragment"},
		"user":           {func(o *Options) { o.BaseURL = "https://u:p@partner-api.example" }, "user name"},
		"no partner":     {func(o *Options) { o.PartnerID = "" }, "Account > Profile"},
		"named partner":  {func(o *Options) { o.PartnerID = "../1" }, "Account > Profile"},
		"no tokens":      {func(o *Options) { o.Tokens = nil }, "token"},
		"journals' path": {func(o *Options) { o.JournalsPath = "x" }, "partners"},
	}
	for name, c := range cases {
		o := good
		c.set(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, base := range []string{good.BaseURL, "http://localhost:1", "http://127.9.9.9", "http://[::1]:80/a/b/"} {
		o := good
		o.BaseURL = base
		if _, err := New(o); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestWhatIsSent(t *testing.T) {
	yes := true
	draft := LoanDraft{
		ActivityID: "61", ClientWaiverSigned: &yes, Currency: "KES", Description: "Añu & <b>\u00e9</b>",
		Entreps:  []Entrep{{Amount: money.MustParse("10000000"), LoanID: "00884", FirstName: "Ana"}},
		Schedule: []Instalment{{Date: "2027-01-05", Principal: money.MustParse("0.10"), Interest: money.MustParse("750")}},
	}
	rows := []Repayment{{LoanID: "L-1", Amount: money.MustParse("12500.5")}, {LoanID: "L-2", ClientID: "C"}}
	journals := []Journal{{InternalLoanID: "L-1", Subject: "s", Body: "b"}}
	post := func(path, body string) record {
		return record{"POST", "/kiva/v3/" + path, "application/json; charset=utf-8", "application/json", "Bearer t0ken", body, int64(len(body))}
	}
	get := func(path string) record {
		return record{"GET", "/kiva/v3/partner/145/" + path, "", "application/json", "Bearer t0ken", "", 0}
	}
	cases := map[string]struct {
		call func(context.Context, *Client)
		want record
	}{
		"draft": {func(x context.Context, c *Client) { c.CreateLoanDraft(x, draft) },
			post("partner/145/loan_draft", `{"activity_id":61,"client_waiver_signed":true,"currency":"KES","description":"Añu & <b>é</b>",`+
				`"entreps":[{"amount":10000000,"first_name":"Ana","loan_id":"00884"}],"schedule":[{"date":"2027-01-05","interest":750,"principal":0.10}]}`)},
		"empty draft": {func(x context.Context, c *Client) { c.CreateLoanDraft(x, LoanDraft{}) },
			post("partner/145/loan_draft", `{"entreps":[]}`)},
		"repayments": {func(x context.Context, c *Client) { c.PostRepayments(x, rows) },
			post("partner/145/repayments", `{"repayments":[{"amount":12500.50,"loan_id":"L-1"},{"amount":0,"client_id":"C","loan_id":"L-2"}]}`)},
		"journals": {func(x context.Context, c *Client) { c.PostJournals(x, journals) },
			post("partner/145/journals", `{"journals":[{"body":"b","internal_loan_id":"L-1","subject":"s"}]}`)},
		"journals' variant": {func(x context.Context, c *Client) {
			c.options.JournalsPath, c.options.JournalsArray = "partners", true
			c.PostJournals(x, journals)
		}, post("partners/145/journals", `[{"body":"b","internal_loan_id":"L-1","subject":"s"}]`)},
		"loans": {func(x context.Context, c *Client) { c.LoanPage(x, LoanQuery{}) },
			get("loans?limit=300&offset=0")},
		"some loans": {func(x context.Context, c *Client) {
			c.LoanPage(x, LoanQuery{Query: "LOAN/1 & 2", Status: PayingBack, Offset: 40, Limit: 20})
		}, get("loans?limit=20&offset=40&query=LOAN%2F1+%26+2&status=payingBack")},
		"too many loans": {func(x context.Context, c *Client) { c.LoanPage(x, LoanQuery{Offset: -1, Limit: 3000}) },
			get("loans?limit=300&offset=0")},
		"activities": {func(x context.Context, c *Client) { c.Activities(x) }, get("config/activities")},
		"themes":     {func(x context.Context, c *Client) { c.Themes(x) }, get("config/themes")},
		"locales":    {func(x context.Context, c *Client) { c.Locales(x) }, get("config/locales")},
		"locations":  {func(x context.Context, c *Client) { c.Locations(x) }, get("config/locations")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, answers(200, success))
			c.call(t.Context(), newClient(t, server.base()))
			if diff := cmp.Diff([]record{c.want}, server.records(), cmp.AllowUnexported(record{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNothingToSend(t *testing.T) {
	server := newRecorder(t, answers(200, success))
	c := newClient(t, server.base())
	calls := map[string]func() error{
		"no journals":   func() error { _, err := c.PostJournals(t.Context(), nil); return err },
		"no rows":       func() error { _, err := c.PostRepayments(t.Context(), nil); return err },
		"too many rows": func() error { _, err := c.PostRepayments(t.Context(), make([]Repayment, 301)); return err },
		"a bad number": func() error {
			_, err := c.CreateLoanDraft(t.Context(), LoanDraft{ActivityID: "sixty"})
			return err
		},
	}
	for name, call := range calls {
		if err := call(); err == nil || OutcomeOf(err) != NotSent {
			t.Errorf("%s: %v (%s)", name, err, OutcomeOf(err))
		}
	}
	if n := len(server.records()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, err := c.PostRepayments(t.Context(), make([]Repayment, 300)); err != nil {
		t.Errorf("300 rows: %v", err)
	}
}

func TestTokenIsRenewedOnce(t *testing.T) {
	header := []string{"WWW-Authenticate", `Bearer realm="kiva", error="invalid_token"`}
	for _, status := range []int{401, 403} {
		for _, good := range []string{"first", "second", "none"} {
			server := newRecorder(t, func(w http.ResponseWriter, q *http.Request) {
				if q.Header.Get("Authorization") == "Bearer "+good {
					answers(200, `{"code":"api.success","data":[]}`)(w, q)
					return
				}
				answers(status, `{"code":"denied","message":"not with `+q.Header.Get("Authorization")+`"}`, header...)(w, q)
			})
			c := newClient(t, server.base(), func(o *Options) { o.Tokens = someTokens("first", "second", "third") })
			_, err := c.CreateLoanDraft(t.Context(), LoanDraft{})
			want := map[string]int{"first": 1, "second": 2, "none": 2}[good]
			if n := len(server.records()); n != want {
				t.Errorf("%d, %s is good: %d requests, want %d", status, good, n, want)
			}
			if good != "none" && err != nil {
				t.Errorf("%d, %s is good: %v", status, good, err)
			}
			if good == "none" && (OutcomeOf(err) != Rejected || strings.Contains(err.Error(), "second")) {
				t.Errorf("%d: %v (%s), want it rejected, without the token", status, err, OutcomeOf(err))
			}
		}
	}
}

// A 403 that doesn't speak of the token is no reason to send a body again; a list
// may be asked for again.
func TestForbiddenWriteIsNotRepeated(t *testing.T) {
	for challenge, wantWrites := range map[string]int{
		"":                                     1,
		`Bearer realm="kiva"`:                  1,
		`Basic realm="error=invalid_token"`:    1,
		`Bearer error="insufficient_scope"`:    1,
		`Bearer error="invalid_token"`:         2,
		`bearer scope="x",Error=invalid_token`: 2,
		`Bearer error = "invalid_token", error_description="ended"`: 2,
	} {
		header := []string{"X-Request-Id", "r-1"}
		if challenge != "" {
			header = append(header, "WWW-Authenticate", challenge)
		}
		server := newRecorder(t, answers(403, `{"message":"no"}`, header...))
		c := newClient(t, server.base(), func(o *Options) { o.Tokens = someTokens("first", "second", "third") })
		var told []Exchange
		ctx := TellExchanges(t.Context(), func(e Exchange) { told = append(told, e) })
		_, err := c.CreateLoanDraft(ctx, LoanDraft{})
		if n := len(server.records()); n != wantWrites || OutcomeOf(err) != Rejected {
			t.Errorf("%s: %d writes, want %d; %s", challenge, n, wantWrites, OutcomeOf(err))
		}
		if len(told) != wantWrites || told[0].Status != 403 || told[0].RequestID != "r-1" || told[0].At.IsZero() {
			t.Errorf("%s: told of %+v", challenge, told)
		}
		if c.Themes(t.Context()); len(server.records()) != wantWrites+2 && wantWrites == 1 {
			t.Errorf("%s: %d reads", challenge, len(server.records())-wantWrites)
		}
	}
}

// An exchange without an answer is told of only if a byte of it left.
func TestExchangesWithoutAnAnswer(t *testing.T) {
	base, _ := rawServer(t, readRequest)
	for base, want := range map[string]int{base: 1, "http://127.0.0.1:1": 0} {
		n := 0
		ctx := TellExchanges(t.Context(), func(e Exchange) {
			if n++; e.Status != 0 {
				t.Errorf("%+v", e)
			}
		})
		newClient(t, base).CreateLoanDraft(ctx, LoanDraft{})
		if n != want {
			t.Errorf("%s: told of %d, want %d", base, n, want)
		}
	}
}

func TestTokenCannotBeRenewed(t *testing.T) {
	server := newRecorder(t, answers(401, ""))
	c := newClient(t, server.base())
	_, err := c.CreateLoanDraft(t.Context(), LoanDraft{})
	if OutcomeOf(err) != Rejected || !errors.Is(err, ErrNoNewToken) || len(server.records()) != 1 {
		t.Errorf("write: %v (%s), %d requests", err, OutcomeOf(err), len(server.records()))
	}
	_, err = c.Themes(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 401 || e.Outcome != "" || !errors.Is(err, ErrNoNewToken) {
		t.Errorf("read: %#v", err)
	}
}

func TestNoToken(t *testing.T) {
	server := newRecorder(t, answers(200, success))
	none := errors.New("no credentials")
	c := newClient(t, server.base(), func(o *Options) { o.Tokens = &tokens{left: []string{""}, asked: none} })
	_, err := c.CreateLoanDraft(t.Context(), LoanDraft{})
	if OutcomeOf(err) != NotSent || !errors.Is(err, none) || len(server.records()) != 0 {
		t.Errorf("%v (%s), %d requests", err, OutcomeOf(err), len(server.records()))
	}
}

// quiet is for servers whose clients are meant to fail.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
