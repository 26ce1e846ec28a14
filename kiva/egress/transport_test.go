package egress

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func allowing(t *testing.T, address string) Hosts {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := ParseHosts(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return hosts
}

// A redirect reaches no host that isn't allowed.
func TestRedirectIsRefused(t *testing.T) {
	asked := false
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer evil.Close()
	good := httptest.NewServer(http.RedirectHandler(evil.URL, http.StatusTemporaryRedirect))
	defer good.Close()
	client := &http.Client{Transport: allowing(t, good.URL).Over(http.DefaultTransport)}
	_, err := client.Post(good.URL, "text/plain", strings.NewReader("a draft"))
	if !errors.As(err, new(*RefusedError)) || asked {
		t.Errorf("asked %v: %v", asked, err)
	}
}

// rawServer answers every connection with what it makes of the request's head.
func rawServer(t *testing.T, answer func(head string) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			data := make([]byte, 64<<10)
			n, _ := conn.Read(data)
			io.WriteString(conn, answer(string(data[:n])))
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

const secretToken = "tok-Zx81kq+Lm/93-vUeWnA7"

func TestErrorsHoldNoSecret(t *testing.T) {
	for name, form := range map[string]string{
		"raw": secretToken, "cut": secretToken[:11], "tail": secretToken[9:], "upper": strings.ToUpper(secretToken),
		"query": url.QueryEscape(secretToken), "path": url.PathEscape(secretToken), "percent": percentEncoded(secretToken), "hex": hex.EncodeToString([]byte(secretToken)),
		"base64": base64.StdEncoding.EncodeToString([]byte(secretToken)), "header": base64.URLEncoding.EncodeToString([]byte("Authorization: Bearer " + secretToken + "\r\n")),
		"odd": base64.RawStdEncoding.EncodeToString([]byte("x" + secretToken)), "even": base64.StdEncoding.EncodeToString([]byte("xy" + secretToken + ".")),
	} {
		for place, answer := range map[string]string{
			"status line": form + "\r\n\r\n", "status": "HTTP/1.1 " + form + "\r\n\r\n", "header line": "HTTP/1.1 200 OK\r\nAuthorization " + form + "\r\n\r\n",
			"header name": "HTTP/1.1 200 OK\r\n" + form + "\x00: x\r\n\r\n", "length": "HTTP/1.1 200 OK\r\nContent-Length: " + form + "\r\n\r\n",
			"encoding":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + form + "\r\n\r\n",
			"chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + form + "\r\n",
			"trailer":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX " + form + "\r\n\r\n",
			"body":      "HTTP/1.1 400 Bad Request\r\n\r\nyou sent " + form,
			"cut body":  fmt.Sprintf("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9999\r\n\r\n<%s>", form),
			"in header": "HTTP/1.1 200 OK\r\nX-Request-Id: " + form + "\r\nContent-Length: 0\r\n\r\n",
		} {
			address := rawServer(t, func(string) string { return answer })
			req, _ := http.NewRequest(http.MethodGet, address, nil)
			req.Header.Set("Authorization", "Bearer "+secretToken)
			resp, err := allowing(t, address).Over(&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			said := fmt.Sprint(err)
			if err == nil {
				data, err := io.ReadAll(resp.Body)
				said = fmt.Sprint(err, resp.Header, string(data))
				if place == "cut body" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("the end of a body that was cut is %v", err)
				}
			}
			if strings.Contains(strings.ToLower(said), strings.ToLower(form)) {
				t.Errorf("%s as %s: %s", name, place, said)
			}
		}
	}
}

func TestSecretsOfRequest(t *testing.T) {
	form := url.Values{"client_id": {"an-id-of-a-client"}, "client_secret": {"pass word/of+a client"}, "grant_type": {"client_credentials"}}
	posted, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1", strings.NewReader(form.Encode()))
	posted.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	basic, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1", nil)
	basic.SetBasicAuth("an-id-of-a-client", url.QueryEscape("pass word/of+a client"))
	signed, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1", nil)
	signed.Header.Set("Authorization", `OAuth oauth_consumer_key="a-consumer-key", oauth_signature="aSignature%2Bof%2Fit%3D", oauth_version="1.0"`)
	for req, texts := range map[*http.Request][]string{
		posted: {form.Encode(), "pass word/of+a client", `"pass word/of`}, basic: {basic.Header.Get("Authorization"), "pass word/of+a client"},
		signed: {"a-consumer-key", "aSignature+of/it=", "aSignature%2Bof"},
	} {
		secrets := carriedBy(req).newSecrets()
		for _, text := range texts {
			if said := secrets.Redact("it said " + text); strings.Contains(said, "client&") || strings.Contains(said, "pass") || strings.Contains(said, "Signature") || !strings.Contains(said, Redacted) {
				t.Errorf("%q: %q", text, said)
			}
		}
		if said := secrets.Redact("no such OAuth client credentials, version 1.0"); strings.Contains(said, Redacted) {
			t.Errorf("%q", said)
		}
	}
}

func TestRedactKeepsTheRest(t *testing.T) {
	secrets := NewSecrets(secretToken, "pin5", "no")
	for text, want := range map[string]string{
		"":                                 "",
		"short":                            "short",
		"a " + secretToken + " b":          "a [redacted] b",
		secretToken + "," + secretToken:    "[redacted],[redacted]",
		"x" + secretToken[3:15] + " PIN5!": "x[redacted] [redacted]!",
		"no answer":                        "no answer",
		"Grüße, " + secretToken:            "Grüße, [redacted]",
	} {
		if got := secrets.Redact(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	err := secrets.redactError(errors.New(`invalid proxy address "http://me:pass@proxy:3128"`))
	if strings.Contains(err.Error(), "pass") {
		t.Error(err)
	}
	if cause := io.ErrUnexpectedEOF; secrets.redactError(cause) != cause {
		t.Error("a harmless error was replaced")
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(secretToken, "a ", " b")
	f.Add("pin5", "", "")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 4 || strings.Contains(strings.ToLower(Redacted), strings.ToLower(secret)) {
			t.Skip()
		}
		said := NewSecrets(secret).Redact(before + secret + after)
		if strings.Contains(lowerASCII(strings.ReplaceAll(said, Redacted, "\x00")), lowerASCII(secret)) {
			t.Errorf("%q", said)
		}
	})
}
