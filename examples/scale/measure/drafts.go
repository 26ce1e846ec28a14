package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
)

const (
	decoding = "yaml.v3 into structs"
	few      = 2_000 // drafts; of fewer, most of the time is the program's start
)

// drafts measures what is done with n drafts that were never sent.
func (b *bench) drafts(n int) scene {
	return func(ctx context.Context) error {
		p := &place{bench: b, size: []string{"-drafts", fmt.Sprint(n)}}
		fresh := count(n) + " new drafts"
		planned := "to send +" + written(n) + " loan drafts"
		trials := []trial{
			p.runs(trial{name: "validate, cold, " + fresh, bound: coldBound, before: p.cool}, "valid: "+written(n)+" loan drafts", "validate"),
			p.runs(trial{name: coldPlan(n), bound: coldBound, before: p.cool}, planned, "plan"),
		}
		if n < few {
			for i := range trials {
				trials[i].limit = 250 * time.Millisecond
			}
		} else {
			trials = append(trials,
				p.runs(trial{name: "plan, warm, " + fresh, bound: warmBound, before: p.heat}, planned, "plan"),
				p.runs(trial{name: "plan, warm but for " + oneFile(n) + ", " + fresh, bound: changeBound, before: p.change}, planned, "plan"))
		}
		_, err := b.compare(ctx, p, p.floor(decoding, "yaml", n), trials...)
		return err
	}
}

// How many times the floor a plan may take.
const (
	coldBound   = 1.35
	warmBound   = 0.2
	changeBound = 0.2
)

func coldPlan(n int) string { return fmt.Sprintf("plan, cold, %s new drafts", count(n)) }

// oneFile tells how much has changed where one of n drafts has.
func oneFile(n int) string { return "one file of " + count((n+99)/100) }

// written matches a number with and without commas.
func written(n int) string { return strings.ReplaceAll(count(n), ",", ",?") }

// sent measures what is done with n drafts that are all in the ledger and at
// Kiva, and counts how often a plan asks Kiva for loans.
func (b *bench) sent(ctx context.Context) error {
	n, lists := min(b.n, 10_000), 0
	p := &place{bench: b, size: []string{"-drafts", fmt.Sprint(n)}}
	p.ready = func(ctx context.Context) error {
		return p.quietly(ctx, "sent "+written(n)+"\n", "apply", "--auto-approve", "--parallelism", "10")
	}
	all := count(n) + " drafts, all sent before"
	cold := p.runs(trial{name: "plan, cold, " + all, bound: coldBound, before: p.cool}, "Nothing to do", "plan")
	medians, err := b.compare(ctx, p, p.floor(decoding, "yaml", n),
		p.counted(cold, func(c counted) error { lists = max(lists, c.Lists); return nil }),
		p.runs(trial{name: "plan, warm, " + all, bound: warmBound, before: p.heat}, "Nothing to do", "plan"),
		p.runs(trial{name: "plan, warm but for " + oneFile(n) + ", " + all, bound: changeBound, before: p.change}, "needs a person", "plan"),
	)
	if _, ok := medians[cold.name]; ok {
		b.rows = append(b.rows, row{
			what: "requests for loans of that cold plan", against: "pages of 300", unit: "requests",
			base: math.Ceil(float64(n) / 300), got: float64(lists), bound: 1,
		})
	}
	return err
}
