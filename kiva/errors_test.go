package kiva

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestErrorText(t *testing.T) {
	cases := []struct {
		status     int
		body, want string
	}{
		{400, `{"code":"validation.failed","message":"location is not known"}`, "POST loan_draft: 400: validation.failed: location is not known"},
		{400, `[{"code":"validation.failed","message":"no"}]`, "POST loan_draft: 400: validation.failed: no"},
		{400, `{"error":"invalid_request","error_description":"no location"}`, "POST loan_draft: 400: invalid_request: no location"},
		{400, `{"error":{"code":7,"message":"no"}}`, "POST loan_draft: 400: 7: no"},
		{400, `{"title":"Bad","detail":"no"}`, "POST loan_draft: 400: Bad: no"},
		{400, `{"errors":["a","b"]}`, "POST loan_draft: 400: a; b"},
		{400, `{"message":"no","errors":[{"field":"location","defaultMessage":"unknown"},{"message":"late"}]}`, "POST loan_draft: 400: no; location: unknown; late"},
		{400, `{"errors":{"location":["unknown","long"],"currency":"missing"}}`, "POST loan_draft: 400: location: unknown; location: long; currency: missing"},
		{400, `{"code":null,"message":null}`, `POST loan_draft: 400: {"code":null,"message":null}`},
		{400, "{\"message\":\"a\\n\\u001b[31mb\\u202ec\"}", "POST loan_draft: 400: a [31mb c"},
		{502, "<html>\n<body>\tBad \x1b[1mGateway\x00", "POST loan_draft: 502: <html> <body> Bad [1mGateway"},
		{502, "", "POST loan_draft: 502: empty answer"},
		{502, strings.Repeat("é", 300), "POST loan_draft: 502: " + strings.Repeat("é", 199) + "…"},
		{500, `{"message":"you sent t0ken"}`, "POST loan_draft: 500: you sent [token]"},
		{500, `you sent t0ken`, "POST loan_draft: 500: you sent [token]"},
		{200, `{"code":"api.failure","message":"no"}`, "POST loan_draft: 200: api.failure: no: the answer doesn't say what became of the request"},
		{200, `<p>`, "POST loan_draft: 200: the answer is not JSON: <p>"},
	}
	for _, c := range cases {
		_, err := newClient(t, newRecorder(t, answers(c.status, c.body)).base()).CreateLoanDraft(t.Context(), LoanDraft{})
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if e, ok := errors.AsType[*Error](err); !ok || strings.Contains(e.Body+fmt.Sprintf("%+v", *e), "t0ken") {
			t.Errorf("%#v", err)
		}
	}
}

func TestErrorWithoutAnswer(t *testing.T) {
	_, err := newClient(t, "http://127.0.0.1", func(o *Options) { o.DialContext = noSuchHost }).CreateLoanDraft(t.Context(), LoanDraft{})
	if want := "POST loan_draft: lookup kiva.invalid: no such host"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestErrorKeepsTheAnswer(t *testing.T) {
	body := strings.Repeat("é", 1<<20)
	server := newRecorder(t, answers(422, body, "X-Request-Id", "r-1", "Retry-After", "3"))
	_, err := newClient(t, server.base()).CreateLoanDraft(t.Context(), LoanDraft{})
	e, ok := errors.AsType[*Error](fmt.Errorf("loan L-1: %w", err))
	if !ok || e.Status != 422 || e.RequestID != "r-1" || e.RetryAfter != 3*time.Second || e.Op != "POST loan_draft" || e.Err != nil {
		t.Fatalf("%#v", err)
	}
	if !strings.HasPrefix(body, e.Body) || len(e.Body) != 2048 {
		t.Errorf("the body has %d bytes", len(e.Body))
	}
}

func TestOutcomeOf(t *testing.T) {
	wrapped := fmt.Errorf("loan L-1: %w", &Error{Outcome: Throttled})
	for _, c := range []struct {
		err  error
		want Outcome
	}{{nil, Accepted}, {wrapped, Throttled}, {io.EOF, NotSent}} {
		if got := OutcomeOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		wait time.Duration
		ok   bool
	}{
		"":                              {0, false},
		"soon":                          {0, false},
		"-1":                            {0, false},
		"1.5":                           {0, false},
		"0":                             {0, true},
		" 90 ":                          {90 * time.Second, true},
		"86401":                         {24 * time.Hour, true},
		"99999999999999999999":          {24 * time.Hour, true},
		"Fri, 20 Nov 2026 12:00:30 GMT": {30 * time.Second, true},
		"Fri, 20 Nov 2026 11:00:00 GMT": {0, true},
		"Fri, 20 Nov 2099 11:00:00 GMT": {24 * time.Hour, true},
	}
	for s, c := range cases {
		wait, ok := retryAfter(http.Header{"Retry-After": {s}}, now)
		if wait != c.wait || ok != c.ok {
			t.Errorf("%q: %v, %v", s, wait, ok)
		}
	}
}
