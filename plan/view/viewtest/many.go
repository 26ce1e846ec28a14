package viewtest

import (
	"fmt"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// ManyDrafts is a plan of new drafts, each with a story of about 400
// characters and a schedule of five instalments.
func ManyDrafts(n int) *plan.Plan {
	p := &plan.Plan{Environment: "production", PartnerID: "145", Today: Date("2026-11-20")}
	for i := range n {
		d := MilkDraft(fmt.Sprintf("L-%06d", i))
		d.Pos.Line = int32(i)
		p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: d})
	}
	return p
}

// ManyRows is a plan of a report whose rows are sent, but for some that wait.
func ManyRows(n int) *plan.Plan {
	r := &spec.RepaymentReport{Period: "2026-11", File: "repayments/2026-11.csv"}
	for i := range n {
		amount, _ := money.FromInt(int64(i)).Add(Cents(i % 2 * 50))
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
	return &plan.Plan{Environment: "production", PartnerID: "145", Today: Date("2026-11-20"), Reports: []plan.Report{out}}
}
