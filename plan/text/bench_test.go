package text

import (
	"fmt"
	"io"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view/viewtest"
)

func BenchmarkText(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("drafts=%d", n), func(b *testing.B) {
			benchText(b, viewtest.ManyDrafts(n), n)
		})
	}
	b.Run("rows=100000", func(b *testing.B) {
		benchText(b, viewtest.ManyRows(100_000), 100_000)
	})
}

// benchText shows a plan of n items with all that a person can see of it.
func benchText(b *testing.B, p *plan.Plan, n int) {
	b.ReportAllocs()
	for b.Loop() {
		if err := write(io.Discard, p, options{Personal: true, Color: true, Full: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
