package kiva

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The scopes of the Partner API. Source: Kiva's page "API authentication".
const (
	ScopeReadLoans       = "read:loans"
	ScopeCreateLoanDraft = "create:loan_draft"
	ScopeCreateJournal   = "create:journal_update"
	ScopeCreateRepayment = "create:repayment"
)

// MaxRepayments is how many rows one upload may have. Source: report_payments.md.
const MaxRepayments = 300

// ErrNoNewToken says that a refused token was not replaced by another.
var ErrNoNewToken = errors.New("no other token can be had")

// An Error is a failed exchange with the Partner API. Its texts hold neither
// the token nor characters that would steer a terminal, except Body, which is
// as it came but for the token.
type Error struct {
	Op         string        // "POST loan_draft"
	Outcome    Outcome       // how a write ended; "" for a read
	Status     int           // HTTP status; 0 where no answer came
	Code       string        // Kiva's code, if the body has one
	Message    string        // Kiva's message, if the body has one
	RetryAfter time.Duration // as the answer asks, at most a day; 0 where it doesn't
	RequestID  string        // as Kiva's answer names it, if it does
	Body       string        // at most 2 KiB of the raw body
	Err        error         // the cause, where it isn't the answer itself

	again bool // a read may be tried again
}

// Error returns one line: operation, status, code, message and cause, or a
// short piece of the body where Kiva gave no code and no message.
func (e *Error) Error() string {
	parts := []string{e.Op}
	if e.Status != 0 {
		parts = append(parts, strconv.Itoa(e.Status))
	}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.Status != 0 && e.Code == "" && e.Message == "" {
		parts = append(parts, e.excerpt())
	}
	return strings.Join(parts, ": ")
}

func (e *Error) excerpt() string {
	if s := singleLine(e.Body, 200); s != "" {
		return s
	}
	return "empty answer"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// failure is the error of a request for which there is no answer to show.
func (r request) failure(outcome Outcome, cause error) *Error {
	e := &Error{Op: r.method() + " " + r.op, Err: cause}
	if r.isWrite() {
		e.Outcome = outcome
	}
	return e
}

// answered is the error of a request that was answered, for a reason that the
// answer gives or, if it isn't nil, the cause.
func (r request) answered(a answer, outcome Outcome, cause error) *Error {
	e := r.failure(outcome, cause)
	e.Status = a.status
	e.RetryAfter, _ = retryAfter(a.header, time.Now())
	e.RequestID = a.requestID()
	code, message := readComplaint(a.body)
	e.Code, e.Message = singleLine(a.redact(code), 200), singleLine(a.redact(message), 1000)
	const shown = 2 << 10
	body := a.redact(string(a.body[:min(len(a.body), 2*shown)])) // a token at the cut is known by its piece
	e.Body = strings.ToValidUTF8(body[:min(len(body), shown)], "")
	if location := a.header.Get("Location"); cause == nil && a.status >= 300 && a.status <= 399 {
		e.Err = fmt.Errorf("redirected to %q", a.redact(location))
	}
	switch a.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.again = true
	}
	return e
}

// redact takes out a token that the server sent back, whole or cut, in any usual
// form.
func (a answer) redact(s string) string {
	if a.token != "" {
		s = strings.ReplaceAll(s, a.token, "[token]")
	}
	return a.secrets.Redact(s)
}

// requestID returns the server's name for a request. No document of Kiva names
// such a header; these are the usual ones.
func (a answer) requestID() string {
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "X-Amzn-Requestid", "X-Amzn-Trace-Id"} {
		if id := a.header.Get(name); id != "" {
			return singleLine(a.redact(id), 128)
		}
	}
	return ""
}

// retryAfter reads the Retry-After header: seconds or a date. It reports false
// where there is none that can be read.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	const day = 24 * time.Hour
	s := strings.TrimSpace(h.Get("Retry-After"))
	if isDigits(s) {
		seconds, err := strconv.Atoi(s)
		if err != nil || seconds > int(day.Seconds()) {
			return day, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), day), true
}

// singleLine makes one line of at most limit characters of s, without control
// characters and without those that reverse the direction of a line.
func singleLine(s string, limit int) string {
	s = strings.ToValidUTF8(s[:min(len(s), 8*limit)], "")
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return ' '
		}
		return c
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}
