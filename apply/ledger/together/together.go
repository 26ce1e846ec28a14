// Package together lets calls that wait at the same time share one piece of
// work: creates share a commit, reads share a query.
package together

import (
	"context"
	"sync"
)

// A Call is one of the calls that share a piece of work, which sets Answer and
// Err.
type Call[Q, A any] struct {
	Ask    Q
	Answer A
	Err    error

	ctx  context.Context
	done chan struct{}
}

// A Group gathers calls while earlier ones are worked on. Nobody waits for
// others to come: a call that finds the group idle is worked on at once.
type Group[Q, A any] struct {
	// Work does what some calls ask for. Its context isn't cancelled by a
	// caller, so Work limits its own time.
	Work func(context.Context, []*Call[Q, A])
	// Most is how many calls share a piece of work; at most this many.
	Most int
	// Width is how many pieces of work go side by side; 1 if zero.
	Width int

	mu      sync.Mutex
	waiting []*Call[Q, A]
	running int
}

// Do waits for the answer. Where ctx ends before, the work may still be done.
func (g *Group[Q, A]) Do(ctx context.Context, ask Q) (A, error) {
	c := &Call[Q, A]{Ask: ask, ctx: ctx, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	if g.running < max(g.Width, 1) {
		g.running++
		go g.run(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	select {
	case <-c.done:
		return c.Answer, c.Err
	case <-ctx.Done():
		var none A
		return none, context.Cause(ctx)
	}
}

// run works until nobody waits.
func (g *Group[Q, A]) run(ctx context.Context) {
	for calls := g.next(); calls != nil; calls = g.next() {
		g.Work(ctx, calls)
		for _, c := range calls {
			close(c.done)
		}
	}
}

// next takes calls that still wait. It ends the worker where there are none.
func (g *Group[Q, A]) next() []*Call[Q, A] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var calls []*Call[Q, A]
	for len(g.waiting) > 0 && len(calls) < g.Most {
		c := g.waiting[0]
		g.waiting = g.waiting[1:]
		if c.ctx.Err() == nil {
			calls = append(calls, c)
		}
	}
	if calls == nil {
		g.running--
	}
	return calls
}
