package html

import (
	"io"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

// bigPlan is what a large partner sends in a month.
func bigPlan() *plan.Plan {
	p := viewtest.ManyDrafts(5_000)
	p.Reports = viewtest.ManyRows(20_000).Reports
	return p
}

func BenchmarkWrite(b *testing.B) {
	v := view.New(bigPlan(), view.Meta{Digest: "0123456789abcdef"}, true)
	for _, lang := range Languages() {
		b.Run(lang, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var size counter
				if err := Write(&size, v, Options{Lang: lang}); err != nil {
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
