package sandbox

import (
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// tokenLife is what every example of Kiva's shows: twelve hours less a second.
const tokenLife = 43199 * time.Second

// claims are the claims of a token, as Kiva's samples show them.
type claims struct {
	Audience  []string `json:"aud"`
	Scope     []string `json:"scope"`
	Issuer    string   `json:"iss"`
	PartnerID string   `json:"partnerId,omitempty"`
	Expires   int64    `json:"exp"` // epoch seconds
	ID        string   `json:"jti"`
	ClientID  string   `json:"client_id"`
}

// tokenAnswer is the answer to a request for a token.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope"`      // what was granted of what was asked
	Issuer      string `json:"iss"`
	PartnerID   string `json:"partnerId,omitempty"`
	ID          string `json:"jti"`
}

// tokenError is the body of a refusal, in the form of RFC 6749.
type tokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func oauthError(status int, code, description string) answer {
	return answer{status: status, value: tokenError{code, description}}
}

// token answers a request for a token of a provider: client credentials in the
// form, and nothing else.
func (s *tokenServer) token(c *call, p provider) decision {
	if refused, ok := s.limit.take(time.Now()); !ok {
		return reply(refused)
	}
	form, refused, ok := tokenForm(c)
	if !ok {
		return reply(refused)
	}
	scopes, refused, ok := p.grant(form)
	if !ok {
		return reply(refused)
	}
	granted := claims{
		Audience: p.audience(c, form), Scope: scopes, Issuer: p.issuer(c),
		PartnerID: p.partner, Expires: time.Now().Add(p.life).Unix(), ID: newUUID(), ClientID: keptClientID,
	}
	signed, err := s.Keys.sign(granted)
	if err != nil {
		return reply(oauthError(http.StatusInternalServerError, "server_error", err.Error()))
	}
	return reply(answer{status: http.StatusOK, raw: encodeJSON(tokenAnswer{
		AccessToken: signed, TokenType: "bearer", ExpiresIn: int64(p.life / time.Second),
		Scope: strings.Join(scopes, " "), Issuer: granted.Issuer, PartnerID: p.partner, ID: granted.ID,
	})}.with("Content-Type", "application/json;charset=UTF-8").with("Cache-Control", "no-store"))
}

func tokenForm(c *call) (form url.Values, refused answer, ok bool) {
	kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, oauthError(http.StatusBadRequest, "invalid_request", "the body must be a form"), false
	}
	form, err = url.ParseQuery(string(c.body))
	if err != nil {
		return nil, oauthError(http.StatusBadRequest, "invalid_request", "the form isn't encoded as one"), false
	}
	for k, v := range form {
		if len(v) > 1 {
			return nil, oauthError(http.StatusBadRequest, "invalid_request", k+" is there twice"), false
		}
	}
	return form, answer{}, true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (k *keyring) sign(c claims) (string, error) {
	keys, err := k.all()
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: keys[0]}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(encodeJSON(c))
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// jwks answers with the public keys. Kiva shows no such address.
func (s *tokenServer) jwks(*call) decision {
	keys, err := s.Keys.all()
	if err != nil {
		return reply(refusal(http.StatusInternalServerError, "internal", err.Error()))
	}
	var set jose.JSONWebKeySet
	for _, k := range keys {
		set.Keys = append(set.Keys, k.Public())
	}
	return reply(plainJSON(http.StatusOK, set))
}

// CheckToken checks the token of a call to the API. Kiva's documents disagree
// about 401 and 403; here 401 is a bad token and 403 a good one that isn't
// enough.
func (s *tokenServer) CheckToken(c *call, scope string) (refused answer, ok bool) {
	kind, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return refusal(http.StatusUnauthorized, "unauthorized", "a bearer token is needed"), false
	}
	granted, err := s.Keys.verify(token)
	switch {
	case err != nil:
		return refusal(http.StatusUnauthorized, "unauthorized", "the token isn't valid"), false
	case granted.Expires <= time.Now().Unix():
		return refusal(http.StatusUnauthorized, "unauthorized", "the token has expired"), false
	case granted.PartnerID != c.PathValue("partner"):
		return refusal(http.StatusForbidden, "forbidden", "the token is for another partner"), false
	case scope != "" && !slices.Contains(granted.Scope, scope):
		return refusal(http.StatusForbidden, "forbidden", "the token lacks the scope "+scope), false
	}
	return answer{}, true
}

func (k *keyring) verify(token string) (c claims, err error) {
	keys, err := k.all()
	if err != nil {
		return c, err
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return c, err
	}
	for _, key := range keys {
		if payload, err := signed.Verify(key.Public()); err == nil {
			return c, json.Unmarshal(payload, &c)
		}
	}
	return c, jose.ErrCryptoFailure
}
