package main

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// maxExponent is how fast time and memory may grow with the drafts.
const maxExponent = 1.05

// growth looks at the largest cold plan, and holds it against that of a tenth.
func (b *bench) growth(context.Context) error {
	small, large := b.row(coldPlan(b.n/10)), b.row(coldPlan(b.n))
	if large == nil {
		return nil
	}
	b.rows = append(b.rows, row{
		what: "memory of that cold plan", against: "the limit", unit: mebibytes,
		base: memoryLimit(b.n), got: mib(large.sample), bound: 1,
	})
	if small != nil {
		b.rows = append(b.rows,
			b.grown("time", seconds, small.got, large.got),
			b.grown("memory", mebibytes, mib(small.sample), mib(large.sample)))
	}
	return nil
}

// memoryLimit is in MiB. A short process may leave its garbage lying, so fewer
// drafts needn't take less.
func memoryLimit(n int) float64 { return 500 * float64(max(n, 100_000)) / 100_000 }

func mib(s sample) float64 { return float64(s.peak) / (1 << 20) }

func (b *bench) grown(what, unit string, small, large float64) row {
	return row{
		what:    fmt.Sprintf("growth of a cold plan's %s from %s to %s: exponent %.2f", what, count(b.n/10), count(b.n), math.Log10(large/small)),
		against: fmt.Sprintf("exponent %.2f", maxExponent), unit: unit,
		base: small * math.Pow(10, maxExponent), got: large, bound: 1,
	}
}

func (b *bench) row(what string) *row {
	i := slices.IndexFunc(b.rows, func(r row) bool { return r.what == what })
	if i < 0 {
		return nil
	}
	return &b.rows[i]
}
