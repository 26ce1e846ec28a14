package auth

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Metadata are an issuer's published addresses. Source: RFC 8414.
type Metadata struct {
	Issuer        string   `json:"issuer"`
	TokenURL      string   `json:"token_endpoint"`
	JWKSURI       string   `json:"jwks_uri"`               // may be empty
	Introspection string   `json:"introspection_endpoint"` // may be empty
	Scopes        []string `json:"scopes_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
}

// BasicAuth reports whether the issuer accepts credentials in the header only.
// RFC 8414 makes that the default of a document without a list; here the default
// is the form, as Kiva wants it, and an issuer that refuses that must say so.
func (m *Metadata) BasicAuth() bool {
	return len(m.AuthMethods) > 0 && !slices.Contains(m.AuthMethods, "client_secret_post")
}

// Discover reads an issuer's metadata: at
// /.well-known/oauth-authorization-server, before the issuer's path or, as some
// have it, after; else at /.well-known/openid-configuration. The document must
// name exactly this issuer, so that one issuer can't answer for another.
func Discover(ctx context.Context, issuer string, watch Watch) (*Metadata, error) {
	if err := checkURL(issuer); err != nil {
		return nil, fmt.Errorf("auth: issuer: %w", err)
	}
	var failed error
	for _, address := range wellKnown(issuer) {
		m := new(Metadata)
		err := getJSON(ctx, watch, address, m)
		if err == nil {
			return m, m.checkIssuer(issuer, address)
		}
		if failed == nil {
			failed = err
			continue
		}
		failed = fmt.Errorf("%w; %w", failed, err)
	}
	return nil, fmt.Errorf("auth: no metadata of the issuer %s: %w", issuer, failed)
}

// wellKnown returns the possible addresses of an issuer's metadata, the
// likeliest first.
func wellKnown(issuer string) []string {
	u, _ := url.Parse(issuer) // checked before
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	root := u.Scheme + "://" + u.Host
	const oauth, openID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	return slices.Compact([]string{root + oauth + path, root + path + oauth, root + path + openID})
}

func (m *Metadata) checkIssuer(issuer, address string) error {
	if m.Issuer != issuer {
		return fmt.Errorf("auth: %s is about the issuer %.200q, not %q; if that is meant, write it exactly so", address, m.Issuer, issuer)
	}
	for name, value := range map[string]string{
		"token_endpoint": m.TokenURL, "jwks_uri": m.JWKSURI, "introspection_endpoint": m.Introspection,
	} {
		if value == "" && name != "token_endpoint" {
			continue
		}
		if err := checkURL(value); err != nil {
			return fmt.Errorf("auth: %s: %s: %w", address, name, err)
		}
	}
	return nil
}
