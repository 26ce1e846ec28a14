package main

import (
	"context"
	"fmt"
)

// report measures the plan of a report whose loans Kiva doesn't list.
func (b *bench) report(ctx context.Context) error {
	n := 10 * b.n
	p := &place{bench: b, size: []string{"-drafts", "0", "-rows", fmt.Sprint(n)}}
	t := trial{name: fmt.Sprintf("plan, cold, a report of %s rows", count(n)), bound: 6, before: p.cool}
	_, err := b.compare(ctx, p, p.floor("encoding/csv, rows kept", "csv", n), p.runs(t, "waiting +"+written(n)+" repayments", "plan"))
	return err
}

// photos measures a plan whose photos were looked at before.
func (b *bench) photos(ctx context.Context) error {
	n := max(20, b.n/100)
	p := &place{bench: b, size: []string{"-drafts", fmt.Sprint(n), "-photos", fmt.Sprint(n)}}
	t := trial{name: fmt.Sprintf("plan, warm, %s photos of 2 MB", count(n)), bound: 1.2, before: p.heat}
	_, err := b.compare(ctx, p, p.floor("reading and hashing", "hash", n), p.runs(t, "to send +"+written(n)+" loan drafts", "plan"))
	return err
}
