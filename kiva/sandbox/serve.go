package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// stopTime bounds the requests in flight when a server stops.
const stopTime = 2 * time.Second

// Serve answers requests from ln until ctx ends, then closes ln and returns nil.
// The listener must be on loopback, because the sandbox's secrets are public.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if a, ok := ln.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("sandbox: serve on %s: not a loopback address", ln.Addr()), ln.Close())
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second,
		// Ends unanswered requests when ctx ends.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	release := context.AfterFunc(ctx, func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err := server.Shutdown(limited)
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil // a connection without a request causes it, too
		}
		stopped <- errors.Join(err, server.Close())
	})
	err := server.Serve(ln)
	if !errors.Is(err, http.ErrServerClosed) {
		release()
		return fmt.Errorf("sandbox: serve on %s: %w", ln.Addr(), err)
	}
	return <-stopped
}

// Start serves on a loopback address such as 127.0.0.1:0 in the background. It
// returns the server's URL, and a function that stops it.
func (s *Server) Start(addr string) (url string, stop func() error, err error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("sandbox: listen on %s: %w", addr, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	return "http://" + ln.Addr().String(), func() error {
		cancel()
		err, ok := <-served
		if !ok {
			return nil
		}
		close(served)
		return err
	}, nil
}
