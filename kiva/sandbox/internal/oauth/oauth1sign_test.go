package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"strconv"
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
	c := &exchange.Call{Request: r, Data: []byte("c2&a3=2+q")}
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
		if err := l.checkFresh(tt.timestamp, tt.nonce, now); (err == nil) != tt.ok {
			t.Errorf("%s %s: %v", tt.timestamp, tt.nonce, err)
		}
	}
}
