package sandbox

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The signature that RFC 5849 works out in 3.4.1.1, with its odd parameters.
func TestSignatureBase(t *testing.T) {
	r, err := http.NewRequest("POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "example.com"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c := &call{Request: r, body: []byte("c2&a3=2+q")}
	got, err := signatureBase(c, map[string]string{
		"realm": "Example", "oauth_consumer_key": "9djdj82h48djs9d2", "oauth_token": "kkk9d7dh3k39sjv7",
		"oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": "137131201", "oauth_nonce": "7d8f3e4a",
		"oauth_signature": "bYT5CMsGcbgUdFHObYMEfcx6bsw=",
	})
	const want = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26" +
		"oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if err != nil || got != want {
		t.Errorf("got  %s\nwant %s\n%v", got, want, err)
	}
}

func TestOnce(t *testing.T) {
	var l logins
	now := time.Unix(1_800_000_000, 0)
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for _, tt := range []struct {
		timestamp, nonce string
		ok               bool
	}{
		{at(0), "a", true}, {at(0), "a", false}, {at(0), "b", true}, {at(time.Second), "a", true},
		{at(-6 * time.Minute), "c", false}, {at(6 * time.Minute), "c", false}, {"soon", "c", false}, {at(0), "", false},
	} {
		if err := l.once(tt.timestamp, tt.nonce, now); (err == nil) != tt.ok {
			t.Errorf("%s %s: %v", tt.timestamp, tt.nonce, err)
		}
	}
}

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
		token := newToken("r")
		p.server.tokens.logins.mu.Lock()
		defer p.server.tokens.logins.mu.Unlock()
		if p.server.tokens.logins.open == nil {
			p.server.tokens.logins.open = map[string]*login{}
		}
		p.server.tokens.logins.open[token] = &login{secret: "s", callback: callback}
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
