package auth

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// An answer is the result of a token request.
type answer struct {
	token    string
	grant    Grant
	err      error     // why there is no token, or why it is unusable
	keep     bool      // whether it answers the next caller as well
	obtained time.Time // when the request began
	until    time.Time // when to request the next; zero: after a 401 only
	renewed  time.Time // when it replaced a refused token
}

func (a *answer) isFresh(now time.Time) bool {
	return a.until.IsZero() || now.Before(a.until)
}

var (
	errNoToken  = errors.New("the answer holds no token")
	errTooLarge = errors.New("the answer is larger than any token")
	errType     = errors.New("the token is of another type than bearer")
)

// readAnswer makes an answer from a token and the body it came in.
func (c *Config) readAnswer(tok *oauth2.Token, body []byte, now time.Time) (*answer, error) {
	if tok.TokenType != "" && !strings.EqualFold(tok.TokenType, "bearer") {
		return nil, errType
	}
	if !isHeaderSafe(tok.AccessToken) {
		return nil, errNoToken
	}
	said, jwt := claimsOf(body), claimsOf(jwtPayload(tok.AccessToken))
	a := &answer{token: tok.AccessToken, keep: true, obtained: now}
	a.grant = Grant{
		PartnerID: string(cmp.Or(said.PartnerID, jwt.PartnerID)),
		Scopes:    firstScopes(said.Scope, jwt.Scope, c.Scopes),
		Issuer:    string(cmp.Or(said.Issuer, jwt.Issuer)),
		Expires:   earliestExpiry(now, tok.Expiry, jwt.expiry()),
	}
	a.until = renewAt(now, a.grant.Expires)
	a.err = c.checkGrant(a.grant)
	return a, nil
}

// renewAt returns when to request the next token: shortly before this one
// expires. It is zero if the expiry is unknown.
func renewAt(obtained, expires time.Time) time.Time {
	if expires.IsZero() {
		return expires
	}
	return expires.Add(-min(time.Minute, expires.Sub(obtained)/10))
}

// checkGrant compares a grant with the run's needs. Kiva answers 200 even if it
// grants less than requested. Source: Kiva's page "API authentication".
func (c *Config) checkGrant(g Grant) error {
	if c.PartnerID != "" && g.PartnerID != "" && c.PartnerID != g.PartnerID {
		return &PartnerError{Want: c.PartnerID, Got: g.PartnerID}
	}
	missing := slices.DeleteFunc(slices.Clone(c.Scopes), func(scope string) bool {
		return slices.Contains(g.Scopes, scope)
	})
	if len(missing) > 0 {
		return &MissingScopeError{Missing: missing, Granted: slices.Clone(g.Scopes)}
	}
	return nil
}

// isHeaderSafe reports whether a token is valid in a header.
func isHeaderSafe(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// earliestExpiry returns the earliest time after now. Past ones are ignored:
// they show that this machine's clock is wrong, not that Kiva issues expired
// tokens.
func earliestExpiry(now time.Time, times ...time.Time) (first time.Time) {
	for _, t := range times {
		// Without the monotonic clock, which stops while a machine sleeps.
		if t = t.Round(0); t.After(now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// firstScopes returns the first list that is present; it may be empty.
func firstScopes(lists ...scopes) []string {
	for _, l := range lists {
		if l != nil {
			return l
		}
	}
	return nil
}

// claims are the fields that a token's answer and the token itself share. Absent
// and invalid ones are empty.
type claims struct {
	Scope     scopes `json:"scope"`
	PartnerID text   `json:"partnerId"`
	Issuer    text   `json:"iss"`
	Expiry    text   `json:"exp"`
}

func claimsOf(data []byte) (c claims) {
	json.Unmarshal(data, &c) // an invalid value counts as absent
	return c
}

// expiry returns the time of exp, in seconds since 1970, or the zero time.
func (c claims) expiry() time.Time {
	t, _ := numericDate(c.Expiry)
	return t
}

// jwtPayload returns the claims of a JWT, unverified, or nil for any other token.
func jwtPayload(token string) []byte {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	data, err := decodePart(parts[1])
	if err != nil {
		return nil
	}
	return data
}

// decodePart decodes a part of a JWT.
func decodePart(part string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
}

// text is a JSON string, or a number exactly as written: as a float, an id could
// change.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	switch c := b[0]; {
	case c == '"' && json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case c == '-' || '0' <= c && c <= '9':
		*t = text(b)
	}
	return nil
}

// scopes are a string with spaces in an answer and an array in Kiva's JWT. Nil
// is absent.
type scopes []string

func (s *scopes) UnmarshalJSON(b []byte) error {
	var one string
	var list []string
	switch {
	case string(b) == "null":
	case json.Unmarshal(b, &one) == nil:
		*s = strings.Fields(one)
	case json.Unmarshal(b, &list) == nil:
		*s = strings.Fields(strings.Join(list, " "))
	}
	return nil
}
