package kiva

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchTimes(t *testing.T) {
	cases := map[string]struct {
		see  func(*watch)
		want string
		at   time.Duration
	}{
		"waiting in line":          {func(*watch) {}, "", 0},
		"connecting":               {func(w *watch) { w.connecting() }, "no connection within 15s", 15 * time.Second},
		"connecting twice":         {func(w *watch) { w.connecting(); time.Sleep(5 * time.Second); w.connecting() }, "no connection within 15s", 15 * time.Second},
		"connected":                {func(w *watch) { w.connecting(); w.connected(httptrace.GotConnInfo{}) }, "no answer within 2m0s", 2 * time.Minute},
		"connected to another one": {func(w *watch) { w.connected(httptrace.GotConnInfo{}); w.connecting() }, "no answer within 2m0s", 2 * time.Minute},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &watch{connect: 15 * time.Second, answer: 2 * time.Minute}
				ctx, end := w.follow(t.Context())
				begin := time.Now()
				c.see(w)
				if c.want == "" {
					time.Sleep(time.Hour)
					if ctx.Err() != nil {
						t.Error(context.Cause(ctx))
					}
				} else {
					<-ctx.Done()
					if d := time.Since(begin); d != c.at || !strings.HasPrefix(context.Cause(ctx).Error(), c.want) {
						t.Errorf("%v after %v", context.Cause(ctx), d)
					}
				}
				end()
				if w.written.Load() {
					t.Error("taken for written")
				}
			})
		})
	}
}

// On HTTP/2 a request may be written after its caller gave up.
func TestWatchDistrustsHTTP2(t *testing.T) {
	server := newH2Server(t, answers(200, success))
	for proto, want := range map[string]bool{"h2": true, "http/1.1": false} {
		conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{proto}})
		if err != nil {
			t.Fatal(err)
		}
		w := new(watch)
		_, end := w.follow(t.Context())
		w.connected(httptrace.GotConnInfo{Conn: conn})
		if w.written.Load() != want {
			t.Errorf("%s: written is %v", proto, !want)
		}
		end()
		conn.Close()
	}
}
