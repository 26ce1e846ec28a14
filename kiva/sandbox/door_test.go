package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Each part of the sandbox is closed to names that others can make lead here and
// to pages of other sites, and open to programs and to its own pages.
func TestStrangers(t *testing.T) {
	p := start(t, Options{})
	port := p.url[strings.LastIndex(p.url, ":"):]
	bearer := []string{"Authorization", "Bearer " + p.bearer, "Content-Type", "application/json"}
	form := []string{"Content-Type", formType}
	parts := []struct {
		method, path, body string
		header             []string
	}{
		{"GET", "/v3/partner/145/loans", "", bearer},
		{"GET", "/v3/partner/145/config/themes", "", bearer},
		{"POST", "/v3/partner/145/loan_draft", "{}", bearer},
		{"POST", "/oauth/token", tokenRequest().Encode(), form},
		{"GET", "/.well-known/jwks.json", "", nil},
		{"GET", "/v1/loans/search.json", "", nil},
		{"GET", "/v1/loans/newest.json", "", nil},
		{"GET", "/oauth/authorize", "", nil},
		{"GET", "/pa2/drafts", "", nil},
		{"GET", "/pa2/static/pa2.css", "", nil},
		{"GET", "/", "", []string{"Accept", browserAccept}},
		{"POST", "/pa2/reset", "", nil},
		{"POST", "/pa2/keys/rotate", "", nil},
		{"GET", proofPath + "?nonce=x", "", nil},
		{"GET", "/nothing", "", nil},
	}
	strangers := [][]string{
		{"Host", "evil.example" + port}, {"Host", "evil.example"}, {"Host", "127.0.0.1.evil.example" + port}, {"Host", "localhost.evil.example"},
		{"Host", "0.0.0.0" + port}, {"Host", "[::]" + port}, {"Host", "192.168.1.5" + port}, {"Host", "2130706433" + port},
		{"Host", "evil.example@127.0.0.1" + port},
		{"Origin", "http://evil.example"}, {"Origin", "null"}, {"Origin", "http://localhost:1"}, {"Origin", "https://127.0.0.1" + port},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"},
		{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
	}
	guests := [][]string{
		nil, {"Host", "localhost" + port}, {"Host", "[::1]" + port}, {"Host", "localhost:8080"}, {"Host", "127.0.0.1"}, {"Origin", p.url},
		{"Origin", p.url, "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"},
		{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
	}
	p.step("POST", "reset", "").want(200)
	for _, part := range parts {
		for _, stranger := range strangers {
			r := p.send(part.method, part.path, part.body, append(stranger, part.header...)...)
			if r.status != 403 || !strings.Contains(string(r.body), "only programs and pages") {
				t.Errorf("%s %s with %v: %d %.80s", part.method, part.path, stranger, r.status, r.body)
			}
		}
	}
	if counts, err := p.server.Requests(); err != nil || len(counts) != 0 {
		t.Errorf("requests of strangers were counted: %v, %v", counts, err)
	}
	for _, part := range parts {
		for _, guest := range guests {
			r := p.send(part.method, part.path, part.body, append(guest, part.header...)...)
			if strings.Contains(string(r.body), "only programs and pages") {
				t.Errorf("%s %s with %v: %d %s", part.method, part.path, guest, r.status, r.body)
			}
		}
	}
}

// A header that says where a request comes from stands there once. A second one
// doesn't hide behind the first, whichever is the sandbox's own.
func TestHeadersTwice(t *testing.T) {
	p := start(t, Options{})
	own := strings.TrimPrefix(p.url, "http://")
	for _, lines := range []string{
		"Host: " + own + "\r\nHost: evil.example", "Host: evil.example\r\nHost: " + own,
		"Host: " + own + "\r\nOrigin: " + p.url + "\r\nOrigin: http://evil.example", "Host: " + own + "\r\nOrigin:\r\nOrigin: http://evil.example",
		"Host: " + own + "\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
	} {
		c, err := net.Dial("tcp", own)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST /pa2/reset HTTP/1.1\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", lines)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		c.Close()
		if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusBadRequest { // two hosts are no HTTP
			t.Errorf("%q: %s", lines, resp.Status)
		}
	}
}

// A link on another site opens a page, and a form there changes nothing.
func TestLinksFromElsewhere(t *testing.T) {
	p := start(t, Options{})
	header := []string{"Accept", browserAccept, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	p.send("GET", "/pa2/journals", "", header...).want(200)
	p.send("POST", "/pa2/repayments/finalise", "", append(header, "Content-Type", formType)...).want(403)
}

// A sandbox proves that it has its key, and nobody else does, also not who passes
// the question on to it.
func TestProves(t *testing.T) {
	key := []byte("a key that only this user can read")
	p := start(t, Options{Key: key})
	p.server.options.Latency = time.Hour
	if !Proves(t.Context(), p.url, key) {
		t.Error("the sandbox doesn't prove that it is there")
	}
	if Proves(t.Context(), p.url, []byte("another key")) || Proves(t.Context(), p.url, nil) {
		t.Error("it proves another key")
	}
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := http.Get(p.url + r.URL.String())
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		io.Copy(w, resp.Body)
	}))
	defer relay.Close()
	if Proves(t.Context(), relay.URL, key) {
		t.Error("a proof that was passed on is believed")
	}
	asked := 0
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, p.url+r.URL.String(), http.StatusTemporaryRedirect)
	}))
	defer stranger.Close()
	if Proves(t.Context(), stranger.URL, key) || asked != 1 {
		t.Errorf("a redirect is followed, or %d requests", asked)
	}
	if keyless := start(t, Options{}); Proves(t.Context(), keyless.url, nil) || Proves(t.Context(), keyless.url, key) {
		t.Error("a sandbox without a key proves something")
	}
	port := stranger.URL[strings.LastIndex(stranger.URL, ":"):]
	for _, base := range []string{
		"", "http://localhost" + port, "http://0.0.0.0" + port, "http://192.0.2.1" + port, "http://evil.example" + port, "https://127.0.0.1" + port,
		stranger.URL + "/", stranger.URL + "/x", stranger.URL + "?x", "http://u@127.0.0.1" + port, "http://127.0.0.1", "127.0.0.1" + port, "http://127.0.0.1" + port + "#x",
	} {
		if Proves(t.Context(), base, key) {
			t.Errorf("%s proves it", base)
		}
	}
	if asked != 1 {
		t.Errorf("%d requests went to what is no address on loopback", asked-1)
	}
}
