package public

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxAnswer = 16 << 20 // bytes
	maxTries  = 4
	patience  = 3 * time.Minute // from the first attempt on; no attempt starts later
)

// Known codes of Kiva's errors.
const (
	CodeInvalidResource    = "org.kiva.InvalidResource"
	CodeInvalidIdentifier  = "org.kiva.InvalidIdentifier"
	CodeInvalidCredentials = "org.kiva.InvalidCredentials" // #nosec G101 -- the name of an error
	CodeRateLimitExceeded  = "org.kiva.RateLimitExceeded"
	CodeServerMaintenance  = "org.kiva.ServerMaintenance"
)

// An Error is a failed request to the public API.
type Error struct {
	Op         string        // "GET loans/1"
	Status     int           // HTTP status; 0 for no answer
	Code       string        // Kiva's code, if the body has one
	Message    string        // Kiva's message, if the body has one
	RetryAfter time.Duration // from the answer; 0 if it has none
	Err        error         // the cause, if it isn't the answer
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error describes the failure, with Kiva's message if there is one, and the
// remedy.
func (e *Error) Error() string {
	text := "public API: " + e.Op + ": "
	switch {
	case e.Err != nil:
		text += e.Err.Error()
	case e.Status == 0:
		text += "no answer"
	default:
		text += strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	switch {
	case e.RetryAfter > 0:
		text += fmt.Sprintf("; come back in %v", e.RetryAfter)
	case e.Code == CodeRateLimitExceeded:
		text += "; Kiva shuts an address out for about ten minutes"
	}
	return text
}

// NotFound reports whether Kiva doesn't know the resource.
func (e *Error) NotFound() bool {
	return e.Status == http.StatusNotFound || e.Code == CodeInvalidIdentifier
}

// mayRetry reports whether the same request may succeed soon. Repeating one that
// was throttled doesn't help.
func (e *Error) mayRetry() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.Status == 0 && e.Err != nil || e.Code == CodeRateLimitExceeded && e.RetryAfter > 0
}

// getJSON reads a resource as JSON, and retries passing failures.
func (c *Client) getJSON(ctx context.Context, path string, query url.Values, v any) error {
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = c.tryOnce(ctx, path, query, v)
		return struct{}{}, retryDecision(last)
	}, backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(patience))
	if err != nil && ctx.Err() == nil && last != nil {
		return last
	}
	return err
}

// retryDecision converts a failure to an error of package backoff.
func retryDecision(err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e) || !e.mayRetry():
		return backoff.Permanent(err)
	case e.RetryAfter > 0:
		return errors.Join(err, &backoff.RetryAfterError{Duration: e.RetryAfter})
	}
	return err
}

func (c *Client) tryOnce(ctx context.Context, path string, query url.Values, v any) error {
	op := "GET " + path
	if err := c.pace.waitTurn(ctx); err != nil {
		return err
	}
	req, err := c.newRequest(ctx, path, query)
	if err != nil {
		return &Error{Op: op, Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &Error{Op: op, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	c.pace.learnLimit(resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &Error{Op: op, Err: err}
	case resp.StatusCode != http.StatusOK:
		return newError(op, resp, body)
	case len(body) > maxAnswer:
		return &Error{Op: op, Status: resp.StatusCode, Err: fmt.Errorf("the answer has more than %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &Error{Op: op, Status: resp.StatusCode, Err: fmt.Errorf("the answer can't be read: %w", err)}
	}
	return nil
}

// withoutURL removes the address from an error of the transport; a signed one
// would be long.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (c *Client) newRequest(ctx context.Context, path string, query url.Values) (*http.Request, error) {
	if c.appID != "" {
		query = url.Values(http.Header(query).Clone())
		if query == nil {
			query = url.Values{}
		}
		query.Set("app_id", c.appID)
	}
	// Without the ending the answer would be HTML.
	address := c.base + "/v1/" + path + ".json"
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if c.agent != "" {
		req.Header.Set("User-Agent", c.agent)
	}
	return req, nil
}

func newError(op string, resp *http.Response, body []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	var said struct{ Code, Message Text }
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Message = cleanText(string(said.Code)), cleanText(string(said.Message))
	}
	return e
}

// retryAfter parses seconds or a date; anything else is zero.
func retryAfter(header string) time.Duration {
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(t)).Round(time.Second)
	}
	return 0
}

// cleanText reduces a server's text to one printable line.
func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300])
	}
	return strings.Join(strings.Fields(s), " ")
}
