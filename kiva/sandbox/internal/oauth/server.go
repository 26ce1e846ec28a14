// Package oauth has the sandbox's token servers: client credentials as issued by
// Kiva and by another lender, and OAuth 1.0a for lenders.
package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"slices"
)

// The sandbox's own credentials. They work with sandboxes only. The secret has
// characters that a form must encode, as real ones do.
const (
	ClientID     = "kivaform-sandbox"
	ClientSecret = "not+a/secret=100%&open"
)

// The application that asks lenders for access, by OAuth 1.0a. Source: Kiva's
// guide to OAuth for the public API.
const (
	ConsumerKey    = "org.kivaform.sandbox"
	ConsumerSecret = "not+an/app's=secret" // #nosec G101 -- the practice server's secret is public
)

// A Server issues and checks the tokens of both providers, and lets
// lenders sign in by OAuth 1.0a.
type Server struct {
	PartnerID string   // in Kiva's tokens
	Scopes    []string // granted by Kiva
	Keys      *Keyring

	limit  tokenLimit
	logins logins
}

// NewServer returns a Server that answers perMinute token requests a minute;
// zero means no limit.
func NewServer(partnerID string, scopes []string, keys *Keyring, perMinute int) *Server {
	return &Server{PartnerID: partnerID, Scopes: scopes, Keys: keys, limit: tokenLimit{perMinute: perMinute}}
}

// Routes returns the endpoints of the token servers.
func (s *Server) Routes() []exchange.Route {
	return slices.Concat(s.providerRoutes(), s.oauth1Routes())
}

// RotateKeys rotates the keys as an operator would: POST /pa2/keys/rotate keeps
// tokens of the old key valid, ?revoke=1 doesn't.
func (s *Server) RotateKeys(w http.ResponseWriter, r *http.Request) {
	a := exchange.Answer{Status: http.StatusOK, Value: exchange.Success("the key was changed")}
	if err := s.Keys.Rotate(r.URL.Query().Get("revoke") == "1"); err != nil {
		a = exchange.Refusal(http.StatusInternalServerError, "internal", err.Error())
	}
	a = a.Encode(exchange.Style{})
	a.Write(w, len(a.Raw))
}
