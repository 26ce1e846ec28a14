package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A row is a line of the table: something that was measured, and something it
// is held against, in the same unit.
type row struct {
	what, against string
	unit          string
	base, got     float64
	bound         float64 // how many times base it may be; 0 where nothing is asked
	sample, floor sample  // where they were programs
}

const (
	seconds   = "s"
	processor = "s of processor time"
	mebibytes = "MiB"
)

// rowOf holds a trial against its own limit, or else against the floor.
func rowOf(t trial, got sample, against string, floor sample) row {
	r := row{what: t.name, against: against, unit: seconds, base: floor.wall.Seconds(), got: got.wall.Seconds(), bound: t.bound, sample: got, floor: floor}
	if t.limit > 0 {
		r.against, r.base, r.bound = "the limit", t.limit.Seconds(), 1
	}
	return r
}

func (r row) ratio() float64 { return r.got / r.base }

// met reports whether the bound is kept, or, where slack is more than 1, nearly
// so: a small piece of work takes hardly longer than the program's start, whose
// time is then granted twice.
func (r row) met(slack float64, start time.Duration) bool {
	most := r.base * r.bound * slack
	if slack > 1 && r.unit == seconds {
		most += 2 * start.Seconds()
	}
	return r.bound == 0 || r.got <= most
}

func (b *bench) short() bool {
	for _, r := range b.rows {
		if !r.met(b.slack, b.startTime) {
			return true
		}
	}
	return false
}

// table is all rows as Markdown.
func (b *bench) table() string {
	var t strings.Builder
	t.WriteString("| what | against | | measured | ratio | at most | met | processor, s | MiB |\n|---|---|--:|--:|--:|--:|---|--:|--:|\n")
	for _, r := range b.rows {
		bound := "–"
		if r.bound > 0 {
			bound = times(r.bound)
		}
		fmt.Fprintf(&t, "| %s | %s | %s %s | %s %s | %s | %s | %s | %s | %s |\n", r.what, r.against,
			amount(r.base), r.unit, amount(r.got), r.unit, times(r.ratio()), bound, r.verdict(b.slack, b.startTime), r.processor(), r.memory())
	}
	return t.String()
}

// verdict says whether the bound is kept, as it stands and with slack.
func (r row) verdict(slack float64, start time.Duration) string {
	switch {
	case r.bound == 0:
		return "–"
	case r.met(1, start):
		return "yes"
	case r.met(slack, start):
		return "nearly"
	}
	return "**no**"
}

// processor gives the processor time of both, which other programs on the
// machine change less than the time on the clock.
func (r row) processor() string {
	got, floor := r.sample.cpu.Seconds(), r.floor.cpu.Seconds()
	switch {
	case got == 0:
		return ""
	case floor == 0:
		return amount(got)
	}
	return fmt.Sprintf("%s of %s: %s", amount(got), amount(floor), times(got/floor))
}

func (r row) memory() string {
	if r.sample.peak == 0 {
		return ""
	}
	return fmt.Sprint(r.sample.peak >> 20)
}

func times(x float64) string { return fmt.Sprintf("%.2f ×", x) }

// amount writes a number with three digits or more that count.
func amount(x float64) string {
	switch {
	case x == math.Trunc(x) || x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}

// count writes a number for people.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
