package auth

import (
	"context"
	"time"
)

// A flight is a token request under way, with those who wait for it.
type flight struct {
	cancel  context.CancelFunc
	waiting int           // guarded by the source's mu
	landed  chan struct{} // closed when answer is set
	answer  *answer
}

// join adds a waiter to the request under way, or begins one. The caller holds
// s.mu and must call wait.
//
// The request runs under a context of its own: it belongs to all who wait, and
// must not tell the httptrace of one of them, which may be watching a write,
// that something was sent.
func (s *Source) join() *flight {
	if s.flight == nil {
		ctx, cancel := context.WithCancel(context.Background())
		s.flight = &flight{cancel: cancel, landed: make(chan struct{})}
		go s.fly(ctx, s.flight, s.refused)
	}
	s.flight.waiting++
	return s.flight
}

func (s *Source) fly(ctx context.Context, f *flight, refused string) {
	defer f.cancel()
	a := s.obtain(ctx, refused)
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

// wait returns the flight's answer, or one with ctx's cause where ctx ends
// first. The last to give up cancels the request.
func (s *Source) wait(ctx context.Context, f *flight) *answer {
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
