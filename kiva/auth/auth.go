// Package auth obtains tokens for the Partner API, by OAuth 2.0 client
// credentials.
//
// A [Source] serves a whole run with one token, and many runs if it has a folder
// for it. It requests another shortly before that one expires, or when the API
// refused it, and never two at a time. No error and no printed form of anything
// here contains the client secret or a token.
//
// For servers other than Kiva's: [Discover] finds their addresses, a [Verifier]
// verifies a token by their keys, and [Source.Introspect] asks them about one.
//
// The verifier uses go-jose, not go-oidc v3.21: that library's key set trusts a
// key, even a revoked one, for as long as the process runs, and fetches the keys
// again for each token that it can't verify. It reports no cause but expiry, and
// checks neither iat nor a key's use: most of the code here would stay.
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

// A Config describes a token: whose, from where, and for which use.
type Config struct {
	TokenURL     string   // https; plain http on loopback only
	Audience     string   // the token's API; not sent if empty
	ClientID     string   // Kiva counts it as sensitive, too
	ClientSecret Secret   // sent in the form, or in the header with BasicAuth
	Scopes       []string // the scopes that the run needs; all granted ones if empty
	PartnerID    string   // the required partner; any if empty

	// Resource is the token's API by RFC 8707, for servers that want this in
	// place of an audience; not sent if empty.
	Resource string
	// BasicAuth sends id and secret in the header. Kiva wants them in the form.
	BasicAuth bool
	// CacheDir is a folder that keeps tokens between runs, created when needed;
	// empty means no cache.
	CacheDir string

	Timeout   time.Duration // for one request to the token endpoint; 30 s if zero
	UserAgent string

	// Watch sees the requests for tokens and about them.
	Watch Watch
}

// A Watch wraps a transport, to log requests or to refuse some. The wrapper must
// pass a request on once and unchanged, or not at all. May be nil.
type Watch func(http.RoundTripper) http.RoundTripper

// wrap wraps a transport.
func (w Watch) wrap(t http.RoundTripper) http.RoundTripper {
	if w == nil {
		return t
	}
	return w(t)
}

// A Grant is the data that came with a token.
type Grant struct {
	PartnerID string    // empty if neither the answer nor the token has it
	Scopes    []string  // as granted; as requested if the answer has none
	Issuer    string    // can't be derived from the token URL; may be empty
	Expires   time.Time // zero if unknown: the token is used until a 401
}

// A Source provides tokens. It is safe for concurrent use.
type Source struct {
	config  *Config
	secrets *regexp.Regexp  // finds the secrets in a server's text
	pieces  *egress.Secrets // finds pieces of them

	mu      sync.Mutex
	last    *answer // nil if there is none to keep
	flight  *flight // nil if no request is under way
	refused string  // the refused token that the next one replaces, else ""
}

const (
	defaultTimeout = 30 * time.Second
	maxSecret      = 1 << 10 // bytes; a larger file is there by mistake

	// patience is how long a refusal to issue a token, or a fresh token that was
	// refused, is final: repeating at once would only load the endpoint.
	patience = time.Minute
)

// New returns a source. It fails with a [*CredentialsError] without a client id
// or secret, and with another error if the token URL is invalid. It makes no
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

// Format writes the token URL for every verb: the default would print the
// secrets for some.
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

// Token returns a token for the next request. It waits for Kiva only if the
// source has no valid one.
//
// Its errors are a [*TokenError] if there is no token, a [*MissingScopeError] or
// [*PartnerError] if it isn't the required one, and the cause of ctx if that
// ended first. A request that others wait for continues then.
func (s *Source) Token(ctx context.Context) (string, error) {
	a := s.currentAnswer(ctx)
	if a.err != nil {
		return "", a.err
	}
	return a.token, nil
}

// Grant returns the data of the token that [Source.Token] returns. If that token
// isn't the required one, it returns both the grant and Token's error.
func (s *Source) Grant(ctx context.Context) (Grant, error) {
	a := s.currentAnswer(ctx)
	g := a.grant
	g.Scopes = slices.Clone(g.Scopes)
	return g, a.err
}

// Renew returns another token in place of one that the API refused. All callers
// with the same refused token get the same new one, by one request. It fails
// with [ErrNoNewToken] if the refused token itself replaced one less than a
// minute ago, or if Kiva returns the same one again; else as [Source.Token]
// does.
func (s *Source) Renew(ctx context.Context, refused string) (string, error) {
	if err := s.dropRefused(refused); err != nil {
		return "", err
	}
	token, err := s.Token(ctx)
	if err == nil && token == refused {
		return "", fmt.Errorf("renew the token: the same one came again: %w", ErrNoNewToken)
	}
	return token, err
}

// dropRefused removes a refused token, so that no caller gets it again. It does
// nothing if another has replaced it already.
func (s *Source) dropRefused(refused string) error {
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

func (s *Source) currentAnswer(ctx context.Context) *answer {
	s.mu.Lock()
	if s.last != nil && s.last.isFresh(time.Now()) {
		defer s.mu.Unlock()
		return s.last
	}
	f := s.joinFlight()
	s.mu.Unlock()
	return s.waitForFlight(ctx, f)
}
