package render

import (
	"io"
	"testing"

	"kivaform/plan"
)

// bigPlan is what a large partner sends in a month.
func bigPlan() *plan.Plan {
	p := manyDrafts(5_000)
	p.Reports = manyRows(20_000).Reports
	return p
}

func BenchmarkHTML(b *testing.B) {
	v := NewView(bigPlan(), Meta{Digest: "0123456789abcdef"}, true)
	for _, lang := range Languages() {
		b.Run(lang, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var size counter
				if err := HTML(&size, v, HTMLOptions{Lang: lang}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(size), "bytes")
			}
			b.ReportMetric(25_000*float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// A counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

var _ io.Writer = new(counter)
