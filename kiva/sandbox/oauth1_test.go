package sandbox

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestUnsignedIsRefused(t *testing.T) {
	p := start(t, Options{})
	for _, header := range []string{"", "Bearer x", `OAuth oauth_consumer_key="x"`, `OAuth oauth_consumer_key="` + ConsumerKey + `", oauth_signature_method="PLAINTEXT"`,
		`OAuth a="1", a="2"`, `OAuth a="%zz"`} {
		for path, method := range map[string]string{"/oauth/request_token": "POST", "/oauth/access_token.json": "POST", "/v1/my/account.json": "GET"} {
			p.send(method, path, "", "Authorization", header).want(401)
		}
	}
}

func TestConsentPage(t *testing.T) {
	p := start(t, Options{})
	open := func(callback string) url.Values {
		token, _ := p.server.tokens.BeginLogin(callback)
		return url.Values{"client_id": {ConsumerKey}, "response_type": {"code"}, "oauth_token": {token}, "oauth_callback": {callback}, "state": {"a&b"}}
	}
	ask := func(method string, q url.Values, form string, status int, header ...string) response {
		t.Helper()
		return p.send(method, "/oauth/authorize?"+q.Encode(), form, append(header, "Content-Type", formType)...).want(status)
	}

	q := open("oob")
	if body := string(ask("GET", q, "", 200).body); !strings.Contains(body, `value="allow"`) || !strings.Contains(body, ConsumerKey) {
		t.Errorf("page:\n%s", body)
	}
	ask("POST", q, "answer=allow", 403, "Origin", "http://elsewhere.example")
	body := string(ask("POST", q, "answer=allow", 200).body)
	if !regexp.MustCompile(`<code id="code">[0-9a-f]{8}</code>`).MatchString(body) {
		t.Errorf("page:\n%s", body)
	}
	ask("POST", q, "answer=allow", 400) // it was answered

	q = open("http://127.0.0.1:1/back?x=1")
	back, err := url.Parse(ask("POST", q, "answer=allow", 303).header.Get("Location"))
	if err != nil || back.Query().Get("oauth_verifier") == "" || back.Query().Get("state") != "a&b" || back.Query().Get("scope") != "access" {
		t.Errorf("back to %s, %v", back, err)
	}
	q = open("http://127.0.0.1:1/back")
	back, err = url.Parse(ask("POST", q, "answer=deny", 303).header.Get("Location"))
	if err != nil || back.Query().Get("error") != "access_denied" || back.Query().Has("oauth_verifier") || back.Query().Get("state") != "a&b" {
		t.Errorf("back to %s, %v", back, err)
	}
	for name, value := range map[string]string{"client_id": "x", "oauth_token": "x", "oauth_callback": "http://127.0.0.1:2/", "response_type": "token"} {
		q = open("oob")
		q.Set(name, value)
		ask("GET", q, "", 400)
	}
}
