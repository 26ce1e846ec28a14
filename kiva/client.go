// Package kiva speaks Kiva's Partner API (PA2).
//
// The API creates loan drafts, journals and repayment uploads, and lists
// published loans and four configuration lists. It can't update, delete or
// list what was created, and it knows no idempotency key; so a [Client]
// repeats no write behind its caller's back, and says of each failed one what
// became of it ([OutcomeOf]).
//
// Kiva's documents and samples disagree about details of the answers. The
// client writes what the documents say and reads every variant: snake_case and
// camelCase, an object or an array of one, numbers or numeric strings, absent
// fields or null.
//
// It reads JSON by a scanner of its own: a page of 300 loans took 2.0 times as
// long by way of map[string]json.RawMessage (14 ms against 7, 32,000
// allocations against 300), which also loses the order of the members.
package kiva

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// A TokenSource gives the bearer token for a request.
type TokenSource interface {
	// Token returns a token that is good for the next request.
	Token(ctx context.Context) (string, error)
	// Renew returns another token because Kiva refused this one. Callers that
	// were refused with the same token at the same time get the same new one.
	// It returns an error that wraps [ErrNoNewToken] where asking again would
	// not help.
	Renew(ctx context.Context, refused string) (string, error)
}

// Options say where the Partner API is and how to speak with it. Only BaseURL,
// PartnerID and Tokens are needed.
type Options struct {
	BaseURL   string // https://partner-api.k1.kiva.org; a path in it is kept
	PartnerID string // digits
	Tokens    TokenSource

	// JournalsPath is the first element of the journals' path: "partner" (the
	// default) or "partners". Kiva's scope tables and its sample disagree.
	JournalsPath string
	// JournalsArray posts a bare array instead of {"journals": [...]}.
	JournalsArray bool

	ConnectTimeout time.Duration // until the connection stands; 15 s if zero
	AnswerTimeout  time.Duration // for the whole exchange after that; 120 s if zero
	Connections    int           // kept open to the host, and requests under way at once; 8 if zero
	UserAgent      string        // "kivaform" if empty

	// Watch wraps the transport, for a log of requests or to refuse some. What it
	// returns passes a request on once and unchanged, or not at all. It may be nil.
	Watch func(http.RoundTripper) http.RoundTripper

	// DialContext replaces the dialer, for tests.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Client speaks for one partner. It is safe for use by several goroutines.
type Client struct {
	options   Options
	base      *url.URL
	transport *http.Transport
	road      http.RoundTripper // to transport; somebody may watch it
	underWay  chan struct{}     // has room for as many requests as may be under way
	longest   atomic.Int64      // answer so far, in bytes
	lastToken atomic.Pointer[tokenSecrets]
}

// New returns a client. It fails where the options can't work: no https (plain
// http is allowed on loopback only), a partner id that isn't digits.
func New(options Options) (*Client, error) {
	base, err := parseBase(options.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("kiva: API address %q: %w", options.BaseURL, err)
	}
	if !isDigits(options.PartnerID) {
		return nil, fmt.Errorf("kiva: partner id %q is not a number; PA2 shows it under Account > Profile", options.PartnerID)
	}
	if options.Tokens == nil {
		return nil, errors.New("kiva: no source of tokens")
	}
	options.setDefaults()
	if options.JournalsPath != "partner" && options.JournalsPath != "partners" {
		return nil, fmt.Errorf("kiva: journals path %q is neither partner nor partners", options.JournalsPath)
	}
	c := &Client{
		options: options, base: base, transport: newTransport(options),
		underWay: make(chan struct{}, options.Connections),
	}
	if c.road = c.transport; options.Watch != nil {
		c.road = options.Watch(c.transport)
	}
	return c, nil
}

// AtOnce returns how many requests may be under way at once. Any others wait
// for their turn.
func (c *Client) AtOnce() int { return c.options.Connections }

// Close closes the connections that wait for a next request. The client can
// still be used.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (o *Options) setDefaults() {
	if o.JournalsPath == "" {
		o.JournalsPath = "partner"
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 15 * time.Second
	}
	if o.AnswerTimeout <= 0 {
		o.AnswerTimeout = 120 * time.Second
	}
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.UserAgent == "" {
		o.UserAgent = "kivaform"
	}
}

// parseBase reads the address of the API. The errors don't repeat it: the
// caller names it, and url.Parse would a second time.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.Unwrap(err)
	case u.Hostname() == "":
		return nil, errors.New("not an address like https://host")
	case u.User != nil:
		return nil, errors.New("it must not hold a user name")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return nil, errors.New("it must not have a query or a fragment")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, errors.New("only https is safe for a token (http is for loopback)")
	}
	return u.JoinPath("/"), nil // JoinPath gives no leading slash to what is joined to an empty path
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// url returns the address of one of the partner's resources. The first
// element of its path is "partner" everywhere but for some journals.
func (c *Client) url(first string, rest ...string) *url.URL {
	return c.base.JoinPath(append([]string{"v3", first, c.options.PartnerID}, rest...)...) // #nosec G125 -- the partner's id is digits, and the rest are constants
}
