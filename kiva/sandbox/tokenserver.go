package sandbox

import (
	"net/http"
	"slices"
)

// The sandbox's own credentials. They open nothing but a sandbox. The secret
// holds characters that a form must encode, because real ones do too.
const (
	keptClientID     = "kivaform-sandbox"
	keptClientSecret = "not+a/secret=100%&open"
)

// The application that may ask lenders to let it in, by OAuth 1.0a. Source of
// all that follows: Kiva's guide to OAuth for the public API.
const (
	keptConsumerKey    = "org.kivaform.sandbox"
	keptConsumerSecret = "not+an/app's=secret" // #nosec G101 -- the practice server's secret is public
)

// A tokenServer issues and checks the tokens of both providers, and lets
// lenders sign in by OAuth 1.0a.
type tokenServer struct {
	PartnerID string   // that Kiva's tokens name
	Scopes    []string // that Kiva grants
	Keys      *keyring

	limit  tokenLimit
	logins logins
}

// newTokenServer returns a tokenServer that answers perMinute token requests in
// a minute, any number if zero.
func newTokenServer(partnerID string, scopes []string, keys *keyring, perMinute int) *tokenServer {
	return &tokenServer{PartnerID: partnerID, Scopes: scopes, Keys: keys, limit: tokenLimit{perMinute: perMinute}}
}

// Routes returns the endpoints of the token servers.
func (s *tokenServer) Routes() []route { return slices.Concat(s.providerRoutes(), s.oauth1Routes()) }

// RotateKeys changes the keys as an operator of the token server does:
// POST /pa2/keys/rotate makes a new one and keeps believing the one before,
// ?revoke=1 no longer does.
func (s *tokenServer) RotateKeys(w http.ResponseWriter, r *http.Request) {
	a := answer{status: http.StatusOK, value: success("the key was changed")}
	if err := s.Keys.rotate(r.URL.Query().Get("revoke") == "1"); err != nil {
		a = refusal(http.StatusInternalServerError, "internal", err.Error())
	}
	a = a.encode(keptStyle{})
	a.write(w, len(a.raw))
}
