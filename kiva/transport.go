package kiva

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// idleTimeout ends a connection before servers do: the shortest common
// keep-alive is 5 s. A write on a connection that the server is just closing
// has an unknown outcome, which costs a person's time; a new one costs a
// handshake.
const idleTimeout = 4 * time.Second

func newTransport(o Options) *http.Transport {
	dial := o.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: o.ConnectTimeout}).DialContext
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    2 * o.ConnectTimeout, // of what a watch left behind
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    o.Connections,
		MaxConnsPerHost:        o.Connections,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// A watch sees what happens to one request on its connection, and ends the
// request when one of its two times is over: until the connection stands, and
// from then on. Waiting for a free connection is bounded by the exchanges that
// hold them.
type watch struct {
	written atomic.Bool // a byte of the request may have left

	connect, answer time.Duration
	cancel          context.CancelCauseFunc
	mu              sync.Mutex
	begun           bool // one of the times runs
	timer           *time.Timer
}

// follow returns a context for one request that w watches, and a function
// that must be called when its answer is read.
func (w *watch) follow(ctx context.Context) (context.Context, func()) {
	ctx, w.cancel = context.WithCancelCause(ctx)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:         func(httptrace.DNSStartInfo) { w.connecting() },
		ConnectStart:     func(string, string) { w.connecting() },
		GotConn:          w.connected,
		WroteHeaderField: func(string, []string) { w.written.Store(true) },
		WroteHeaders:     func() { w.written.Store(true) },
	})
	return ctx, w.end
}

// connecting may be called several times, and also after another connection
// became free for the request.
func (w *watch) connecting() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.start(w.connect, "no connection")
	}
}

// connected takes an HTTP/2 request for written as soon as it has its
// connection: a cancelled one may still be sent after its caller went away.
// HTTP/1 waits for its writer, so there the later signs can be trusted.
func (w *watch) connected(info httptrace.GotConnInfo) {
	if c, ok := info.Conn.(*tls.Conn); ok && c.ConnectionState().NegotiatedProtocol == "h2" {
		w.written.Store(true)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start(w.answer, "no answer")
}

func (w *watch) start(d time.Duration, what string) {
	w.begun = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(d, func() {
		w.cancel(fmt.Errorf("%s within %s: %w", what, d, os.ErrDeadlineExceeded))
	})
}

func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
	w.begun = true
	w.cancel(nil)
}
