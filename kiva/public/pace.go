package public

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A pace bounds the requests in any minute.
type pace struct {
	perMinute int

	mu        sync.Mutex
	times     []time.Time // of the last requests, at most perMinute
	notBefore time.Time   // when the server accepts requests again
}

// waitTurn returns when a request may be sent, or with ctx's cause.
func (p *pace) waitTurn(ctx context.Context) error {
	for {
		d := p.takeTurn(time.Now())
		if d <= 0 {
			return nil
		}
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// takeTurn reserves a request now, or returns the time to wait.
func (p *pace) takeTurn(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.notBefore.Sub(now); d > 0 {
		return d
	}
	if len(p.times) == p.perMinute {
		if d := p.times[0].Add(time.Minute).Sub(now); d > 0 {
			return d
		}
		p.times = p.times[1:]
	}
	p.times = append(p.times, now)
	return 0
}

// learnLimit stops for a minute if the server reports that no request is left.
func (p *pace) learnLimit(h http.Header) {
	if h.Get("X-RateLimit-Overall-Remaining") != "0" && h.Get("X-RateLimit-Specific-Remaining") != "0" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notBefore = time.Now().Add(time.Minute)
}
