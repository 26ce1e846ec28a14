package auth

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTriedAgain(t *testing.T) {
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.WriteHeader(code)
			fmt.Fprint(w, "<html><body>Bad gateway</body></html>")
		}
	}
	for _, tt := range []struct {
		name     string
		fail     func(http.ResponseWriter)
		times    int // the first requests fail
		requests int
		min, max time.Duration // waited
		ok       bool
	}{
		{"HTML 502", status(502), 1, 2, time.Millisecond, 5 * time.Second, true},
		{"500 three times", status(500), 3, 4, time.Millisecond, 10 * time.Second, true},
		{"503 for good", status(503), 9, 4, time.Millisecond, 10 * time.Second, false},
		{"dropped connection", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 2, 3, time.Millisecond, 10 * time.Second, true},
		{"429", status(429), 1, 2, time.Millisecond, 5 * time.Second, true},
		{"429, come in a minute", func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(429)
		}, 1, 2, time.Minute, time.Minute + time.Second, true},
		{"429, come tomorrow", func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(429)
		}, 9, 1, 0, time.Second, false},
		{"400", status(400), 1, 1, 0, 0, false},
		{"401", status(401), 1, 1, 0, 0, false},
		{"403", status(403), 1, 1, 0, 0, false},
		{"404", status(404), 1, 1, 0, 0, false},
		{"HTML 200", status(200), 1, 1, 0, 0, false},
	} {
		e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
			if n <= tt.times {
				tt.fail(w)
				return
			}
			numbered(600)(n, form, w)
		})
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := e.source(t).Token(t.Context())
			if (err == nil) != tt.ok || e.requests() != tt.requests {
				t.Errorf("%s: %d requests, %v", tt.name, e.requests(), err)
			}
			if waited := time.Since(start); waited < tt.min || waited > tt.max {
				t.Errorf("%s: waited %v", tt.name, waited)
			}
		})
	}
}

// A refusal is believed for a minute, a passing failure isn't.
func TestRefusalIsKept(t *testing.T) {
	for code, want := range map[int]int{401: 1, 503: 8} {
		e := serve(t, func(n int, form url.Values, w http.ResponseWriter) {
			if n <= want {
				w.WriteHeader(code)
				return
			}
			numbered(600)(n, form, w)
		})
		synctest.Test(t, func(t *testing.T) {
			s := e.source(t)
			for range 2 {
				var failed *TokenError
				if _, err := s.Token(t.Context()); !errors.As(err, &failed) || failed.Status != code {
					t.Errorf("%d: %v", code, err)
				}
			}
			if n := e.requests(); n != want {
				t.Errorf("%d: %d requests", code, n)
			}
			time.Sleep(patience)
			if _, err := s.Token(t.Context()); err != nil {
				t.Errorf("%d: a minute later: %v", code, err)
			}
		})
	}
}

func TestTokenError(t *testing.T) {
	for _, tt := range []struct {
		status     int
		header     string
		body       string
		code, want string // want is a part of the text, @ for the token URL
	}{
		{401, "", `{"error":"invalid_client","error_description":"Bad credentials"}`, "invalid_client",
			"Kiva doesn't accept this client id and secret for @; staging and production have different ones: invalid_client: Bad credentials"},
		{400, "", `{"error":"invalid_client"}`, "invalid_client", "Kiva doesn't accept this client id and secret for @"},
		{200, "", `{"error":"invalid_client"}`, "invalid_client", "Kiva doesn't accept this client id and secret for @"},
		{401, "", ``, "", "Kiva doesn't accept this client id and secret for @"},
		{401, "", `<html>no</html>`, "", "Kiva doesn't accept this client id and secret for @"},
		{401, "", `{"timestamp":1,"status":401,"error":"Unauthorized"}`, "Unauthorized", "Kiva doesn't accept this client id and secret for @"},
		{400, "", `{"error":"invalid_scope"}`, "invalid_scope", "doesn't know a scope"},
		{403, "", `{"error":"access_denied"}`, "access_denied", "check the audience"},
		{403, "", ``, "", "check the audience"},
		{400, "", `{"error":"invalid_request","error_description":"no audience"}`, "invalid_request",
			"@ answered 400 Bad Request; check the token URL and the audience: invalid_request: no audience"},
		{404, "", `not here`, "", "@ answered 404 Not Found; check the token URL"},
		{307, "", ``, "", "a redirect isn't followed"},
		{429, "3600", ``, "", "takes no more requests for the next 1h0m0s"},
		{429, "-5", ``, "", "@ answered 429 Too Many Requests"},
		{418, "", `{"error":{"a":"b"}}`, "", "@ answered 418 I'm a teapot"},
		{499, "", `[]`, "", "@ answered 499"},
		{200, "", `<html>a portal</html>`, "", "the answer holds no token"},
		{200, "", ``, "", "the answer holds no token"},
		{200, "", `{}`, "", "the answer holds no token"},
		{200, "", `{"access_token":"a b"}`, "", "the answer holds no token"},
		{200, "", `{"access_token":"t","token_type":"mac"}`, "", "another type than bearer"},
		{200, "", `{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`, "", "larger than any token"},
		{400, "", `{"error":"` + strings.Repeat("x", 1<<20), "", "@ answered 400"},
		{400, "", `{"error":"\u001b[31mred\u0007","error_description":"\u202etwo\nlines"}`, "[31mred", "[31mred: two lines"},
	} {
		e := serve(t, func(_ int, _ url.Values, w http.ResponseWriter) {
			w.Header().Set("Location", "/elsewhere")
			if tt.header != "" {
				w.Header().Set("Retry-After", tt.header)
			}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})
		synctest.Test(t, func(t *testing.T) {
			_, err := e.source(t).Token(t.Context())
			var failed *TokenError
			if !errors.As(err, &failed) {
				t.Fatalf("%d %.50s: %v", tt.status, tt.body, err)
			}
			if failed.Status != tt.status || failed.Code != tt.code || len(failed.Body) > 2<<10 {
				t.Errorf("%d %.50s: %+v", tt.status, tt.body, failed)
			}
			if want := strings.ReplaceAll(tt.want, "@", e.url); !strings.Contains(err.Error(), want) || len(err.Error()) > 700 {
				t.Errorf("%d %.50s: %q, want %q", tt.status, tt.body, err, want)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{TokenURL: "http://" + l.Addr().String() + "/t", ClientID: "id", ClientSecret: "s", Timeout: 10 * time.Millisecond}
	if _, err := source(t, c).sendRequest(t.Context()); err == nil || err.Status != 0 ||
		!errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer in time from "+c.TokenURL) {
		t.Errorf("silence: %v", err)
	}
	l.Close()
	synctest.Test(t, func(t *testing.T) {
		var failed *TokenError
		if _, err := source(t, c).Token(t.Context()); !errors.As(err, &failed) || failed.Status != 0 ||
			strings.Count(err.Error(), c.TokenURL) != 1 {
			t.Errorf("closed port: %v", err)
		}
	})
}

// However a server says the request back, no error shows its secrets.
func TestEcho(t *testing.T) {
	token := jwt(`{"partnerId":"145"}`)
	secret := func(form url.Values) string { return form.Get("client_secret") + " " + form.Get("client_id") }
	for name, echo := range map[string]func(w http.ResponseWriter, form url.Values){
		"as the form": func(w http.ResponseWriter, form url.Values) { fmt.Fprint(w, form.Encode()) },
		"lower case": func(w http.ResponseWriter, form url.Values) {
			fmt.Fprint(w, strings.NewReplacer("%2B", "%2b", "%2F", "%2f").Replace(form.Encode()))
		},
		"encoded twice": func(w http.ResponseWriter, form url.Values) { fmt.Fprint(w, url.QueryEscape(form.Encode())) },
		"as text":       func(w http.ResponseWriter, form url.Values) { fmt.Fprint(w, secret(form)) },
		"as HTML":       func(w http.ResponseWriter, form url.Values) { fmt.Fprint(w, html.EscapeString(secret(form))) },
		"as a path":     func(w http.ResponseWriter, form url.Values) { fmt.Fprint(w, url.PathEscape(secret(form))) },
		"as JSON": func(w http.ResponseWriter, form url.Values) {
			fmt.Fprintf(w, `{"form":%s}`, strings.ReplaceAll(quote(secret(form)), "/", `\/`))
		},
		"as OAuth": func(w http.ResponseWriter, form url.Values) {
			fmt.Fprintf(w, `{"error":%s,"error_description":%s}`, quote(secret(form)), quote(form.Encode()))
		},
		"with a token": func(w http.ResponseWriter, form url.Values) {
			fmt.Fprintf(w, `{"access_token":"opaque-token","error":%q}`, token)
		},
		"at the edge": func(w http.ResponseWriter, form url.Values) {
			fmt.Fprint(w, strings.Repeat("x", 2<<10-4), secret(form))
		},
	} {
		for _, status := range []int{200, 400, 401, 500} {
			e := serve(t, func(_ int, form url.Values, w http.ResponseWriter) {
				w.WriteHeader(status)
				echo(w, form)
			})
			synctest.Test(t, func(t *testing.T) {
				_, err := e.source(t).Token(t.Context())
				checkEcho(t, fmt.Sprintf("%s, %d", name, status), err)
			})
		}
	}
}

// A server that doesn't speak HTTP has its words quoted by the transport.
func TestEchoInStatusLine(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := (&endpoint{url: "http://" + l.Addr().String() + "/t"}).config()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			fmt.Fprintf(conn, "%s %s\r\n\r\n", c.ClientSecret.Reveal(), c.ClientID)
			conn.Close()
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		_, err := source(t, c).Token(t.Context())
		checkEcho(t, "status line", err)
		if !strings.Contains(err.Error(), `"..."`) {
			t.Errorf("the transport quotes nothing, so that this shows nothing: %v", err)
		}
	})
}

func checkEcho(t *testing.T, name string, err error) {
	t.Helper()
	var failed *TokenError
	if !errors.As(err, &failed) {
		t.Fatalf("%s: %v", name, err)
	}
	if failed.Status/100 == 2 && failed.Body != "" {
		t.Errorf("%s: the body of a success is kept: %s", name, failed.Body)
	}
	text := fmt.Sprintf("%v %+v %#v %v", err, *failed, *failed, failed.Err)
	for _, part := range []string{"p+q", "p%2", "p%252", "q/r", "r%s", "=t&", "t\\u0026", "u v", `v"<`, `v\"<`, "client-of", "opaque", "eyJ"} {
		if strings.Contains(text, part) {
			t.Errorf("%s: %q in %s", name, part, text)
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("p+q/r%s=t&u")
	f.Add("ordinary")
	f.Add("a\x80b, with two bytes")
	f.Fuzz(func(t *testing.T, secret string) {
		if len(secret) < 8 || len(secret) > 100 || strings.Contains(redacted, secret) {
			return
		}
		s := &Source{secrets: secretPattern(&Config{ClientSecret: Secret(secret)})}
		for _, written := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), quote(secret)} {
			got := s.scrubText("<"+written+">", 1<<20)
			rest := strings.Replace(got, redacted, "", 1)
			if rest == got || len(rest) > len(`<"">`) {
				t.Errorf("%q, written %q, shows %q", secret, written, got)
			}
		}
	})
}
