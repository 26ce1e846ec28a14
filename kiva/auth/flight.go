package auth

import (
	"context"
	"time"
)

// A flight is a token request under way, with its waiters.
type flight struct {
	cancel  context.CancelFunc
	waiting int           // guarded by the source's mu
	landed  chan struct{} // closed when answer is set
	answer  *answer
}

// joinFlight adds a waiter to the request under way, or begins one. The caller
// holds s.mu and must call wait.
//
// The request has a context of its own: it belongs to all waiters, and must not
// report to the httptrace of one of them, which may be watching a write, that
// something was sent.
func (s *Source) joinFlight() *flight {
	if s.flight == nil {
		ctx, cancel := context.WithCancel(context.Background())
		s.flight = &flight{cancel: cancel, landed: make(chan struct{})}
		go s.runFlight(ctx, s.flight, s.refused)
	}
	s.flight.waiting++
	return s.flight
}

func (s *Source) runFlight(ctx context.Context, f *flight, refused string) {
	defer f.cancel()
	a := s.obtainToken(ctx, refused)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != f {
		return // all have given up
	}
	s.flight, s.last = nil, nil
	if s.refused != "" && a.token != "" {
		a.renewed, s.refused = time.Now(), ""
	}
	if a.keep {
		s.last = a
	}
	f.answer = a
	close(f.landed)
}

// waitForFlight returns the flight's answer, or one with ctx's cause if ctx ends
// first. The last waiter to give up cancels the request.
func (s *Source) waitForFlight(ctx context.Context, f *flight) *answer {
	select {
	case <-f.landed:
		return f.answer
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiting--
	if f.waiting == 0 && s.flight == f {
		s.flight = nil
		f.cancel()
	}
	return &answer{err: context.Cause(ctx)}
}
