package text

import (
	"strings"
	"testing"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// coveredPlan has a report of three rows, of which two are odd.
func coveredPlan() *plan.Plan {
	rows := []spec.Repayment{
		{LoanID: "L-1", ClientID: "1", Amount: money.FromInt(600000), Line: 2},
		{LoanID: "L-2", ClientID: "x\x1b[2J", Amount: money.FromInt(634567), Line: 147},
		{LoanID: "L-9", ClientID: "9", Amount: money.FromInt(5), Line: 148},
	}
	r := plan.Report{
		Report: &spec.RepaymentReport{Period: "2026-11", File: "r.csv", Rows: rows},
		Mode:   spec.CumulativePrincipal,
		Rows: []plan.Row{
			{Action: plan.Submit, Currency: "KES"}, {Action: plan.Submit, Currency: "KES"},
			{Action: plan.Waiting, Reason: plan.NewReason(plan.ReasonNotListed)},
		},
		Coverage: &plan.Coverage{
			Expected: 815, Reported: 812, Missing: []string{"L-0012", "L-0333", "L-0871"},
			Totals: plan.Totals{"KES": money.MustParse("1234567.50")},
			Findings: []plan.Finding{
				{Row: 1, Kind: plan.WrongClient, Reason: plan.Stated("the client id is x\x1b[2J here and 2 at Kiva")},
				{Row: 1, Kind: plan.AbovePrice, Reason: plan.Stated("634,567 is above the loan's KES 500")},
				{Row: 2, Kind: plan.NotExpected, Reason: plan.Stated("Kiva doesn't list this loan")},
			},
		},
	}
	return &plan.Plan{Environment: "staging", PartnerID: "145", Reports: []plan.Report{r}}
}

func TestCoverage(t *testing.T) {
	got := textOf(t, coveredPlan(), options{Width: 120})
	for _, want := range []string{
		"  812 of 815 expected loans reported, KES 1,234,567.50; missing: L-0012, L-0333, L-0871\n",
		"  look at 1 row before you send:\n    r.csv:147  L-2: the client id is x\\x1b[2J here and 2 at Kiva\n" +
			"    r.csv:147  L-2: 634,567 is above the loan's KES 500\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q isn't in\n%s", want, got)
		}
	}
	if strings.Count(got, "L-9") != 1 {
		t.Errorf("a row that waits stands there twice:\n%s", got)
	}
}

func TestCoverageNamesAFewMissingLoans(t *testing.T) {
	p := coveredPlan()
	c := p.Reports[0].Coverage
	c.Missing = nil
	for i := range 40 {
		c.Missing = append(c.Missing, "M-"+string(rune('A'+i%26))+string(rune('A'+i/26)))
	}
	few, full := textOf(t, p, options{}), textOf(t, p, options{Full: true})
	if strings.Count(few, "M-") != 12 || !strings.Contains(strings.Join(strings.Fields(few), " "), "and 28 more") {
		t.Errorf("%s", few)
	}
	if strings.Count(full, "M-") != 40 || strings.Contains(full, "more") {
		t.Errorf("%s", full)
	}
}

func TestADuplicateIsShown(t *testing.T) {
	p := coveredPlan()
	if got := textOf(t, p, options{}); strings.Contains(got, "the same") {
		t.Errorf("%s", got)
	}
	p.Reports[0].Duplicate = &plan.Duplicate{Period: "2026-10", Rows: 2, At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	want := "the same 2 rows as an upload for 2026-10 on 2026-11-02: is this last month's file?"
	if got := textOf(t, p, options{Width: 120}); !strings.Contains(got, want) {
		t.Errorf("%q isn't in\n%s", want, got)
	}
}
