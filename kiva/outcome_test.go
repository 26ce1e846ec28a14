package kiva

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOutcomeOfAnswers(t *testing.T) {
	cases := []struct {
		status int
		wait   string
		want   Outcome
	}{
		{200, "", Accepted}, {201, "", Accepted}, {202, "", Accepted}, {299, "", Accepted}, {204, "", Unknown},
		{300, "", Unknown}, {301, "", Unknown}, {302, "", Unknown}, {303, "", Unknown}, {304, "", Unknown}, {307, "", Unknown}, {308, "", Unknown},
		{400, "", Rejected}, {401, "", Rejected}, {403, "", Rejected}, {404, "", Rejected}, {405, "", Rejected},
		{413, "", Rejected}, {415, "", Rejected}, {422, "", Rejected},
		{402, "", Unknown}, {408, "", Unknown}, {409, "", Unknown}, {410, "", Unknown}, {418, "", Unknown}, {499, "", Unknown},
		{429, "", Throttled}, {429, "7", Throttled},
		{500, "", Unknown}, {500, "7", Unknown}, {502, "", Unknown}, {504, "7", Unknown}, {599, "", Unknown},
		{503, "", Unknown}, {503, "7", Unknown}, {503, "0", Unknown}, {503, "soon", Unknown},
	}
	for _, c := range cases {
		target := newRecorder(t, answers(200, success))
		header := []string{"Location", target.URL}
		if c.wait != "" {
			header = append(header, "Retry-After", c.wait)
		}
		server := newRecorder(t, answers(c.status, success, header...))
		_, err := newClient(t, server.base()).CreateLoanDraft(t.Context(), LoanDraft{})
		if got := OutcomeOf(err); got != c.want {
			t.Errorf("%d, Retry-After %q: %s, want %s (%v)", c.status, c.wait, got, c.want, err)
		}
		if n := len(server.records()) + len(target.records()); n != 1 {
			t.Errorf("%d: sent %d times", c.status, n)
		}
	}
}

// A page in place of an answer comes from something before Kiva's API, which may
// have had the request.
func TestOutcomeOfPages(t *testing.T) {
	for _, contentType := range []string{"text/html", "text/html; charset=utf-8", "Text/HTML"} {
		for status, want := range map[int]Outcome{403: Unknown, 503: Unknown, 400: Rejected, 404: Rejected, 413: Rejected} {
			server := newRecorder(t, answers(status, "<html>", "Content-Type", contentType, "Retry-After", "5", "Via", "1.1 varnish"))
			c := newClient(t, server.base(), func(o *Options) { o.Tokens = someTokens("first", "second") })
			_, err := c.CreateLoanDraft(t.Context(), LoanDraft{})
			if OutcomeOf(err) != want || len(server.records()) != 1 {
				t.Errorf("%d as %s: %s, sent %d times", status, contentType, OutcomeOf(err), len(server.records()))
			}
		}
	}
}

// A 403 is Kiva's only in its own form. A filter that judges answers says it after
// the API took the request, in whatever form it likes.
func TestOutcomeOfForbidden(t *testing.T) {
	const whole = `{"code":"api.forbidden","message":"no right to create drafts"}`
	for _, c := range []struct {
		contentType, challenge, body string
		want                         Outcome
	}{
		{"application/json", "", whole, Rejected},
		{"application/json; charset=utf-8", "", `[` + whole + `]`, Rejected},
		{"application/problem+json", "", `{"title":"Forbidden","detail":"no right"}`, Rejected},
		{"application/json", "", `{"error":"insufficient_scope"}`, Rejected},
		{"text/plain", "", whole, Rejected},
		{"application/json", `Bearer error="insufficient_scope", scope="create:loan_draft"`, "", Rejected},
		{"", "", "", Unknown},
		{"text/plain", "", "Forbidden", Unknown},
		{"text/html", "", "<html>Forbidden</html>", Unknown},
		{"application/json", "", "Forbidden", Unknown},
		{"application/json", "", "", Unknown},
		{"application/json", "", "{}", Unknown},
		{"application/json", "", "null", Unknown},
		{"application/json", "", `"Forbidden"`, Unknown},
		{"application/json", "", whole[:len(whole)-2], Unknown},
		{"application/json", "", `{"loan_draft_uuid":"u"}`, Unknown},
		{"text/plain", `Bearer realm="kiva"`, "Forbidden", Unknown},
		{"text/plain", `Basic realm="bearer error=x"`, "Forbidden", Unknown},
	} {
		server := newRecorder(t, answers(403, c.body, "Content-Type", c.contentType, "WWW-Authenticate", c.challenge))
		_, err := newClient(t, server.base()).CreateLoanDraft(t.Context(), LoanDraft{})
		if got := OutcomeOf(err); got != c.want || len(server.records()) != 1 {
			t.Errorf("%s, %s, %q: %s, want %s; sent %d times", c.contentType, c.challenge, c.body, got, c.want, len(server.records()))
		}
	}
}

func TestThrottledSaysHowLong(t *testing.T) {
	server := newRecorder(t, answers(429, "", "Retry-After", "17"))
	_, err := newClient(t, server.base()).PostJournals(t.Context(), make([]Journal, 1))
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 17*time.Second {
		t.Errorf("%#v", err)
	}
}

func TestOutcomeOfReceipts(t *testing.T) {
	draft := func(x context.Context, c *Client) error { _, err := c.CreateLoanDraft(x, LoanDraft{}); return err }
	journals := func(x context.Context, c *Client) error { _, err := c.PostJournals(x, make([]Journal, 2)); return err }
	repayments := func(x context.Context, c *Client) error {
		_, err := c.PostRepayments(x, make([]Repayment, 2))
		return err
	}
	cases := []struct {
		post func(context.Context, *Client) error
		body string
		want Outcome
	}{
		{draft, `{"loan_draft_uuid":"u"}`, Accepted},
		{draft, "\ufeff\n" + `[{"loanDraftUuid":"u"}]`, Accepted},
		{draft, `{"code":"api.success","loan_draft_uuid":null}`, Accepted},
		{draft, `{"code":"API.Success"}`, Accepted},
		{draft, `{"code":"api.failure","message":"no"}`, Unknown},
		{draft, `{"code":"success?","loan_draft_uuid":""}`, Unknown},
		{draft, ``, Unknown}, {draft, ` `, Unknown}, {draft, `{}`, Unknown}, {draft, `null`, Unknown}, {draft, `[]`, Unknown}, {draft, `[null]`, Unknown},
		{draft, `"api.success"`, Unknown}, {draft, `{"code":"api.success"`, Unknown}, {draft, success + `x`, Unknown},
		{draft, `<html>api.success</html>`, Unknown},
		{draft, `{"code":"api.success","message":"` + strings.Repeat("x", maxWriteAnswer) + `"}`, Unknown},
		{journals, `{"archive_id":7}`, Accepted},
		{journals, `[{"archiveId":"7"},{"confirm_url":"https://x"}]`, Accepted},
		{journals, `{"code":"api.success"}`, Accepted},
		{journals, `[{"archive_id":7},{"code":"api.failure"}]`, Unknown},
		{journals, `{"uuid":"u"}`, Unknown},
		{repayments, `{"upload_id":90213,"problems":[{"severity":"error"}]}`, Accepted},
		{repayments, `[{"uploadId":"90213"}]`, Accepted},
		{repayments, `{"upload_id":0,"code":"api.failure"}`, Unknown},
		{repayments, `{"problems":[]}`, Unknown},
	}
	for _, c := range cases {
		server := newRecorder(t, answers(200, c.body))
		err := c.post(t.Context(), newClient(t, server.base()))
		if got := OutcomeOf(err); got != c.want {
			t.Errorf("%.80s: %s, want %s (%v)", c.body, got, c.want, err)
		}
		if n := len(server.records()); n != 1 {
			t.Errorf("%.80s: sent %d times", c.body, n)
		}
	}
}

// rawServer serves each connection with serve and counts the connections.
func rawServer(t *testing.T, serve func(net.Conn)) (base string, connections *atomic.Int32) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	connections = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return "http://" + l.Addr().String(), connections
}

func readRequest(c net.Conn) {
	if q, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		io.Copy(io.Discard, q.Body)
	}
}

func TestOutcomeOfBrokenConnections(t *testing.T) {
	big := LoanDraft{ImageEncoded: strings.Repeat("A", 8<<20)}
	afterRequest := func(answer string) func(net.Conn) {
		return func(c net.Conn) { readRequest(c); io.WriteString(c, answer) }
	}
	cases := map[string]struct {
		draft LoanDraft
		serve func(net.Conn)
	}{
		"closed after a byte":        {big, func(c net.Conn) { c.Read(make([]byte, 1)) }},
		"reset after a byte":         {big, func(c net.Conn) { c.Read(make([]byte, 1)); c.(*net.TCPConn).SetLinger(0) }},
		"closed after the headers":   {big, func(c net.Conn) { http.ReadRequest(bufio.NewReader(c)) }},
		"closed after the body":      {big, afterRequest("")},
		"closed after a small body":  {LoanDraft{}, afterRequest("")},
		"not HTTP":                   {LoanDraft{}, afterRequest("hello\n")},
		"cut in the status line":     {LoanDraft{}, afterRequest("HTTP/1.1 20")},
		"cut in the headers":         {LoanDraft{}, afterRequest("HTTP/1.1 200 OK\r\nContent-Le")},
		"cut before the body":        {LoanDraft{}, afterRequest("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n")},
		"cut in the body":            {LoanDraft{}, afterRequest("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n" + success)},
		"cut in the chunks":          {LoanDraft{}, afterRequest("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n27\r\n" + success + "\r\n")},
		"cut though valid so far":    {LoanDraft{}, afterRequest("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n27\r\n" + success)},
		"answered only with 100":     {LoanDraft{}, afterRequest("HTTP/1.1 100 Continue\r\n\r\n")},
		"switched to something else": {LoanDraft{}, afterRequest("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			base, connections := rawServer(t, c.serve)
			_, err := newClient(t, base).CreateLoanDraft(t.Context(), c.draft)
			if OutcomeOf(err) != Unknown {
				t.Errorf("%s, want unknown (%v)", OutcomeOf(err), err)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("%d connections for one write", n)
			}
		})
	}
}

func TestOutcomeWithoutConnection(t *testing.T) {
	refused, _ := net.Listen("tcp", "127.0.0.1:0")
	refused.Close()
	silent, _ := rawServer(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	untrusted := httptest.NewUnstartedServer(answers(200, success))
	untrusted.Config.ErrorLog = quiet()
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx  context.Context
		base string
		set  func(*Options)
		want error
	}{
		"refused":         {t.Context(), "http://" + refused.Addr().String(), func(*Options) {}, nil},
		"no such host":    {t.Context(), "https://kiva.invalid", func(o *Options) { o.DialContext = noSuchHost }, new(net.DNSError)},
		"not TLS":         {t.Context(), "https" + strings.TrimPrefix(newRecorder(t, nil).URL, "http"), func(*Options) {}, nil},
		"another's name":  {t.Context(), untrusted.URL, func(*Options) {}, nil},
		"a slow TLS":      {t.Context(), "https" + strings.TrimPrefix(silent, "http"), func(o *Options) { o.ConnectTimeout = 30 * time.Millisecond }, os.ErrDeadlineExceeded},
		"cancelled":       {cancelled, newRecorder(t, nil).URL, func(*Options) {}, context.Canceled},
		"a token in two":  {t.Context(), newRecorder(t, nil).URL, func(o *Options) { o.Tokens = someTokens("two\nlines") }, nil},
		"an agent in two": {t.Context(), newRecorder(t, nil).URL, func(o *Options) { o.UserAgent = "two\r\nlines" }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, c.base, c.set).CreateLoanDraft(c.ctx, LoanDraft{})
			if OutcomeOf(err) != NotSent {
				t.Errorf("%s, want not-sent (%v)", OutcomeOf(err), err)
			}
			if _, dns := c.want.(*net.DNSError); dns {
				if _, ok := errors.AsType[*net.DNSError](err); !ok {
					t.Errorf("%v doesn't keep its cause", err)
				}
			} else if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func noSuchHost(context.Context, string, string) (net.Conn, error) {
	return nil, &net.DNSError{Err: "no such host", Name: "kiva.invalid", IsNotFound: true}
}

// Another request holds the only connection.
func TestOutcomeOfWaitingForConnection(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	server := newRecorder(t, func(w http.ResponseWriter, q *http.Request) {
		began <- true
		<-release
		answers(200, success)(w, q)
	})
	c := newClient(t, server.base(), func(o *Options) { o.Connections = 1 })
	done := make(chan error)
	go func() {
		_, err := c.CreateLoanDraft(t.Context(), LoanDraft{})
		done <- err
	}()
	<-began
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.CreateLoanDraft(ctx, LoanDraft{}); OutcomeOf(err) != NotSent || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s: %v", OutcomeOf(err), err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(server.records()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestOutcomeOfCancelledInFlight(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	base, _ := rawServer(t, func(c net.Conn) { readRequest(c); cancel(); io.Copy(io.Discard, c) })
	_, err := newClient(t, base).CreateLoanDraft(ctx, LoanDraft{})
	if OutcomeOf(err) != Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v", OutcomeOf(err), err)
	}
}

// piped sets a client's options so that each of its connections is a pipe to
// serve, as synctest needs it.
func piped(serve func(net.Conn)) func(*Options) {
	return func(o *Options) {
		o.DialContext = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				defer there.Close()
				serve(there)
			}()
			return here, nil
		}
	}
}

func TestAnswerTimeout(t *testing.T) {
	cases := map[string]struct {
		serve func(net.Conn)
		want  Outcome
	}{
		"while sending": {func(c net.Conn) { c.Read(make([]byte, 10)); time.Sleep(time.Hour) }, Unknown},
		"no answer":     {func(c net.Conn) { readRequest(c); time.Sleep(time.Hour) }, Unknown},
		"half an answer": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"+success)
			time.Sleep(time.Hour)
		}, Unknown},
		"half a rejection": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, "HTTP/1.1 422 No\r\nContent-Length: 60\r\n\r\n"+success)
			time.Sleep(time.Hour)
		}, Rejected},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				_, err := newClient(t, "http://127.0.0.1", piped(c.serve)).CreateLoanDraft(t.Context(), LoanDraft{})
				if OutcomeOf(err) != c.want || c.want == Unknown && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%s: %v", OutcomeOf(err), err)
				}
				if d := time.Since(begin); d != 120*time.Second {
					t.Errorf("it took %v", d)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// The server ends a kept connection exactly when the next write comes.
func TestReusedConnectionIsNotReplayed(t *testing.T) {
	var requests atomic.Int32
	base, connections := rawServer(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for first := true; ; first = false {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			io.Copy(io.Discard, q.Body)
			requests.Add(1)
			if !first {
				return
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(success))+"\r\n\r\n"+success)
		}
	})
	c := newClient(t, base)
	for i, want := range []Outcome{Accepted, Unknown, Accepted} {
		if _, err := c.CreateLoanDraft(t.Context(), LoanDraft{}); OutcomeOf(err) != want {
			t.Errorf("write %d: %s, want %s (%v)", i+1, OutcomeOf(err), want, err)
		}
	}
	if requests.Load() != 3 || connections.Load() != 2 {
		t.Errorf("%d requests on %d connections", requests.Load(), connections.Load())
	}
}

// Connections that wait are closed before a server's keep-alive ends.
func TestIdleConnectionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled atomic.Int32
		c := newClient(t, "http://127.0.0.1", piped(func(c net.Conn) {
			dialled.Add(1)
			scripted(answer200(success), answer200(success))(c)
		}))
		for range 2 {
			if _, err := c.CreateLoanDraft(t.Context(), LoanDraft{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4900 * time.Millisecond)
		}
		if dialled.Load() != 2 {
			t.Errorf("%d connections", dialled.Load())
		}
	})
}
