// Package public reads Kiva's public API: published loans, their journals and
// their payments, as lenders see them.
//
// It only reads. It keeps to the rate for unknown programs, waits as long as an
// answer asks, and accepts imperfect answers: an unknown status, a missing field
// or a number in quotes is no failure. Source, unless noted: Kiva's "API
// Conventions".
package public

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Kiva is the address of Kiva's public API.
const Kiva = "https://api.kivaws.org"

// DefaultRate is the number of requests a minute that Kiva accepts from unknown
// programs. Source: build.kiva.org.
const DefaultRate = 60

// Options configure a client. The zero value is for Kiva's API.
type Options struct {
	BaseURL   string // without /v1; Kiva if empty
	AppID     string // for Kiva's statistics: reverse DNS, as org.example.app; none if empty
	PerMinute int    // requests a minute; DefaultRate if zero
	UserAgent string
	HTTP      *http.Client // one that signs, for private resources; an ordinary one if nil
}

// A Client reads the public API. It is safe for concurrent use.
type Client struct {
	base  string
	appID string
	agent string
	http  *http.Client
	pace  pace
}

const answerTime = 60 * time.Second

// New returns a client. It makes no request.
func New(o Options) (*Client, error) {
	base := strings.TrimSuffix(cmp.Or(o.BaseURL, Kiva), "/")
	if err := checkBase(base); err != nil {
		return nil, fmt.Errorf("public API: %w", err)
	}
	if o.AppID != "" {
		if err := CheckAppID(o.AppID); err != nil {
			return nil, err
		}
	}
	c := &Client{base: base, appID: o.AppID, agent: o.UserAgent, pace: pace{perMinute: cmp.Or(o.PerMinute, DefaultRate)}}
	client := http.Client{}
	if o.HTTP != nil {
		client = *o.HTTP
	}
	client.Timeout = answerTime
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &client
	return c, nil
}

// Format writes the address for every verb: the client may hold secrets for
// signing.
func (c *Client) Format(f fmt.State, _ rune) { io.WriteString(f, "public API at "+c.base) }

func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "":
		return fmt.Errorf("%q isn't an address", base)
	case u.Scheme == "https":
		return nil
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%q: only https is allowed", base)
}

var appID = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// CheckAppID returns an error for an invalid app id, which Kiva may refuse.
func CheckAppID(id string) error {
	switch {
	case len(id) < 8:
		return errors.New("an app id has at least 8 characters, as org.example.app")
	case !appID.MatchString(id):
		return errors.New("an app id is a domain name backwards, of letters, digits, dashes and dots, as org.example.app")
	}
	return nil
}
