package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A provider gives tokens by client credentials. The sandbox is two of them:
// Kiva, and another lender whose habits differ. Both take the sandbox's client
// id and secret and sign with the same keys.
type provider struct {
	path          string // of the issuer, after the server's address
	token         string
	introspection string
	needsAudience bool
	partner       string // the partner that tokens name; "" where they name none
	scopes        []string
	life          time.Duration
}

// LenderScopes are what the other lender grants. Source: Credicorp's page
// "OAuth 2.0 client credentials for partner/v1".
var LenderScopes = []string{"applications:write", "decisions:read"}

// lenderPath is where the other lender is.
const lenderPath = "/partner/v1"

func (s *tokenServer) kivaProvider() provider {
	return provider{ // #nosec G101 -- paths
		path: "/", token: "/oauth/token", introspection: "/oauth/introspect", needsAudience: true,
		partner: s.PartnerID, scopes: s.Scopes, life: tokenLife,
	}
}

// lender is a provider as Credicorp describes itself: no audience, short-lived
// tokens, no field that names a partner.
func (s *tokenServer) lender() provider {
	return provider{
		path: lenderPath, token: lenderPath + "/oauth/token", introspection: lenderPath + "/oauth/introspect",
		scopes: LenderScopes, life: 10 * time.Minute,
	}
}

func (s *tokenServer) providerRoutes() (routes []route) {
	for _, p := range []provider{s.kivaProvider(), s.lender()} {
		wellKnown := "/.well-known/oauth-authorization-server" + strings.TrimSuffix(p.path, "/")
		routes = append(routes,
			route{endpoint: "token", method: "POST", pattern: p.token, open: true, handle: func(c *call) decision { return s.token(c, p) }},
			route{endpoint: "introspect", method: "POST", pattern: p.introspection, open: true, handle: s.introspect},
			route{endpoint: "metadata", method: "GET", pattern: wellKnown, open: true, handle: p.metadata},
		)
	}
	return append(routes,
		route{endpoint: "metadata", method: "GET", pattern: "/.well-known/openid-configuration", open: true, handle: s.kivaProvider().metadata},
		route{endpoint: "jwks", method: "GET", pattern: "/.well-known/jwks.json", open: true, prompt: true, handle: s.jwks})
}

func (p provider) issuer(c *call) string { return baseURL(c.Request) + p.path }

// metadata answers with the provider's addresses, in the form of RFC 8414. Kiva
// is nowhere seen to have such a document.
func (p provider) metadata(c *call) decision {
	base := baseURL(c.Request)
	return reply(plainJSON(http.StatusOK, map[string]any{
		"issuer": p.issuer(c), "token_endpoint": base + p.token, "introspection_endpoint": base + p.introspection,
		"jwks_uri": base + "/.well-known/jwks.json", "scopes_supported": p.scopes,
		"grant_types_supported": []string{"client_credentials"}, "response_types_supported": []string{},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	}))
}

// introspect says whether a token is one of this sandbox and still good. Source:
// RFC 7662.
func (s *tokenServer) introspect(c *call) decision {
	form, refused, ok := tokenForm(c)
	if !ok {
		return reply(refused)
	}
	if !rightClient(form) {
		return reply(oauthError(http.StatusUnauthorized, "invalid_client", "unknown client, or wrong secret"))
	}
	granted, err := s.Keys.verify(form.Get("token"))
	if err != nil || granted.Expires <= time.Now().Unix() {
		return reply(plainJSON(http.StatusOK, map[string]bool{"active": false}))
	}
	return reply(plainJSON(http.StatusOK, map[string]any{
		"active": true, "scope": strings.Join(granted.Scope, " "), "client_id": granted.ClientID, "token_type": "bearer",
		"exp": granted.Expires, "iss": granted.Issuer, "aud": granted.Audience, "jti": granted.ID,
	}))
}

func rightClient(form url.Values) bool {
	return same(form.Get("client_id"), keptClientID) && same(form.Get("client_secret"), keptClientSecret)
}

// audience returns whom a token is for.
func (p provider) audience(c *call, form url.Values) []string {
	if a := form["audience"]; len(a) > 0 && a[0] != "" {
		return a
	}
	if r := form["resource"]; len(r) > 0 && r[0] != "" {
		return r
	}
	return []string{p.issuer(c)}
}

// grant returns what the client gets of the scopes that it asks for.
func (p provider) grant(form url.Values) (scopes []string, refused answer, ok bool) {
	no := func(status int, code, description string) ([]string, answer, bool) {
		return nil, oauthError(status, code, description), false
	}
	switch {
	case form.Get("grant_type") == "":
		return no(http.StatusBadRequest, "invalid_request", "grant_type is needed")
	case form.Get("grant_type") != "client_credentials":
		return no(http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is possible")
	case !rightClient(form):
		return no(http.StatusUnauthorized, "invalid_client", "unknown client, or wrong secret")
	case p.needsAudience && form.Get("audience") == "":
		return no(http.StatusBadRequest, "invalid_request", "audience is needed")
	}
	asked := strings.Fields(form.Get("scope"))
	scopes = slices.Clone(p.scopes)
	if len(asked) > 0 {
		scopes = slices.DeleteFunc(scopes, func(scope string) bool { return !slices.Contains(asked, scope) })
	}
	if len(scopes) == 0 {
		return no(http.StatusBadRequest, "invalid_scope", "none of these scopes is granted to the client")
	}
	return scopes, answer{}, true
}
