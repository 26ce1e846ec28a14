package render

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"kivaform/plan"
	"kivaform/spec"
)

// TestMarkdownFits shows random plans with random limits: never more than the
// limit, always valid, with the marker and the counts; and whatever a page
// leaves out it says, so that a page without the note shows as much as one
// without limit.
func TestMarkdownFits(t *testing.T) {
	n := 40
	if os.Getenv("KIVAFORM_LONG") != "" {
		n = 5_000
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		v := randomView(r)
		limit := MinMarkdown + int(float64(100_000)*pow4(r.Float64()))
		o := MarkdownOptions{MaxBytes: limit}
		if r.IntN(3) == 0 {
			o.Where = "[The run](https://github.com/example/loans/actions/runs/1) has all."
			limit += len(o.Where)
			o.MaxBytes = limit
		}
		got := markdownOf(t, v, o)
		switch {
		case len(got) > limit:
			t.Fatalf("seed %d: %d bytes, %d allowed", seed, len(got), limit)
		case !utf8.ValidString(got):
			t.Fatalf("seed %d: not UTF-8", seed)
		case !strings.HasPrefix(got, "<!-- kivaform plan "):
			t.Fatalf("seed %d: no marker", seed)
		}
		checkCounts(t, seed, v, got)
		if note := strings.Contains(got, "> **Left out**"); note == (got == markdownOf(t, v, MarkdownOptions{})) {
			t.Fatalf("seed %d: says that something is left out: %v", seed, note)
		}
	}
}

func pow4(x float64) float64 { return x * x * x * x }

func checkCounts(t *testing.T, seed int, v *View, page string) {
	t.Helper()
	for what, n := range map[string]int{"fault": len(v.Faults), "warning": len(v.Warnings)} {
		if n > 0 && !strings.Contains(page, count(n, what)) {
			t.Fatalf("seed %d: not the number of %ss:\n%s", seed, what, page)
		}
	}
	for _, count := range []string{fmt.Sprintf("%d to send", v.Summary.Sends), "| **to send** |", "| **needs you** |", "| **waiting** |", "| **to record** |", "| **unchanged** |", "| **empty** |"} {
		if strings.Contains(page, count) {
			return
		}
	}
	t.Fatalf("seed %d: no counts:\n%s", seed, page)
}

// randomView is of nothing up to some hundred things of each kind, with texts
// from none to very long, in which anything may stand.
func randomView(r *rand.Rand) *View {
	p := newPlan()
	size := func() int { return int(300 * pow4(r.Float64())) }
	text := func() string { return randomText(r) }
	actions := []plan.Action{plan.Submit, plan.Adopt, plan.Edited, plan.Waiting, plan.Unknown, plan.Unchanged}
	whys := []string{text(), text(), "", whyUnknown}
	item := func(res spec.Resource) plan.Item {
		i := plan.Item{Action: actions[r.IntN(len(actions))], Resource: res, Why: whys[r.IntN(len(whys))]}
		for range r.IntN(4) {
			i.Changes = append(i.Changes, plan.Change{Path: text(), Old: text(), New: text(), Was: true, Is: true})
		}
		return i
	}
	if r.IntN(4) == 0 {
		p.Environment, p.PartnerID = text(), text()
	}
	for range size() {
		d := draftAt("L-"+text(), r.IntN(1000))
		d.LoanUse, d.Currency, d.Pos.File = text(), []string{"KES", "UGX", text()}[r.IntN(3)], text()
		p.Drafts = append(p.Drafts, item(d))
	}
	for range size() {
		p.Journals = append(p.Journals, item(visit("L-"+text())))
	}
	for i := range r.IntN(4) * r.IntN(10) {
		rows := make([]reportRow, size())
		for k := range rows {
			rows[k] = reportRow{plan.Row{Action: actions[r.IntN(len(actions))], Why: whys[r.IntN(len(whys))], Currency: "KES"}, fmt.Sprint(r.IntN(100_000))}
		}
		p.Reports = append(p.Reports, reportOf(fmt.Sprintf("2026-%02d%s", i, []string{"", text()}[r.IntN(2)]), rows...))
	}
	var warnings []*spec.Fault
	for range size() * r.IntN(20) {
		f := &spec.Fault{Code: "KF021", Pos: spec.Pos{File: text(), Line: 1}, Path: text(), Message: text()}
		if p.Faults = append(p.Faults, f); r.IntN(2) == 0 {
			p.Notes, warnings = append(p.Notes, text()), append(warnings, f)
		}
	}
	return NewView(p, Meta{Digest: strings.Repeat("ab", 32), Warnings: warnings}, r.IntN(2) == 0)
}

func randomText(r *rand.Rand) string {
	s := hostileMarkdown[r.IntN(len(hostileMarkdown))]
	switch r.IntN(200) {
	case 0:
		return strings.Repeat(s, 1+20_000/(1+len(s)))
	case 1, 2, 3, 4:
		return ""
	}
	return s[:min(len(s), 1+r.IntN(60))] // also in the middle of a character
}

// TestMarkdownFitsWhateverIsHuge has one thing that is beyond all measure.
func TestMarkdownFitsWhateverIsHuge(t *testing.T) {
	for name, v := range map[string]*View{
		"texts":  outsideView(strings.Repeat("`| a ", 20_000)),
		"faults": NewView(&plan.Plan{Environment: "production", PartnerID: "145", Faults: manyFaults(10_000)}, Meta{}, false),
	} {
		for _, limit := range []int{MinMarkdown, 60_000, 1 << 20} {
			got := markdownOf(t, v, MarkdownOptions{MaxBytes: limit})
			if len(got) > limit || !strings.HasPrefix(got, "<!-- kivaform plan ") {
				t.Errorf("%s: %d bytes, %d allowed", name, len(got), limit)
			}
		}
	}
}

func manyFaults(n int) []*spec.Fault {
	list := make([]*spec.Fault, n)
	for i := range list {
		list[i] = &spec.Fault{Code: "KF012", Pos: spec.Pos{File: "loans/2026-11.yaml", Line: int32(i + 1), Column: 9}, Path: "entreps[0].amount", Message: `"1.2.3" isn't an amount`, Hint: "write 1234.50"}
	}
	return list
}

func TestMarkdownRefusesLessThanItNeeds(t *testing.T) {
	v := viewOf(everyAction(), false)
	for _, o := range []MarkdownOptions{{MaxBytes: MinMarkdown - 1}, {MaxBytes: -1}, {MaxBytes: MinMarkdown, Where: strings.Repeat("there ", 200)}} {
		if err := Markdown(io.Discard, v, o); err == nil || !strings.Contains(err.Error(), "; hint: ") {
			t.Errorf("%d bytes: %v", o.MaxBytes, err)
		}
	}
}

// hugeMonth is a plan of 5,000 drafts and 20,000 rows, of which some need a
// person.
func hugeMonth() *View {
	p := manyDrafts(5_000)
	p.Reports = manyRows(20_000).Reports
	for i := range p.Drafts {
		switch i % 1000 {
		case 7:
			p.Drafts[i].Action, p.Drafts[i].Why, p.Drafts[i].Changes = plan.Edited, whyEdited, everyChange()
		case 8:
			p.Drafts[i].Action, p.Drafts[i].Why = plan.Unknown, whyUnknown
		case 9:
			p.Drafts[i].Resource.(*spec.LoanDraft).Currency = "UGX"
		}
	}
	return NewView(p, Meta{Warnings: someWarnings(), Digest: "3f2a9c"}, false)
}

// TestTheFirstScreenSaysWhatMatters looks at the first 30 lines of a big plan.
func TestTheFirstScreenSaysWhatMatters(t *testing.T) {
	const limit = 60_000
	got := markdownOf(t, hugeMonth(), MarkdownOptions{MaxBytes: limit})
	if len(got) > limit || len(got) < limit/2 {
		t.Errorf("%d bytes", len(got))
	}
	screen := strings.Join(strings.SplitN(got, "\n", 31)[:30], "\n")
	for _, want := range []string{
		"KES 249,250,000, UGX 250,000", "KES 195", "4990 loan drafts", "19600 repayments of 2026-11", "2 warnings", "400 repayments | not possible yet",
		"**needs you** | 5 loan drafts", "Left out", "kivaform plan --full", "### Needs a person", "loan_draft/L-000008",
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q isn't on the first screen", want)
		}
	}
	if t.Failed() {
		t.Log(screen)
	}
	for _, want := range []string{"1,055,000.50", "### Loan drafts", "### Repayment report", "and 4"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q isn't on the page", want)
		}
	}
}

func BenchmarkMarkdown(b *testing.B) {
	v := hugeMonth()
	for _, limit := range []int{0, 60_000, 1 << 20} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Markdown(io.Discard, v, MarkdownOptions{MaxBytes: limit}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
