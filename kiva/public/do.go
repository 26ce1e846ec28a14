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
	patience  = 3 * time.Minute // from the first try on; nothing is begun later
)

// The codes of Kiva's errors that are known.
const (
	CodeInvalidResource    = "org.kiva.InvalidResource"
	CodeInvalidIdentifier  = "org.kiva.InvalidIdentifier"
	CodeInvalidCredentials = "org.kiva.InvalidCredentials" // #nosec G101 -- the name of an error
	CodeRateLimitExceeded  = "org.kiva.RateLimitExceeded"
	CodeServerMaintenance  = "org.kiva.ServerMaintenance"
)

// An Error is a failed exchange with the public API.
type Error struct {
	Op         string        // "GET loans/1"
	Status     int           // HTTP status; 0 where no answer came
	Code       string        // Kiva's code, if the body has one
	Message    string        // Kiva's message, if the body has one
	RetryAfter time.Duration // as the answer asks; 0 where it doesn't
	Err        error         // the cause, where it isn't the answer itself
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error names the failure, in Kiva's words if it gave any, and the remedy.
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

// NotFound reports whether Kiva says that there is no such thing.
func (e *Error) NotFound() bool {
	return e.Status == http.StatusNotFound || e.Code == CodeInvalidIdentifier
}

// passing reports whether the same request may succeed soon. Who was shut out
// for asking too often isn't let in by asking again.
func (e *Error) passing() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.Status == 0 && e.Err != nil || e.Code == CodeRateLimitExceeded && e.RetryAfter > 0
}

// get reads one resource as JSON, and tries again where that may help.
func (c *Client) get(ctx context.Context, path string, query url.Values, v any) error {
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = c.try(ctx, path, query, v)
		return struct{}{}, retryDecision(last)
	}, backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(patience))
	if err != nil && ctx.Err() == nil && last != nil {
		return last
	}
	return err
}

// retryDecision says in backoff's words what to do about a failure.
func retryDecision(err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e) || !e.passing():
		return backoff.Permanent(err)
	case e.RetryAfter > 0:
		return errors.Join(err, &backoff.RetryAfterError{Duration: e.RetryAfter})
	}
	return err
}

func (c *Client) try(ctx context.Context, path string, query url.Values, v any) error {
	op := "GET " + path
	if err := c.pace.wait(ctx); err != nil {
		return err
	}
	req, err := c.request(ctx, path, query)
	if err != nil {
		return &Error{Op: op, Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &Error{Op: op, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	c.pace.learn(resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &Error{Op: op, Err: err}
	case resp.StatusCode != http.StatusOK:
		return failure(op, resp, body)
	case len(body) > maxAnswer:
		return &Error{Op: op, Status: resp.StatusCode, Err: fmt.Errorf("the answer has more than %d bytes", maxAnswer)}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &Error{Op: op, Status: resp.StatusCode, Err: fmt.Errorf("the answer can't be read: %w", err)}
	}
	return nil
}

// withoutURL takes the address off an error of the transport; a signed one
// would be long.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (c *Client) request(ctx context.Context, path string, query url.Values) (*http.Request, error) {
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

func failure(op string, resp *http.Response, body []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	var said struct{ Code, Message Text }
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Message = cleanText(string(said.Code)), cleanText(string(said.Message))
	}
	return e
}

// retryAfter reads seconds or a date; anything else is zero.
func retryAfter(header string) time.Duration {
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(t)).Round(time.Second)
	}
	return 0
}

// cleanText makes a foreign text fit for one line of a terminal.
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
