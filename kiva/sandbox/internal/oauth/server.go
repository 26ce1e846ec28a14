// Package oauth is the token servers of the sandbox: client credentials as Kiva
// and another lender issue them, and the OAuth 1.0a that lets lenders sign in.
package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"slices"
)

// The sandbox's own credentials. They open nothing but a sandbox. The secret
// holds characters that a form must encode, because real ones do too.
const (
	ClientID     = "kivaform-sandbox"
	ClientSecret = "not+a/secret=100%&open"
)

// The application that may ask lenders to let it in, by OAuth 1.0a. Source of
// all that follows: Kiva's guide to OAuth for the public API.
const (
	ConsumerKey    = "org.kivaform.sandbox"
	ConsumerSecret = "not+an/app's=secret" // #nosec G101 -- the practice server's secret is public
)

// A Server issues and checks the tokens of both providers, and lets
// lenders sign in by OAuth 1.0a.
type Server struct {
	PartnerID string   // that Kiva's tokens name
	Scopes    []string // that Kiva grants
	Keys      *keyring

	limit  tokenLimit
	logins logins
}

// NewServer returns a Server that answers perMinute token requests in
// a minute, any number if zero.
func NewServer(partnerID string, scopes []string, keys *keyring, perMinute int) *Server {
	return &Server{PartnerID: partnerID, Scopes: scopes, Keys: keys, limit: tokenLimit{perMinute: perMinute}}
}

// Routes returns the endpoints of the token servers.
func (s *Server) Routes() []exchange.Route {
	return slices.Concat(s.providerRoutes(), s.oauth1Routes())
}

// RotateKeys changes the keys as an operator of the token server does:
// POST /pa2/keys/rotate makes a new one and keeps believing the one before,
// ?revoke=1 no longer does.
func (s *Server) RotateKeys(w http.ResponseWriter, r *http.Request) {
	a := exchange.Answer{Status: http.StatusOK, Value: exchange.Success("the key was changed")}
	if err := s.Keys.Rotate(r.URL.Query().Get("revoke") == "1"); err != nil {
		a = exchange.Refusal(http.StatusInternalServerError, "internal", err.Error())
	}
	a = a.Encode(exchange.Style{})
	a.Write(w, len(a.Raw))
}
