package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

const (
	latency     = 50 * time.Millisecond
	parallelism = 10
	batch       = 250
)

// network is how long requests take that are sent side by side.
func network(requests int) time.Duration { return time.Duration(requests) * latency / parallelism }

// onlySends is a program that sends the same and does nothing else. What it
// takes is the network's and this machine's.
func (p *place) onlySends(what string, n int) trial {
	t := trial{
		name: "a program that only sends " + count(n) + " " + what, before: p.begin,
		run: func(ctx context.Context) (sample, error) {
			c := p.bench.command(ctx, "floor", []string{"-n", fmt.Sprint(n), "-parallelism", fmt.Sprint(parallelism), "-batch", fmt.Sprint(batch), what, p.api})
			return run(c, regexp.MustCompile(fmt.Sprintf("^%d\n", n)))
		},
	}
	return p.counted(t, func(c counted) error { return c.once(n) })
}

// against adds a row that holds one trial against another.
func (b *bench) against(medians map[string]sample, t, other trial) {
	if got, base := medians[t.name], medians[other.name]; got.wall > 0 && base.wall > 0 {
		r := rowOf(t, got, other.name, base)
		r.what = "the same"
		b.rows = append(b.rows, r)
	}
}

// applyDrafts measures sending, and counts connections.
func (b *bench) applyDrafts(ctx context.Context) error {
	n, connections := max(400, b.n/50), 0
	p := &place{bench: b, size: []string{"-drafts", fmt.Sprint(n)}, standin: []string{"-latency", latency.String()}}
	t := p.runs(trial{name: fmt.Sprintf("apply, %s drafts, %s for an answer, %d at once", count(n), latency, parallelism), bound: 1.08, before: p.begin},
		"sent "+written(n)+"\n", "apply", "--auto-approve", "--parallelism", fmt.Sprint(parallelism))
	t = p.counted(t, func(c counted) error {
		connections = max(connections, c.Connections)
		return c.once(n)
	})
	floor, only := computed(fmt.Sprintf("%s × %s ÷ %d", count(n), latency, parallelism), network(n)), p.onlySends("drafts", n)
	medians, err := b.compare(ctx, p, floor, t, only)
	b.against(medians, t, only)
	if medians != nil {
		b.rows = append(b.rows, row{
			what: "connections that it opened", against: "one for each at once, one for tokens", unit: "connections",
			base: parallelism + 1, got: float64(connections), bound: 1,
		})
	}
	return err
}

// applyRows measures a whole run that sends a report, and reads as many loans
// before as the report has rows; and of that the sending.
func (b *bench) applyRows(ctx context.Context) error {
	n := max(20_000, b.n)
	uploads, pages := (n+batch-1)/batch, (n+299)/300
	p := &place{bench: b, size: []string{"-drafts", "0", "-rows", fmt.Sprint(n)}, standin: []string{"-latency", latency.String(), "-paying", fmt.Sprint(n)}}
	t := p.runs(trial{name: fmt.Sprintf("apply, %s rows, %d in an upload, %s for an answer, %d at once", count(n), batch, latency, parallelism), bound: 1.10, before: p.begin},
		"sent "+written(n)+"\n", "apply", "--auto-approve", "--assume-empty", "--parallelism", fmt.Sprint(parallelism), "--batch", fmt.Sprint(batch))
	var sending []float64
	t = p.counted(t, func(c counted) error {
		sending = append(sending, c.LastWrite.Sub(c.FirstWrite).Seconds())
		return c.once(n)
	})
	floor := computed(fmt.Sprintf("(%d uploads + %d pages of loans) × %s ÷ %d", uploads, pages, latency, parallelism), network(uploads+pages))
	only := p.onlySends("rows", n)
	medians, err := b.compare(ctx, p, floor, t, only)
	b.against(medians, t, only)
	if medians != nil {
		slices.Sort(sending)
		b.rows = append(b.rows, row{
			what: "of that, from the first upload to the last answer", against: fmt.Sprintf("%d × %s ÷ %d", uploads, latency, parallelism), unit: seconds,
			base: network(uploads).Seconds(), got: sending[len(sending)/2], bound: 1.10,
		})
	}
	return err
}

// begin makes the place as if nothing had been sent.
func (p *place) begin(ctx context.Context) error {
	if err := p.cool(ctx); err != nil {
		return err
	}
	if err := p.aside(filepath.Join(p.workspace, "ledger")); err != nil {
		return err
	}
	return p.forget(ctx)
}
