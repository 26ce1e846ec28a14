package oauth

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// verifierLife is how long a code is valid.
const verifierLife = 30 * time.Minute

// A login is a lender's answer to an application, from the request token to the
// access token.
type login struct {
	secret, callback, scope string
	verifier                string // "" until the lender agrees
	agreed                  time.Time
}

// logins holds request tokens in memory; they live for minutes. Access tokens
// are derived from the sandbox's key and need no memory.
type logins struct {
	mu     sync.Mutex
	open   map[string]*login
	nonces map[string]time.Time
}

func (s *Server) oauth1Routes() []exchange.Route {
	at := func(method, path string, handle func(*exchange.Call) exchange.Decision) []exchange.Route {
		return []exchange.Route{
			{Endpoint: "oauth1", Method: method, Pattern: path, Open: true, Handle: handle},
			{Endpoint: "oauth1", Method: method, Pattern: path + ".json", Open: true, Handle: handle},
		}
	}
	routes := append(at("POST", "/oauth/request_token", s.requestToken), at("POST", "/oauth/access_token", s.accessToken)...)
	return append(routes, exchange.Route{Endpoint: "oauth1", Pattern: "/oauth/authorize", Open: true, Handle: s.authorizePage})
}

func refuseOAuth1(err error) exchange.Decision {
	return exchange.Reply(exchange.PublicError(http.StatusUnauthorized, "InvalidCredentials", err.Error()).With("WWW-Authenticate", "OAuth"))
}

var (
	errCallback = errors.New("oauth_callback must be oob or an address on this machine")
	errLogin    = errors.New("the request token isn't known, or the code is wrong, used or too old")
)

// requestToken answers with a request token.
func (s *Server) requestToken(c *exchange.Call) exchange.Decision {
	signed, err := s.checkSignature(c, func(string) (string, bool) { return "", true })
	if err != nil {
		return refuseOAuth1(err)
	}
	callback := signed["oauth_callback"]
	if callback != "oob" && !isLoopbackURL(callback) {
		return refuseOAuth1(errCallback)
	}
	token, secret := s.BeginLogin(callback)
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]string{
		"oauth_token": token, "oauth_token_secret": secret, "oauth_callback_confirmed": "true",
	}))
}

// BeginLogin returns a new request token, whose login ends with a redirect to
// the callback.
func (s *Server) BeginLogin(callback string) (token, secret string) {
	token, secret = newToken("r"), pa2.NewUUID()
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	if s.logins.open == nil {
		s.logins.open = map[string]*login{}
	}
	s.logins.open[token] = &login{secret: secret, callback: callback}
	return token, secret
}

// newToken returns a token with the characters of Kiva's, some of which a
// signature must encode.
func newToken(kind string) string {
	id := pa2.NewUUID()
	return kind + "." + id[:8] + "-J;" + ConsumerKey + "." + id[9:13]
}

func isLoopbackURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && exchange.IsLoopback(u.Host)
}

// accessToken exchanges a code, once; a wrong code invalidates the request
// token.
func (s *Server) accessToken(c *exchange.Call) exchange.Decision {
	var l *login
	signed, err := s.checkSignature(c, func(token string) (string, bool) {
		s.logins.mu.Lock()
		defer s.logins.mu.Unlock()
		if l = s.logins.open[token]; l == nil {
			return "", false
		}
		delete(s.logins.open, token)
		return l.secret, true
	})
	if err != nil {
		return refuseOAuth1(err)
	}
	if l.verifier == "" || !equalSecrets(l.verifier, signed["oauth_verifier"]) || time.Since(l.agreed) > verifierLife {
		return refuseOAuth1(errLogin)
	}
	token, err := s.makeAccess(newToken("a"))
	if err != nil {
		return refuseOAuth1(err)
	}
	secret, _ := s.accessSecret(token)
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]string{"oauth_token": token, "oauth_token_secret": secret, "scope": l.scope}))
}

// makeAccess appends a mark that only this sandbox can compute.
func (s *Server) makeAccess(token string) (string, error) {
	mark, err := s.deriveSecret("token", token)
	return token + "." + mark, err
}

// accessSecret returns the secret of an access token; false if the token isn't
// valid.
func (s *Server) accessSecret(token string) (string, bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return "", false
	}
	whole, err := s.makeAccess(token[:i])
	if err != nil || !equalSecrets(whole, token) {
		return "", false
	}
	secret, err := s.deriveSecret("secret", token)
	return secret, err == nil
}

func (s *Server) deriveSecret(purpose, value string) (string, error) {
	keys, err := s.Keys.All()
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, keys[0].Key.(*rsa.PrivateKey).D.Bytes())
	mac.Write([]byte(purpose + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil))[:24], nil
}

// ShowAccount answers with the sandbox's only private resource.
func (s *Server) ShowAccount(c *exchange.Call) exchange.Decision {
	if _, err := s.checkSignature(c, s.accessSecret); err != nil {
		return refuseOAuth1(err)
	}
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]any{"user_account": map[string]any{
		"lender_id": "sandboxlender", "first_name": "Sandy", "last_name": "Sandbox", "is_public": true, "is_developer": false,
	}}))
}

// newVerifier returns a new code, short enough to type.
func newVerifier() string { return pa2.NewID()[:8] }
