package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A provider issues tokens by client credentials. The sandbox has two: Kiva, and
// another lender with other conventions. Both accept the sandbox's client id and
// secret and sign with the same keys.
type provider struct {
	path          string // of the issuer, below the server's address
	token         string
	introspection string
	needsAudience bool
	partner       string // the partner in tokens; "" for none
	scopes        []string
	life          time.Duration
}

// LenderScopes are the other lender's scopes. Source: Credicorp's page "OAuth
// 2.0 client credentials for partner/v1".
var LenderScopes = []string{"applications:write", "decisions:read"}

// lenderPath is the other lender's base path.
const lenderPath = "/partner/v1"

func (s *Server) kivaProvider() provider {
	return provider{ // #nosec G101 -- paths
		path: "/", token: "/oauth/token", introspection: "/oauth/introspect", needsAudience: true,
		partner: s.PartnerID, scopes: s.Scopes, life: tokenLife,
	}
}

// lenderProvider is a provider by Credicorp's description: no audience,
// short-lived tokens, no partner in them.
func (s *Server) lenderProvider() provider {
	return provider{
		path: lenderPath, token: lenderPath + "/oauth/token", introspection: lenderPath + "/oauth/introspect",
		scopes: LenderScopes, life: 10 * time.Minute,
	}
}

func (s *Server) providerRoutes() (routes []exchange.Route) {
	for _, p := range []provider{s.kivaProvider(), s.lenderProvider()} {
		wellKnown := "/.well-known/oauth-authorization-server" + strings.TrimSuffix(p.path, "/")
		routes = append(routes,
			exchange.Route{Endpoint: "token", Method: "POST", Pattern: p.token, Open: true, Handle: func(c *exchange.Call) exchange.Decision { return s.issueToken(c, p) }},
			exchange.Route{Endpoint: "introspect", Method: "POST", Pattern: p.introspection, Open: true, Handle: s.introspectToken},
			exchange.Route{Endpoint: "metadata", Method: "GET", Pattern: wellKnown, Open: true, Handle: p.serveMetadata},
		)
	}
	return append(routes,
		exchange.Route{Endpoint: "metadata", Method: "GET", Pattern: "/.well-known/openid-configuration", Open: true, Handle: s.kivaProvider().serveMetadata},
		exchange.Route{Endpoint: "jwks", Method: "GET", Pattern: "/.well-known/jwks.json", Open: true, Prompt: true, Handle: s.serveKeys})
}

func (p provider) issuerURL(c *exchange.Call) string { return exchange.BaseURL(c.Request) + p.path }

// serveMetadata answers with the provider's addresses as in RFC 8414. Kiva isn't
// known to have such a document.
func (p provider) serveMetadata(c *exchange.Call) exchange.Decision {
	base := exchange.BaseURL(c.Request)
	return exchange.Reply(exchange.PlainJSON(http.StatusOK, map[string]any{
		"issuer": p.issuerURL(c), "token_endpoint": base + p.token, "introspection_endpoint": base + p.introspection,
		"jwks_uri": base + "/.well-known/jwks.json", "scopes_supported": p.scopes,
		"grant_types_supported": []string{"client_credentials"}, "response_types_supported": []string{},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	}))
}

// introspectToken reports whether a token is valid. Source: RFC 7662.
func (s *Server) introspectToken(c *exchange.Call) exchange.Decision {
	form, refused, ok := parseTokenForm(c)
	if !ok {
		return exchange.Reply(refused)
	}
	if !isKnownClient(form) {
		return exchange.Reply(RefuseToken(http.StatusUnauthorized, "invalid_client", "unknown client, or wrong secret"))
	}
	granted, err := s.Keys.verifyToken(form.Get("token"))
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

// audienceOf returns a token's audience.
func (p provider) audienceOf(c *exchange.Call, form url.Values) []string {
	if a := form["audience"]; len(a) > 0 && a[0] != "" {
		return a
	}
	if r := form["resource"]; len(r) > 0 && r[0] != "" {
		return r
	}
	return []string{p.issuerURL(c)}
}

// grantScopes returns the granted scopes among the requested ones.
func (p provider) grantScopes(form url.Values) (scopes []string, refused exchange.Answer, ok bool) {
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
