package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The faults of a token. A [Verifier]'s errors wrap one of them, with details.
var (
	ErrTooLong     = errors.New("the token is too long")
	ErrNotSigned   = errors.New("the token isn't signed")
	ErrNotJWT      = errors.New("the token isn't a signed JWT")
	ErrAlgorithm   = errors.New("the token's algorithm isn't allowed")
	ErrUnknownKey  = errors.New("the token's key isn't one of the issuer's")
	ErrSignature   = errors.New("the token's signature is wrong")
	ErrIssuer      = errors.New("the token is of another issuer")
	ErrAudience    = errors.New("the token is for another audience")
	ErrExpired     = errors.New("the token has expired")
	ErrNotYetValid = errors.New("the token isn't valid yet")
)

const (
	maxToken = 16 << 10         // bytes; Kiva's have about one KiB
	maxSkew  = 60 * time.Second // bound of the difference between two machines' clocks
)

// algorithms are the accepted ones: all of them need the issuer's private key.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// A Verifier verifies tokens by an issuer's published keys. It is safe for
// concurrent use. Kiva publishes no keys.
type Verifier struct {
	issuer, audience string
	keys             keySet
}

// NewVerifier returns a verifier of an issuer's tokens for an audience, or for
// any if empty. It makes no request.
func NewVerifier(issuer, audience, jwksURI string, watch Watch) (*Verifier, error) {
	if issuer == "" {
		return nil, errors.New("auth: verify: whose tokens? the issuer is needed")
	}
	if err := checkURL(jwksURI); err != nil {
		return nil, fmt.Errorf("auth: jwks_uri: %w", err)
	}
	return &Verifier{issuer: issuer, audience: audience, keys: keySet{url: jwksURI, watch: watch}}, nil
}

// Verified holds the claims of a valid token.
type Verified struct {
	Algorithm string
	KeyID     string // may be empty
	Issuer    string
	Audience  []string
	Expires   time.Time
}

// Verify checks signature, issuer, audience and time. Its errors wrap one of
// those above, or report why the keys can't be read. None contains the token.
func (v *Verifier) Verify(ctx context.Context, token string) (*Verified, error) {
	signed, err := parseSigned(token)
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Header
	keys, err := v.keys.findKeys(ctx, header.KeyID, jose.SignatureAlgorithm(header.Algorithm))
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: no %s key %q at %s", ErrUnknownKey, header.Algorithm, cleanText(header.KeyID, 100), v.keys.url)
	}
	for _, k := range keys {
		if payload, err := signed.Verify(k); err == nil {
			return v.judgeClaims(header, payload, time.Now())
		}
	}
	return nil, fmt.Errorf("%w: it isn't of the key %q", ErrSignature, cleanText(header.KeyID, 100))
}

func parseSigned(token string) (*jose.JSONWebSignature, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLong, len(token), maxToken)
	}
	if strings.Count(token, ".") != 2 {
		return nil, fmt.Errorf("%w: an opaque one can only be introspected", ErrNotJWT)
	}
	alg, ok := algorithmOf(token)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: its header can't be read", ErrNotJWT)
	case strings.EqualFold(alg, "none") || alg == "":
		return nil, fmt.Errorf("%w: its algorithm is %q", ErrNotSigned, alg)
	case !slices.Contains(algorithms, jose.SignatureAlgorithm(alg)):
		return nil, fmt.Errorf("%w: %q", ErrAlgorithm, cleanText(alg, 40))
	}
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return nil, fmt.Errorf("%w: it can't be read", ErrNotJWT)
	}
	return signed, nil
}

// algorithmOf reads the algorithm before the token is parsed, so that an error
// can name it.
func algorithmOf(token string) (alg string, ok bool) {
	head, _, _ := strings.Cut(token, ".")
	var header struct {
		Algorithm string `json:"alg"`
	}
	data, err := decodePart(head)
	if err != nil || json.Unmarshal(data, &header) != nil {
		return "", false
	}
	return header.Algorithm, true
}

// judged are the claims that Verify checks.
type judged struct {
	Issuer    text   `json:"iss"`
	Audience  scopes `json:"aud"`
	Expires   text   `json:"exp"`
	NotBefore text   `json:"nbf"`
	IssuedAt  text   `json:"iat"`
}

func (v *Verifier) judgeClaims(header jose.Header, payload []byte, now time.Time) (*Verified, error) {
	var c judged
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, fmt.Errorf("%w: its claims can't be read", ErrNotJWT)
	}
	expires, ok := numericDate(c.Expires)
	switch {
	case string(c.Issuer) != v.issuer:
		return nil, fmt.Errorf("%w: %q, not %q", ErrIssuer, cleanText(string(c.Issuer), 200), v.issuer)
	case v.audience != "" && !slices.Contains(c.Audience, v.audience):
		return nil, fmt.Errorf("%w: %q, not %q", ErrAudience, cleanText(strings.Join(c.Audience, " "), 200), v.audience)
	case !ok:
		return nil, fmt.Errorf("%w: it doesn't say until when it is good", ErrExpired)
	case !now.Before(expires.Add(maxSkew)):
		return nil, fmt.Errorf("%w: at %s", ErrExpired, expires.UTC().Format(time.RFC3339))
	}
	for _, value := range []text{c.NotBefore, c.IssuedAt} {
		if from, ok := numericDate(value); ok && now.Add(maxSkew).Before(from) {
			return nil, fmt.Errorf("%w: only from %s on", ErrNotYetValid, from.UTC().Format(time.RFC3339))
		}
	}
	return &Verified{header.Algorithm, header.KeyID, string(c.Issuer), c.Audience, expires}, nil
}

// numericDate parses seconds since 1970.
func numericDate(t text) (time.Time, bool) {
	whole, _, _ := strings.Cut(string(t), ".")
	n, err := strconv.ParseInt(whole, 10, 40) // to the year 19391
	if err != nil || n <= 0 {
		return time.Time{}, false
	}
	return time.Unix(n, 0), true
}
