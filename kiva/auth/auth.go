// Package auth gets the tokens that the Partner API asks for, by OAuth 2.0
// client credentials.
//
// A [Source] serves a whole run with one token, and many runs where it has a
// folder to keep it in. It asks for another shortly before that one ends, or
// when it was refused, and never twice at a time. No error and no printed form
// of anything here holds the client secret or a token.
//
// For other servers than Kiva's there is more: [Discover] finds their
// addresses, a [Verifier] checks a token by their keys, and [Source.Introspect]
// asks them about one.
//
// The verifier stands on go-jose and not on go-oidc v3.21, whose key set believes
// a key for as long as the process runs, also a revoked one, and reads the keys
// again for each token that it can't verify. It names no cause but expiry, and
// checks neither iat nor the use of a key: the rest here would stay.
package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"kivaform/kiva/egress"
)

// A Config says whose token to get, where, and for what.
type Config struct {
	TokenURL     string   // https; plain http on loopback only
	Audience     string   // the API that the token is for; not sent if empty
	ClientID     string   // Kiva counts it as sensitive, too
	ClientSecret Secret   // sent in the form, unless BasicAuth says else
	Scopes       []string // what the run needs, and no more; all that are granted if empty
	PartnerID    string   // the partner that the token must be for; any if empty

	// Resource is the API that the token is for, in the words of RFC 8707, for
	// servers that take this in place of an audience; not sent if empty.
	Resource string
	// BasicAuth sends id and secret in the header. Kiva wants them in the form.
	BasicAuth bool
	// CacheDir is a folder that keeps tokens between runs, made when it is
	// needed; none are kept if empty.
	CacheDir string

	Timeout   time.Duration // for one request to the token endpoint; 30 s if zero
	UserAgent string

	// Watch sees the requests for tokens, and those about them.
	Watch Watch
}

// A Watch wraps a transport, for a log of requests or to refuse some. What it
// returns passes a request on once and unchanged, or not at all. It may be nil.
type Watch func(http.RoundTripper) http.RoundTripper

// over returns the transport as it is watched.
func (w Watch) over(t http.RoundTripper) http.RoundTripper {
	if w == nil {
		return t
	}
	return w(t)
}

// A Grant is the data that came with a token.
type Grant struct {
	PartnerID string    // empty where neither the answer nor the token says it
	Scopes    []string  // what Kiva granted; what was asked for where it doesn't say
	Issuer    string    // can't be told from the token URL; may be empty
	Expires   time.Time // zero where nothing tells: then it serves until it is refused
}

// A Source gives tokens. It is safe for use by several goroutines.
type Source struct {
	config  *Config
	secrets *regexp.Regexp  // finds the secrets in what a server says
	pieces  *egress.Secrets // finds pieces of them

	mu      sync.Mutex
	last    *answer // nil if none is worth keeping
	flight  *flight // nil if no request is under way
	refused string  // the refused token that the next one replaces; "" where none was
}

const (
	defaultTimeout = 30 * time.Second
	maxSecret      = 1 << 10 // bytes; more is a file given by mistake

	// patience is for how long a fresh token that is refused, or a refusal to
	// give one, is believed: asking again at once would only load the endpoint.
	patience = time.Minute
)

// New returns a source. It fails with a [*CredentialsError] without a client id
// or secret, and with another error if the token URL can't be used. It makes no
// request.
func New(config Config) (*Source, error) {
	if err := checkURL(config.TokenURL); err != nil {
		return nil, fmt.Errorf("auth: token URL: %w", err)
	}
	if config.ClientID == "" || config.ClientSecret == "" {
		return nil, &CredentialsError{NoID: config.ClientID == "", NoSecret: config.ClientSecret == ""}
	}
	if n := len(config.ClientSecret); n > maxSecret {
		return nil, fmt.Errorf("auth: %d bytes are too many for a client secret", n)
	}
	config.Scopes = strings.Fields(strings.Join(config.Scopes, " "))
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	return &Source{config: &config, secrets: secretPattern(&config), pieces: egress.NewSecrets(config.ClientSecret.Reveal())}, nil
}

// Format writes the token URL for every verb: without it, some would print the
// secrets.
func (s *Source) Format(f fmt.State, _ rune) { io.WriteString(f, "tokens of "+s.config.TokenURL) }

func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("not an address")
	case u.User != nil:
		return fmt.Errorf("%q: an address with a user name in it isn't allowed", u.Redacted())
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%q: not an https address", address)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("%q: plain http would show the client secret to the network; only https is allowed", address)
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Token returns a token that is good for the next request. It waits for Kiva
// only if the source has no such token yet.
//
// Its errors are a [*TokenError] where there is no token, a
// [*MissingScopeError] or [*PartnerError] where it is not the one that the run
// needs, and the cause of ctx where that ended first. A request that others
// wait for goes on then.
func (s *Source) Token(ctx context.Context) (string, error) {
	a := s.answer(ctx)
	if a.err != nil {
		return "", a.err
	}
	return a.token, nil
}

// Grant returns what came with the token that [Source.Token] returns. Where
// that token isn't the one that the run needs, it returns both the grant and
// Token's error.
func (s *Source) Grant(ctx context.Context) (Grant, error) {
	a := s.answer(ctx)
	g := a.grant
	g.Scopes = slices.Clone(g.Scopes)
	return g, a.err
}

// Renew returns another token in place of one that the API refused. All that
// were refused with the same token get the same new one, by one request. It
// fails with [ErrNoNewToken] where the refused token is itself a replacement of
// less than a minute ago, and where Kiva gives the same one again; else as
// [Source.Token] does.
func (s *Source) Renew(ctx context.Context, refused string) (string, error) {
	if err := s.drop(refused); err != nil {
		return "", err
	}
	token, err := s.Token(ctx)
	if err == nil && token == refused {
		return "", fmt.Errorf("renew the token: the same one came again: %w", ErrNoNewToken)
	}
	return token, err
}

// drop forgets a refused token, so that no caller gets it again. Where
// another has taken its place already, it does nothing.
func (s *Source) drop(refused string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || s.last.token != refused {
		return nil
	}
	if age := time.Since(s.last.renewed); age < patience {
		return fmt.Errorf("renew the token: the new one of %d s ago is refused as well: %w", int(age.Seconds()), ErrNoNewToken)
	}
	s.last, s.refused = nil, refused
	return nil
}

func (s *Source) answer(ctx context.Context) *answer {
	s.mu.Lock()
	if s.last != nil && s.last.fresh(time.Now()) {
		defer s.mu.Unlock()
		return s.last
	}
	f := s.join()
	s.mu.Unlock()
	return s.wait(ctx, f)
}
