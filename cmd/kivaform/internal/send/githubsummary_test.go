package send

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/plan/markdown"
	"kivaform/plan/view"
	"kivaform/spec"
)

func TestTheSummaryHasALimit(t *testing.T) {
	p := &plan.Plan{Environment: "production", PartnerID: "145"}
	for range 12_000 {
		p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: &spec.LoanDraft{
			Pos: spec.Pos{File: "loans/2026-11.yaml", Line: 7}, Currency: "KES",
			Entreps: []spec.Entrep{{LoanID: "L-1042", FirstName: "Amina", Amount: money.FromInt(5)}},
		}})
	}
	write := func(w io.Writer, o markdown.Options) error {
		return markdown.Write(w, view.New(p, view.Meta{}, false), o)
	}
	name := filepath.Join(t.TempDir(), "summary.md")
	for _, limit := range []int{maxSummaryPlan, maxSummary} {
		if err := appendSummary(name, limit, write); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(name); err != nil || info.Size() > int64(limit) || info.Size() < int64(limit)*9/10 {
			t.Errorf("%d bytes of %d (%v)", info.Size(), limit, err)
		}
	}
	if err := os.Truncate(name, maxSummary-100); err != nil {
		t.Fatal(err)
	}
	if err := appendSummary(name, maxSummary, write); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("error %v", err)
	}
	broken := errors.New("broken")
	if err := appendSummary(filepath.Join(t.TempDir(), "new.md"), maxSummary, func(io.Writer, markdown.Options) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
