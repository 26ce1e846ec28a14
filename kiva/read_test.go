package kiva

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func answer200(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func answerStatus(status int, header string) string {
	return fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: 0\r\n%s\r\n", status, header)
}

// scripted answers one request after the other on a connection; after an empty
// answer, or the last one, the connection is closed.
func scripted(answers ...string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for _, answer := range answers {
			q, err := http.ReadRequest(r)
			if err != nil || answer == "" {
				return
			}
			io.Copy(io.Discard, q.Body)
			io.WriteString(c, answer)
		}
	}
}

// oneEach gives each connection the next answer; the last one stays.
func oneEach(count *atomic.Int32, answers ...string) func(net.Conn) {
	return func(c net.Conn) {
		n := int(count.Add(1))
		answer := answers[min(n, len(answers))-1]
		scripted(strings.Replace(answer, "\r\n", "\r\nConnection: close\r\n", 1))(c)
	}
}

func TestReadsAreTriedAgain(t *testing.T) {
	good := answer200(`{"themes":[]}`)
	cases := map[string]struct {
		answers  []string
		requests int32
		ok       bool
		min, max time.Duration
	}{
		"dropped":               {[]string{"", "", good}, 3, true, 400 * time.Millisecond, 1200 * time.Millisecond},
		"cut":                   {[]string{good[:len(good)-3], good}, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		"502":                   {[]string{answerStatus(502, ""), good}, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		"503":                   {[]string{answerStatus(503, ""), good}, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		"504":                   {[]string{answerStatus(504, ""), good}, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		"as long as it says":    {[]string{answerStatus(503, "Retry-After: 20\r\n"), answerStatus(429, "Retry-After: 30\r\n"), good}, 3, true, 50 * time.Second, 50 * time.Second},
		"until the hour":        {[]string{answerStatus(429, "Retry-After: Sat, 01 Jan 2000 00:00:45 GMT\r\n"), good}, 2, true, 45 * time.Second, 45 * time.Second},
		"not for ever":          {[]string{answerStatus(503, "")}, 4, false, 1300 * time.Millisecond, 3900 * time.Millisecond},
		"not when it's hours":   {[]string{answerStatus(429, "Retry-After: 7200\r\n")}, 1, false, 0, 0},
		"not 500":               {[]string{answerStatus(500, "")}, 1, false, 0, 0},
		"not 404":               {[]string{answerStatus(404, "Retry-After: 5\r\n")}, 1, false, 0, 0},
		"not a redirect":        {[]string{answerStatus(302, "Location: /login\r\n")}, 1, false, 0, 0},
		"not what isn't JSON":   {[]string{answer200("<html>")}, 1, false, 0, 0},
		"not for ever when cut": {[]string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}, 4, false, 1300 * time.Millisecond, 3900 * time.Millisecond},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var requests atomic.Int32
				client := newClient(t, "http://127.0.0.1", piped(oneEach(&requests, c.answers...)))
				_, err := client.Themes(t.Context())
				if (err == nil) != c.ok || requests.Load() != c.requests {
					t.Errorf("%d requests: %v", requests.Load(), err)
				}
				if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Outcome != "") {
					t.Errorf("%#v is not the error of a read", err)
				}
				if d := time.Since(begin); d < c.min || d > c.max {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// A server that never answers is given up after the patience is over, not
// after four times the longest answer.
func TestReadTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := newClient(t, "http://127.0.0.1", piped(func(c net.Conn) { readRequest(c); io.Copy(io.Discard, c) }))
		_, err := c.LoanPage(t.Context(), LoanQuery{})
		if d := time.Since(begin); err == nil || d < 240*time.Second || d > 245*time.Second {
			t.Errorf("%v after %v", err, d)
		}
	})
}

func TestReadIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		c := newClient(t, "http://127.0.0.1", piped(oneEach(&requests, answerStatus(503, "Retry-After: 60\r\n"))))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := c.Themes(ctx)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status != 503 || !errors.Is(err, context.DeadlineExceeded) || requests.Load() != 1 {
			t.Errorf("%d requests: %v", requests.Load(), err)
		}
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// Who can't prove to be Kiva is not asked again.
func TestReadFromUntrusted(t *testing.T) {
	var hellos atomic.Int32
	server := httptest.NewUnstartedServer(answers(200, success))
	server.Config.ErrorLog = quiet()
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			hellos.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	if _, err := newClient(t, server.URL).Themes(t.Context()); err == nil || hellos.Load() != 1 {
		t.Errorf("%v after %d connections", err, hellos.Load())
	}
}

func TestReadIsBounded(t *testing.T) {
	server := newRecorder(t, answers(200, `{"themes":[],"x":"`+strings.Repeat("x", maxReadAnswer)+`"}`))
	_, err := newClient(t, server.base()).Themes(t.Context())
	if !errors.Is(err, errTooLong) || len(server.records()) != 1 {
		t.Errorf("%v after %d requests", err, len(server.records()))
	}
}

func TestRedirectedReadNamesTheLocation(t *testing.T) {
	server := newRecorder(t, answers(301, "", "Location", "https://elsewhere.example/login?t=t0ken"))
	_, err := newClient(t, server.base()).Themes(t.Context())
	if want := `GET config/themes: 301: redirected to "https://elsewhere.example/login?t=[token]": empty answer`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
