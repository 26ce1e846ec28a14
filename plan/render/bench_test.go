package render

import (
	"fmt"
	"io"
	"testing"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

func BenchmarkText(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("drafts=%d", n), func(b *testing.B) {
			benchText(b, manyDrafts(n), n)
		})
	}
	b.Run("rows=100000", func(b *testing.B) {
		benchText(b, manyRows(100_000), 100_000)
	})
}

// benchText shows a plan of n items with all that a person can see of it.
func benchText(b *testing.B, p *plan.Plan, n int) {
	b.ReportAllocs()
	for b.Loop() {
		if err := Text(io.Discard, p, Options{Personal: true, Color: true, Full: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// manyDrafts is a plan of new drafts, each with a story of about 400
// characters and a schedule of five instalments.
func manyDrafts(n int) *plan.Plan {
	p := &plan.Plan{Environment: "production", PartnerID: "145", Today: date("2026-11-20")}
	for i := range n {
		d := milkDraft(fmt.Sprintf("L-%06d", i))
		d.Pos.Line = int32(i)
		p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: d})
	}
	return p
}

func manyRows(n int) *plan.Plan {
	r := &spec.RepaymentReport{Period: "2026-11", File: "repayments/2026-11.csv"}
	for i := range n {
		amount, _ := money.FromInt(int64(i)).Add(cents(i % 2 * 50))
		r.Rows = append(r.Rows, spec.Repayment{
			LoanID: fmt.Sprintf("L-%06d", i), ClientID: fmt.Sprintf("%06d", i), Amount: amount, Line: int32(i + 2),
		})
	}
	out := plan.Report{Report: r, Mode: spec.CumulativePrincipal, Rows: make([]plan.Row, n)}
	for i := range out.Rows {
		out.Rows[i] = plan.Row{Action: plan.Submit, Currency: "KES"}
		if i%50 == 49 {
			out.Rows[i] = plan.Row{Action: plan.Waiting, Reason: plan.NewReason(plan.ReasonNotListed)}
		}
	}
	return &plan.Plan{Environment: "production", PartnerID: "145", Today: date("2026-11-20"), Reports: []plan.Report{out}}
}
