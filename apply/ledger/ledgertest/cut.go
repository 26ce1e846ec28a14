package ledgertest

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// A Wire is a way to a server that can be cut. Its clients connect to Address.
type Wire struct {
	Address string

	mu  sync.Mutex
	cut *cut
}

// A cut waits for a client to send some bytes.
type cut struct {
	when   []byte
	before bool   // what was sent doesn't arrive
	then   func() // runs before the client notices
}

// NewWire returns a wire that leads to what dial connects to.
func NewWire(t testing.TB, dial func(context.Context) (net.Conn, error)) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &Wire{Address: l.Addr().String()}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := dial(context.Background())
			if err != nil {
				client.Close()
				continue
			}
			go w.join(client, server)
		}
	}()
	return w
}

// CutBefore cuts the next connection on which some bytes are sent, before they
// arrive; then runs before the client notices.
func (w *Wire) CutBefore(when string, then func()) { w.set(&cut{[]byte(when), true, then}) }

// CutAfter cuts it when the server answers, before the answer arrives.
func (w *Wire) CutAfter(when string, then func()) { w.set(&cut{[]byte(when), false, then}) }

func (w *Wire) set(c *cut) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = c
}

// take returns the cut that some bytes trigger, which happens once.
func (w *Wire) take(sent []byte) *cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.cut; c != nil && bytes.Contains(sent, c.when) {
		w.cut = nil
		return c
	}
	return nil
}

// Cut reports whether the last cut that was ordered has happened.
func (w *Wire) Cut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut == nil
}

func (w *Wire) join(client, server net.Conn) {
	var once sync.Once
	end := func(then func()) {
		once.Do(func() {
			if then != nil {
				then()
			}
			client.Close()
			server.Close()
		})
	}
	var mu sync.Mutex
	var afterwards *cut // cuts when the server answers
	go func() {
		defer end(nil)
		buffer := make([]byte, 64<<10)
		for {
			n, err := client.Read(buffer)
			if err != nil {
				return
			}
			if c := w.take(buffer[:n]); c != nil && c.before {
				end(c.then)
				return
			} else if c != nil {
				mu.Lock()
				afterwards = c
				mu.Unlock()
			}
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		mu.Lock()
		c := afterwards
		mu.Unlock()
		if c != nil {
			end(c.then)
			return
		}
		if err != nil {
			end(nil)
			return
		}
		if _, err := io.Copy(client, bytes.NewReader(buffer[:n])); err != nil {
			end(nil)
			return
		}
	}
}
