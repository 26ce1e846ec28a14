package kiva

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"kivaform/kiva/egress"
)

const (
	maxReadAnswer  = 32 << 20
	maxWriteAnswer = 1 << 20
)

// A request is one call of the API.
type request struct {
	op   string // "loan_draft"
	url  *url.URL
	body []byte // nil for a read
}

// An answer is a response, whole unless cut says why not.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	cut     error
	token   string          // that was sent; never to be shown
	secrets *egress.Secrets // finds it, or a piece of it
}

func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

func (r request) isWrite() bool { return r.body != nil }

func (r request) method() string {
	if r.isWrite() {
		return http.MethodPost
	}
	return http.MethodGet
}

// do is the one road to Kiva. It returns an answer of any status; where Kiva
// refused the token it asks with a new one, once. A request with a refused token
// was not processed; any other answer to a write is final. An error is an
// [*Error].
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	token, err := c.options.Tokens.Token(ctx)
	if err != nil {
		return answer{}, r.failure(NotSent, fmt.Errorf("token: %w", err))
	}
	a, err := c.exchange(ctx, r, token)
	if err != nil || !r.refusesToken(a) {
		return a, err
	}
	token, err = c.options.Tokens.Renew(ctx, token)
	if err != nil {
		return answer{}, r.answered(a, Rejected, fmt.Errorf("new token: %w", err))
	}
	return c.exchange(ctx, r, token)
}

type beginKey struct{}

// BeginOnlyIf returns a context with which a write begins only if a check
// returns nil at that moment: when a token is there, and again when Kiva refused
// it and a new one is there. Else the write wasn't sent, because of the check's
// error.
func BeginOnlyIf(ctx context.Context, check func() error) context.Context {
	return context.WithValue(ctx, beginKey{}, check)
}

// An Exchange is one request on the wire, and the answer to it.
type Exchange struct {
	At         time.Time     // when it began
	Status     int           // HTTP; 0 where no answer came
	RetryAfter time.Duration // as the answer asks; 0 where it doesn't
	RequestID  string        // as the answer names it, if it does
}

type exchangeKey struct{}

// TellExchanges returns a context with which each exchange is told when it is
// over. A write may have two: Kiva refused the token of the first one.
func TellExchanges(ctx context.Context, tell func(Exchange)) context.Context {
	return context.WithValue(ctx, exchangeKey{}, tell)
}

func tellExchange(ctx context.Context, e Exchange) {
	if tell, ok := ctx.Value(exchangeKey{}).(func(Exchange)); ok {
		tell(e)
	}
}

// exchange sends one request once. It speaks to the transport itself: an
// http.Client would follow redirects.
func (c *Client) exchange(ctx context.Context, r request, token string) (answer, error) {
	select { // also over HTTP/2, where one connection would take any number
	case c.underWay <- struct{}{}:
		defer func() { <-c.underWay }()
	case <-ctx.Done():
		return answer{}, r.failure(NotSent, context.Cause(ctx))
	}
	if check, ok := ctx.Value(beginKey{}).(func() error); ok && r.isWrite() {
		if err := check(); err != nil {
			return answer{}, r.failure(NotSent, err)
		}
	}
	w := &watch{connect: c.options.ConnectTimeout, answer: c.options.AnswerTimeout}
	ctx, end := w.follow(ctx)
	defer end()
	begun := time.Now()
	response, err := c.road.RoundTrip(c.httpRequest(ctx, r, token))
	if err != nil {
		written := w.written.Load()
		if written {
			tellExchange(ctx, Exchange{At: begun})
		}
		return answer{}, r.unanswered(written, preferCause(ctx, err))
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header, token: token, secrets: c.secretsOf(token)}
	a.body, err = readBounded(response.Body, r.maxAnswer(), c.roomFor(r))
	if err != nil {
		a.cut = preferCause(ctx, err)
	}
	c.longest.Store(max(c.longest.Load(), int64(len(a.body))))
	wait, _ := retryAfter(a.header, time.Now())
	tellExchange(ctx, Exchange{At: begun, Status: a.status, RetryAfter: wait, RequestID: a.requestID()})
	return a, nil
}

// secretsOf returns what finds a token in texts. Most requests of a run carry the
// same one.
func (c *Client) secretsOf(token string) *egress.Secrets {
	if last := c.lastToken.Load(); last != nil && last.token == token {
		return last.secrets
	}
	found := egress.NewSecrets(token)
	c.lastToken.Store(&tokenSecrets{token, found})
	return found
}

type tokenSecrets struct {
	token   string
	secrets *egress.Secrets
}

// roomFor guesses how long an answer is, in bytes: few servers say so before
// they send it. A page of a list is about as long as the one before.
func (c *Client) roomFor(r request) int {
	if r.isWrite() {
		return bytes.MinRead
	}
	return int(min(c.longest.Load(), 1<<20)) + bytes.MinRead
}

func (c *Client) httpRequest(ctx context.Context, r request, token string) *http.Request {
	h := &http.Request{
		Method: r.method(),
		URL:    r.url,
		Host:   r.url.Host,
		Header: http.Header{
			"Accept":        {"application/json"},
			"Authorization": {"Bearer " + token},
			"User-Agent":    {c.options.UserAgent},
		},
	}
	if r.isWrite() {
		h.Header.Set("Content-Type", "application/json; charset=utf-8")
		h.ContentLength = int64(len(r.body))
		// Without GetBody no transport can send the body a second time.
		h.Body = io.NopCloser(bytes.NewReader(r.body))
	}
	return h.WithContext(ctx)
}

// preferCause returns the cause of the cancelled context, otherwise the
// transport's error.
func preferCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (r request) maxAnswer() int {
	if r.isWrite() {
		return maxWriteAnswer
	}
	return maxReadAnswer
}

var errTooLong = errors.New("the answer is too long")

func readBounded(body io.Reader, limit, room int) ([]byte, error) {
	data := bytes.NewBuffer(make([]byte, 0, room))
	_, err := data.ReadFrom(io.LimitReader(body, int64(limit)+1))
	if data.Len() > limit {
		return data.Bytes()[:limit], errTooLong
	}
	return data.Bytes(), err
}

// unanswered is the error of a request to which no answer came. A read may be
// tried again, except where the server can't prove who it is.
func (r request) unanswered(written bool, cause error) *Error {
	e := r.failure(outcomeUnanswered(written), cause)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](cause)
	e.again = !untrusted
	return e
}
