package markdown

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var markdownGolden = []struct {
	name     string
	plan     func() *plan.Plan
	personal bool
	maxBytes int
}{
	{"every-action", viewtest.EveryAction, false, 0},
	{"every-action-shown", viewtest.EveryAction, true, 0},
	{"every-action-6000", viewtest.EveryAction, false, 6000},
	{"every-action-1000", viewtest.EveryAction, false, MinBytes},
	{"many-alike", viewtest.ManyAlike, false, 0},
	{"many-alike-9000", viewtest.ManyAlike, false, 9000},
	{"hostile", viewtest.HostileTexts, true, 0},
	{"hostile-4000", viewtest.HostileTexts, true, 4000},
	{"unchanged", viewtest.UnchangedOnly, false, 0},
	{"empty", viewtest.NewPlan, false, 0},
}

// TestMarkdown holds the Markdown of some plans against testdata.
func TestMarkdown(t *testing.T) {
	for _, tt := range markdownGolden {
		t.Run(tt.name, func(t *testing.T) {
			viewtest.Golden(t, *update, tt.name+".md", markdownOf(t, viewOf(tt.plan(), tt.personal), Options{MaxBytes: tt.maxBytes}))
		})
	}
	files, err := filepath.Glob("testdata/*.md")
	if n := len(markdownGolden) + len(accountGolden); err != nil || len(files) != n {
		t.Errorf("%d files for %d pages (%v)", len(files), n, err)
	}
}

func markdownOf(t testing.TB, v *view.View, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, v, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// viewOf is a view of a plan with warnings, one of them for each draft that
// can't be published yet.
func viewOf(p *plan.Plan, personal bool) *view.View {
	made := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	return view.New(p, view.Meta{
		Program: "kivaform 1.0", Commit: "0f1e2d3c4b5a", Created: made, Expires: made.Add(72 * time.Hour), Digest: "3f2a9c", Warnings: someWarnings(),
	}, personal)
}

func someWarnings() []*spec.Fault {
	return []*spec.Fault{
		{Code: "KF054", Severity: spec.Warning, Pos: spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: 14, Column: 1}, Path: "loanuse",
			Message: `it starts with "for", not with "to"`, Remedy: "lenders read it after the words: a loan of KES 50,000 helps", Address: "loan_draft/L-1042"},
		{Code: "KF051", Severity: spec.Warning, Pos: spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: 14, Column: 1},
			Message: "without a signed client waiver PA2 doesn't publish it", Address: "loan_draft/L-1042"},
	}
}
