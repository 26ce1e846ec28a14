package sandbox

import (
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

const formType = "application/x-www-form-urlencoded"

func lenderRequest() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret},
		"scope": {"applications:write decisions:read"},
	}
}

func TestLender(t *testing.T) {
	p := start(t, Options{})
	answer := p.send("POST", "/partner/v1/oauth/token", lenderRequest().Encode(), "Content-Type", formType).want(200).object()
	if answer["scope"] != "applications:write decisions:read" || answer["partnerId"] != nil || answer["iss"] != p.url+"/partner/v1" {
		t.Errorf("answer %v", answer)
	}
	// Its tokens open nothing of Kiva's.
	p.send("GET", "/v3/partner/145/loans", "", "Authorization", "Bearer "+answer["access_token"].(string)).want(403)
}

func TestMetadata(t *testing.T) {
	p := start(t, Options{})
	for path, prefix := range map[string]string{
		"/.well-known/oauth-authorization-server":            "/",
		"/.well-known/openid-configuration":                  "/",
		"/.well-known/oauth-authorization-server/partner/v1": "/partner/v1",
	} {
		m := p.send("GET", path, "").want(200).object()
		if m["issuer"] != p.url+prefix || m["jwks_uri"] != p.url+"/.well-known/jwks.json" {
			t.Errorf("%s: %v", path, m)
		}
		form := lenderRequest()
		form.Del("scope")
		form.Set("audience", p.url)
		token := m["token_endpoint"].(string)[len(p.url):]
		got := p.send("POST", token, form.Encode(), "Content-Type", formType).want(200).object()
		if got["iss"] != m["issuer"] {
			t.Errorf("%s: issuer %v", path, got["iss"])
		}
	}
}

func TestIntrospection(t *testing.T) {
	p := start(t, Options{})
	token := p.token(tokenRequest())["access_token"].(string)
	form := url.Values{"token": {token}, "client_id": {ClientID}, "client_secret": {ClientSecret}}
	ask := func(form url.Values, status int) map[string]any {
		t.Helper()
		return p.send("POST", "/oauth/introspect", form.Encode(), "Content-Type", formType).want(status).object()
	}
	if got := ask(form, 200); got["active"] != true || got["client_id"] != ClientID || got["scope"] == "" {
		t.Errorf("good token: %v", got)
	}
	form.Set("token", token+"x")
	if d := cmp.Diff(map[string]any{"active": false}, ask(form, 200)); d != "" {
		t.Errorf("bad token:\n%s", d)
	}
	form.Set("client_secret", "x")
	ask(form, 401)
}

func TestRotation(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			p := start(t, Options{Dir: dir})
			beside := p // another process over the same folder
			if dir != "" {
				beside = start(t, Options{Dir: dir})
			}
			keys := func() (ids []string) {
				var set jose.JSONWebKeySet
				beside.send("GET", "/.well-known/jwks.json", "").want(200).decode(&set)
				for _, k := range set.Keys {
					ids = append(ids, k.KeyID)
				}
				return ids
			}
			loans := func(token string, status int) {
				t.Helper()
				beside.send("GET", "/v3/partner/145/loans", "", "Authorization", "Bearer "+token).want(status)
			}
			first := p.token(tokenRequest())["access_token"].(string)
			before := keys()
			p.send("POST", "/pa2/keys/rotate", "").want(200)
			second := p.token(tokenRequest())["access_token"].(string)
			if after := keys(); len(before) != 1 || len(after) != 2 || after[0] == before[0] || after[1] != before[0] {
				t.Errorf("keys %v, then %v", before, after)
			}
			loans(first, 200)
			loans(second, 200)
			p.send("POST", "/pa2/keys/rotate?revoke=1", "").want(200)
			loans(first, 401)
			loans(second, 401)
			if len(keys()) != 1 {
				t.Errorf("keys %v", keys())
			}
			p.send("POST", "/pa2/keys/rotate", "", "Origin", "http://elsewhere.example").want(403)
		})
	}
}

func TestTokenLimit(t *testing.T) {
	p := start(t, Options{TokensPerMinute: 3}) // start asks for one itself
	for range 2 {
		p.token(tokenRequest())
	}
	r := p.send("POST", "/partner/v1/oauth/token", lenderRequest().Encode(), "Content-Type", formType).want(429)
	if wait := r.header.Get("Retry-After"); wait != "60" && wait != "59" {
		t.Errorf("Retry-After %q", wait)
	}
}
