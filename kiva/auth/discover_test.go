package auth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// site serves documents by their path; in them, BASE is its address.
func site(t *testing.T, documents map[string]string) (base string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		d, ok := documents[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case d == "redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		default:
			fmt.Fprint(w, strings.ReplaceAll(d, "BASE", "http://"+r.Host))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestDiscover(t *testing.T) {
	document := func(issuer string) string {
		return `{"issuer":"` + issuer + `","token_endpoint":"BASE/token","jwks_uri":"BASE/keys",
			"introspection_endpoint":"https://elsewhere.example/introspect","scopes_supported":["a"],
			"token_endpoint_auth_methods_supported":["client_secret_post"],"unknown":[1]}`
	}
	for _, tt := range []struct {
		name, path, at string
		asked          int
	}{
		{"root", "", "/.well-known/oauth-authorization-server", 1},
		{"root with a slash", "/", "/.well-known/oauth-authorization-server", 1},
		{"before the path", "/partner/v1", "/.well-known/oauth-authorization-server/partner/v1", 1},
		{"after the path", "/partner/v1", "/partner/v1/.well-known/oauth-authorization-server", 2},
		{"openid, root", "", "/.well-known/openid-configuration", 2},
		{"openid", "/partner/v1", "/partner/v1/.well-known/openid-configuration", 3},
	} {
		base, asked := site(t, map[string]string{tt.at: document("BASE" + tt.path)})
		m, err := Discover(t.Context(), base+tt.path, nil)
		if err != nil || m.TokenURL != base+"/token" || m.JWKSURI != base+"/keys" || m.Introspection != "https://elsewhere.example/introspect" ||
			!slices.Equal(m.Scopes, []string{"a"}) || m.BasicAuth() || len(*asked) != tt.asked {
			t.Errorf("%s: %+v, %v, asked %v", tt.name, m, err, *asked)
		}
	}
}

func TestDiscoverRefuses(t *testing.T) {
	const at = "/.well-known/oauth-authorization-server"
	for name, tt := range map[string]struct{ document, says string }{
		"another issuer":    {`{"issuer":"https://other.example","token_endpoint":"BASE/token"}`, "https://other.example"},
		"a slash":           {`{"issuer":"BASE/","token_endpoint":"BASE/token"}`, "write it exactly so"},
		"no issuer":         {`{"token_endpoint":"BASE/token"}`, `""`},
		"no token endpoint": {`{"issuer":"BASE"}`, "token_endpoint"},
		"plain http":        {`{"issuer":"BASE","token_endpoint":"http://other.example/token"}`, "only https"},
		"http keys":         {`{"issuer":"BASE","token_endpoint":"BASE/token","jwks_uri":"http://other.example/"}`, "jwks_uri"},
		"no JSON":           {`<html>`, "expected"},
		"large":             {`{"x":"` + strings.Repeat("x", maxDocument) + `"}`, "more than"},
		"redirect":          {"redirect", "302"},
	} {
		base, _ := site(t, map[string]string{at: tt.document})
		if _, err := Discover(t.Context(), base, nil); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	base, _ := site(t, nil)
	if _, err := Discover(t.Context(), base, nil); err == nil || strings.Count(err.Error(), "404") != 2 || strings.Contains(err.Error(), "\n") {
		t.Errorf("nothing there: %v", err)
	}
	if _, err := Discover(t.Context(), "http://auth.example", nil); err == nil || !strings.Contains(err.Error(), "only https") {
		t.Errorf("plain http: %v", err)
	}
}

func TestBasicAuth(t *testing.T) {
	for methods, want := range map[string]bool{"": false, "client_secret_basic": true, "client_secret_basic client_secret_post": false} {
		if got := (&Metadata{AuthMethods: strings.Fields(methods)}).BasicAuth(); got != want {
			t.Errorf("%q: %v", methods, got)
		}
	}
}

func TestIntrospect(t *testing.T) {
	for _, basic := range []bool{false, true} {
		var form url.Values
		var head http.Header
		e := serve(t, func(n int, f url.Values, w http.ResponseWriter) {
			if n == 1 {
				numbered(43199)(n, f, w)
				return
			}
			form = f
			fmt.Fprint(w, `{"active":true,"scope":"read:loans","client_id":"c","exp":4102444800}`)
		})
		c := e.config()
		c.BasicAuth = basic
		got, err := source(t, c).Introspect(t.Context(), e.url)
		head = e.heads[1]
		if err != nil || !got.Active || !slices.Equal(got.Scopes, []string{"read:loans"}) || got.ClientID != "c" || !got.Expires.Equal(time.Unix(4102444800, 0)) {
			t.Errorf("%+v, %v", got, err)
		}
		if form.Get("token") != "token-1" || form.Has("client_secret") == basic || (head.Get("Authorization") != "") != basic {
			t.Errorf("basic %v: form %v, header %v", basic, form, head)
		}
	}
}

func TestIntrospectRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"not allowed": {http.StatusUnauthorized, `{"error":"invalid_client"}`, "may not introspect"},
		"broken":      {http.StatusOK, `<html>`, "expected"},
		"error":       {http.StatusBadGateway, ``, "502"},
	} {
		e := serve(t, func(n int, f url.Values, w http.ResponseWriter) {
			if n == 1 {
				numbered(43199)(n, f, w)
				return
			}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})
		_, err := e.source(t).Introspect(t.Context(), e.url)
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "token-1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := serve(t, always(`{"active":false,"scope":"x"}`))
	e2 := serve(t, numbered(60))
	if got, err := e2.source(t).Introspect(t.Context(), e.url); err != nil || got.Active || got.Scopes != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := e2.source(t).Introspect(t.Context(), "http://auth.example/"); err == nil {
		t.Error("the secret would go over plain http")
	}
}
