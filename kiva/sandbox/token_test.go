package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/oauth"
)

func TestToken(t *testing.T) {
	p := start(t, Options{Scopes: []string{kiva.ScopeCreateLoanDraft, kiva.ScopeReadLoans}})
	for name, tt := range map[string]struct {
		change map[string]string // "" removes the field
		status int
		code   string // of the refusal
		scope  string
	}{
		"all scopes":          {nil, 200, "", "create:loan_draft read:loans"},
		"one scope":           {map[string]string{"scope": "read:loans"}, 200, "", "read:loans"},
		"another order":       {map[string]string{"scope": "read:loans create:loan_draft"}, 200, "", "create:loan_draft read:loans"},
		"more than granted":   {map[string]string{"scope": "create:repayment read:loans"}, 200, "", "read:loans"},
		"nothing of it":       {map[string]string{"scope": "create:repayment"}, 400, "invalid_scope", ""},
		"no grant type":       {map[string]string{"grant_type": ""}, 400, "invalid_request", ""},
		"another grant type":  {map[string]string{"grant_type": "password"}, 400, "unsupported_grant_type", ""},
		"no audience":         {map[string]string{"audience": ""}, 400, "invalid_request", ""},
		"unknown client":      {map[string]string{"client_id": "somebody"}, 401, "invalid_client", ""},
		"no client":           {map[string]string{"client_id": ""}, 401, "invalid_client", ""},
		"wrong secret":        {map[string]string{"client_secret": strings.ReplaceAll(ClientSecret, "+", " ")}, 401, "invalid_client", ""},
		"a secret and a rest": {map[string]string{"client_secret": ClientSecret + "x"}, 401, "invalid_client", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			form := tokenRequest()
			for k, v := range tt.change {
				form.Set(k, v)
				if v == "" {
					form.Del(k)
				}
			}
			r := p.send("POST", "/oauth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded").want(tt.status)
			if got := r.object()["error"]; tt.code != "" && got != tt.code {
				t.Errorf("error %v, want %s", got, tt.code)
			}
			if got := r.object()["scope"]; tt.code == "" && got != tt.scope {
				t.Errorf("scope %v, want %s", got, tt.scope)
			}
		})
	}
}

func TestTokenAnswer(t *testing.T) {
	p := start(t, Options{Style: Style{Camel: true, Created: true, Array: true}}) // a token is spelt in one way only
	answer := p.token(tokenRequest())
	for key, want := range map[string]any{
		"token_type": "bearer", "expires_in": json.Number("43199"), "partnerId": "145", "iss": p.url + "/",
		"scope": "create:journal_update create:loan_draft create:repayment read:loans",
	} {
		if answer[key] != want {
			t.Errorf("%s is %v, want %v", key, answer[key], want)
		}
	}
	var keys jose.JSONWebKeySet
	p.send("GET", "/.well-known/jwks.json", "").want(200).decode(&keys)
	if len(keys.Keys) != 1 || !keys.Keys[0].IsPublic() {
		t.Fatalf("keys: %+v", keys)
	}
	signed, err := jose.ParseSignedCompact(answer["access_token"].(string), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	if header := signed.Signatures[0].Header; header.KeyID != keys.Keys[0].KeyID || len(header.KeyID) != 8 || header.ExtraHeaders["typ"] != "JWT" {
		t.Errorf("header %+v", header)
	}
	payload, err := signed.Verify(keys.Keys[0])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, []string{"aud", "client_id", "exp", "iss", "jti", "partnerId", "scope"}) {
		t.Errorf("claims %v", got)
	}
	if aud := claims["aud"].([]any); len(aud) != 1 || aud[0] != "https://partner-api.example" || len(claims["scope"].([]any)) != 4 {
		t.Errorf("claims %v", claims)
	}
	if left := time.Until(time.Unix(int64(claims["exp"].(float64)), 0)); left < 11*time.Hour || left > 12*time.Hour {
		t.Errorf("the token lasts %s", left)
	}
}

func TestTokenForm(t *testing.T) {
	p := start(t, Options{})
	form := tokenRequest().Encode()
	const kind = "application/x-www-form-urlencoded"
	p.send("POST", "/oauth/token", form, "Content-Type", kind+"; charset=UTF-8").want(200)
	p.send("POST", "/oauth/token", form).want(400)
	p.send("POST", "/oauth/token", `{"grant_type":"client_credentials"}`, "Content-Type", "application/json").want(400)
	p.send("POST", "/oauth/token", form+"&audience=b", "Content-Type", kind).want(400)
	p.send("POST", "/oauth/token", strings.ReplaceAll(form, url.QueryEscape(ClientSecret), ClientSecret), "Content-Type", kind).want(400)
	p.send("POST", "/oauth/token?"+form, "", "Content-Type", kind).want(400)
	p.send("GET", "/oauth/token?"+form, "").want(405)
	without := tokenRequest()
	without.Del("client_id")
	without.Del("client_secret")
	basic := base64.StdEncoding.EncodeToString([]byte(ClientID + ":" + ClientSecret))
	p.send("POST", "/oauth/token", without.Encode(), "Content-Type", kind, "Authorization", "Basic "+basic).want(401)
}

func TestAuthorisation(t *testing.T) {
	p := start(t, Options{})
	readOnly := tokenRequest()
	readOnly.Set("scope", "read:loans")
	whole, _ := json.Marshal(p.token(tokenRequest()))
	parts := strings.Split(p.bearer, ".")
	sign := func(change func(*oauth.Claims)) string {
		c := oauth.Claims{Scope: []string{"read:loans"}, PartnerID: PartnerID, Expires: time.Now().Add(time.Hour).Unix()}
		change(&c)
		token, err := p.server.tokens.Keys.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	foreign, err := oauth.NewKeyring(t.TempDir()).Sign(oauth.Claims{Scope: []string{"read:loans"}, PartnerID: PartnerID, Expires: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."

	for name, tt := range map[string]struct {
		path, header string
		status       int
	}{
		"good":                 {"145/loans", "Bearer " + p.bearer, 200},
		"lower case":           {"145/loans", "bearer " + p.bearer, 200},
		"no token":             {"145/loans", "", 401},
		"not a bearer":         {"145/loans", "Basic " + p.bearer, 401},
		"no word":              {"145/loans", p.bearer, 401},
		"the whole answer":     {"145/loans", "Bearer " + string(whole), 401},
		"another signature":    {"145/loans", "Bearer " + parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString([]byte("x")), 401},
		"another key":          {"145/loans", "Bearer " + foreign, 401},
		"no algorithm":         {"145/loans", "Bearer " + none, 401},
		"expired":              {"145/loans", "Bearer " + sign(func(c *oauth.Claims) { c.Expires = time.Now().Unix() - 1 }), 401},
		"signed by the key":    {"145/loans", "Bearer " + sign(func(*oauth.Claims) {}), 200},
		"another partner":      {"319/loans", "Bearer " + p.bearer, 403},
		"of another partner":   {"145/loans", "Bearer " + sign(func(c *oauth.Claims) { c.PartnerID = "319" }), 403},
		"without the scope":    {"145/loans", "Bearer " + sign(func(c *oauth.Claims) { c.Scope = nil }), 403},
		"lists need no scope":  {"145/config/themes", "Bearer " + sign(func(c *oauth.Claims) { c.Scope = nil }), 200},
		"lists need a token":   {"145/config/themes", "", 401},
		"read scope is enough": {"145/loans", "Bearer " + p.token(readOnly)["access_token"].(string), 200},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			r := p.send("GET", "/v3/partner/"+tt.path, "", "Authorization", tt.header).want(tt.status)
			if tt.status != 200 && (r.object()["code"] == nil || r.object()["message"] == nil) {
				t.Errorf("body %s", r.body)
			}
		})
	}
	p.t = t
	for _, path := range []string{"loan_draft", "journals", "repayments"} {
		p.send("POST", "/v3/partner/145/"+path, "{}", "Authorization", "Bearer "+p.token(readOnly)["access_token"].(string)).want(403)
	}
	if len(p.record()) != 0 {
		t.Error("something was taken without its scope")
	}
}

func TestKeyIsKept(t *testing.T) {
	dir := t.TempDir()
	first, second := start(t, Options{Dir: dir}), start(t, Options{Dir: dir})
	second.send("GET", "/v3/partner/145/loans", "", "Authorization", "Bearer "+first.bearer).want(200)
	info, err := os.Stat(filepath.Join(dir, "key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := oauth.NewKeyring(dir).All(); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a broken key: %v", err)
	}
}
