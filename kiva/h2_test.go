package kiva

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// newH2Client returns a client that trusts the server.
func newH2Client(t *testing.T, server *httptest.Server, set ...func(*Options)) *Client {
	c := newClient(t, server.URL, set...)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c.transport.TLSClientConfig.RootCAs = roots
	return c
}

func newH2Server(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(answer)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// One connection of HTTP/2 would take any number of requests at once.
func TestHTTP2(t *testing.T) {
	var requests, others, here, tooMany atomic.Int32
	server := newH2Server(t, func(w http.ResponseWriter, q *http.Request) {
		if requests.Add(1); here.Add(1) > 2 {
			tooMany.Add(1)
		}
		defer here.Add(-1)
		time.Sleep(time.Millisecond) // so that others would come
		if q.ProtoMajor != 2 {
			others.Add(1)
		}
		answers(200, success)(w, q)
	})
	c := newH2Client(t, server, func(o *Options) { o.Connections = 2 })
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if _, err := c.CreateLoanDraft(t.Context(), LoanDraft{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if requests.Load() != 40 || others.Load() != 0 {
		t.Errorf("%d requests, %d of them not HTTP/2", requests.Load(), others.Load())
	}
	if tooMany.Load() > 0 {
		t.Errorf("%d requests came while two were under way", tooMany.Load())
	}
}

func TestHTTP2Aborted(t *testing.T) {
	aborts := map[string]http.HandlerFunc{
		"before the body": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"after the body": func(_ http.ResponseWriter, q *http.Request) {
			io.Copy(io.Discard, q.Body)
			panic(http.ErrAbortHandler)
		},
		"in the answer": func(w http.ResponseWriter, q *http.Request) {
			answers(200, success)(w, q)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	for name, abort := range aborts {
		var requests atomic.Int32
		server := newH2Server(t, func(w http.ResponseWriter, q *http.Request) {
			requests.Add(1)
			abort(w, q)
		})
		_, err := newH2Client(t, server).CreateLoanDraft(t.Context(), LoanDraft{})
		if OutcomeOf(err) != Unknown || requests.Load() != 1 {
			t.Errorf("%s: %s, %d requests (%v)", name, OutcomeOf(err), requests.Load(), err)
		}
	}
}

func TestHTTP2AnswerTimeout(t *testing.T) {
	server := newH2Server(t, func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	c := newH2Client(t, server, func(o *Options) { o.AnswerTimeout = 30 * time.Millisecond })
	if _, err := c.CreateLoanDraft(t.Context(), LoanDraft{}); OutcomeOf(err) != Unknown || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: %v", OutcomeOf(err), err)
	}
}

// An HTTP/2 server may refuse a stream and invite the client to send it again
// (RFC 9113, 8.7), which Go's transport would do by itself.
func TestHTTP2RefusedStreamIsNotReplayed(t *testing.T) {
	var streams atomic.Int32
	server := httptest.NewUnstartedServer(nil)
	server.TLS = &tls.Config{NextProtos: []string{"h2"}}
	server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, c *tls.Conn, _ http.Handler) { refuseStreams(c, &streams) },
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newH2Client(t, server).CreateLoanDraft(t.Context(), LoanDraft{})
	if OutcomeOf(err) != Unknown || streams.Load() != 1 {
		t.Errorf("%s, %d streams (%v)", OutcomeOf(err), streams.Load(), err)
	}
}

// refuseStreams answers the end of each request with REFUSED_STREAM.
func refuseStreams(c net.Conn, streams *atomic.Int32) {
	const data, headers, reset, settings, endStream, refused = 0, 1, 3, 4, 1, 7
	io.CopyN(io.Discard, c, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
	c.Write([]byte{0, 0, 0, settings, 0, 0, 0, 0, 0})
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		size := int64(head[0])<<16 | int64(binary.BigEndian.Uint16(head[1:]))
		if _, err := io.CopyN(io.Discard, c, size); err != nil {
			return
		}
		if head[3] == headers {
			streams.Add(1)
		}
		if (head[3] == headers || head[3] == data) && head[4]&endStream != 0 {
			c.Write(append([]byte{0, 0, 4, reset, 0}, append(head[5:9:9], 0, 0, 0, refused)...))
		}
	}
}
