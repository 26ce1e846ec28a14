package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
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

// LenderScopes are the scopes that the other lender grants. Source: Credicorp's page
// "OAuth 2.0 client credentials for partner/v1".
var LenderScopes = []string{"applications:write", "decisions:read"}

// lenderPath is where the other lender is.
const lenderPath = "/partner/v1"

func (s *Server) kivaProvider() provider {
	return provider{ // #nosec G101 -- paths
		path: "/", token: "/oauth/token", introspection: "/oauth/introspect", needsAudience: true,
		partner: s.PartnerID, scopes: s.Scopes, life: tokenLife,
	}
}

// lender is a provider as Credicorp describes itself: no audience, short-lived
// tokens, no field that names a partner.
func (s *Server) lender() provider {
	return provider{
		path: lenderPath, token: lenderPath + "/oauth/token", introspection: lenderPath + "/oauth/introspect",
		scopes: LenderScopes, life: 10 * time.Minute,
	}
}

func (s *Server) providerRoutes() (routes []exchange.Route) {
	for _, p := range []provider{s.kivaProvider(), s.lender()} {
		wellKnown := "/.well-known/oauth-authorization-server" + strings.TrimSuffix(p.path, "/")
		routes = append(routes,
			exchange.Route{Endpoint: "token", Method: "POST", Pattern: p.token, Open: true, Handle: func(c *exchange.Call) exchange.Decision { return s.token(c, p) }},
			exchange.Route{Endpoint: "introspect", Method: "POST", Pattern: p.introspection, Open: true, Handle: s.introspect},
			exchange.Route{Endpoint: "metadata", Method: "GET", Pattern: wellKnown, Open: true, Handle: p.metadata},
		)
	}
	return append(routes,
		exchange.Route{Endpoint: "metadata", Method: "GET", Pattern: "/.well-known/openid-configuration", Open: true, Handle: s.kivaProvider().metadata},
		exchange.Route{Endpoint: "jwks", Method: "GET", Pattern: "/.well-known/jwks.json", Open: true, Prompt: true, Handle: s.jwks})
}

func (p provider) issuer(c *exchange.Call) string { return exchange.BaseURL(c.Request) + p.path }

// metadata answers with the provider's addresses, in the form of RFC 8414. Kiva
// is nowhere seen to have such a document.
func (p provider) metadata(c *exchange.Call) exchange.Decision {
	base := exchange.BaseURL(c.Request)
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]any{
		"issuer": p.issuer(c), "token_endpoint": base + p.token, "introspection_endpoint": base + p.introspection,
		"jwks_uri": base + "/.well-known/jwks.json", "scopes_supported": p.scopes,
		"grant_types_supported": []string{"client_credentials"}, "response_types_supported": []string{},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	}))
}

// introspect says whether a token is one of this sandbox and still good. Source:
// RFC 7662.
func (s *Server) introspect(c *exchange.Call) exchange.Decision {
	form, refused, ok := parseTokenForm(c)
	if !ok {
		return exchange.Reply(refused)
	}
	if !isKnownClient(form) {
		return exchange.Reply(RefuseToken(http.StatusUnauthorized, "invalid_client", "unknown client, or wrong secret"))
	}
	granted, err := s.Keys.verify(form.Get("token"))
	if err != nil || granted.Expires <= time.Now().Unix() {
		return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]bool{"active": false}))
	}
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]any{
		"active": true, "scope": strings.Join(granted.Scope, " "), "client_id": granted.ClientID, "token_type": "bearer",
		"exp": granted.Expires, "iss": granted.Issuer, "aud": granted.Audience, "jti": granted.ID,
	}))
}

func isKnownClient(form url.Values) bool {
	return equalSecrets(form.Get("client_id"), ClientID) && equalSecrets(form.Get("client_secret"), ClientSecret)
}

// audience returns whom a token is for.
func (p provider) audience(c *exchange.Call, form url.Values) []string {
	if a := form["audience"]; len(a) > 0 && a[0] != "" {
		return a
	}
	if r := form["resource"]; len(r) > 0 && r[0] != "" {
		return r
	}
	return []string{p.issuer(c)}
}

// grant returns the scopes that the client gets, of those that it asks for.
func (p provider) grant(form url.Values) (scopes []string, refused exchange.Answer, ok bool) {
	no := func(status int, code, description string) ([]string, exchange.Answer, bool) {
		return nil, RefuseToken(status, code, description), false
	}
	switch {
	case form.Get("grant_type") == "":
		return no(http.StatusBadRequest, "invalid_request", "grant_type is needed")
	case form.Get("grant_type") != "client_credentials":
		return no(http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is possible")
	case !isKnownClient(form):
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
	return scopes, exchange.Answer{}, true
}
