package markdown

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
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
	seeds := []int{11413} // its short summary once left out the warnings
	for seed := range n {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		v := randomView(r)
		limit := MinBytes + int(float64(100_000)*pow4(r.Float64()))
		o := Options{MaxBytes: limit}
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
		checkCounts(t, fmt.Sprintf("seed %d", seed), v, got)
		if note := strings.Contains(got, "> **Left out**"); note == (got == markdownOf(t, v, Options{})) {
			t.Fatalf("seed %d: says that something is left out: %v", seed, note)
		}
	}
}

func pow4(x float64) float64 { return x * x * x * x }

func checkCounts(t *testing.T, of string, v *view.View, page string) {
	t.Helper()
	for what, n := range map[string]int{"fault": len(v.Faults), "warning": len(v.Warnings)} {
		if n > 0 && !strings.Contains(page, view.Count(n, what)) {
			t.Fatalf("%s: not the number of %ss:\n%s", of, what, page)
		}
	}
	for _, count := range []string{fmt.Sprintf("%d to send", v.Summary.Sends), "| **to send** |", "| **needs you** |", "| **waiting** |", "| **to record** |", "| **unchanged** |", "| **empty** |"} {
		if strings.Contains(page, count) {
			return
		}
	}
	t.Fatalf("%s: no counts:\n%s", of, page)
}

// A summary that is cut short keeps the numbers of faults and warnings, also
// where these are shown, so that nothing else says how many there are.
func TestAShortSummaryKeepsItsFirstLines(t *testing.T) {
	p := viewtest.NewPlan()
	for i := range 30 {
		p.Reports = append(p.Reports, viewtest.ReportOf(fmt.Sprintf("20%d-11", 10+i), viewtest.RowOf(plan.Row{Action: plan.Submit, Currency: "KES"}, "100")))
	}
	p.Faults = manyFaults(1)
	v := view.New(p, view.Meta{Warnings: someWarnings()}, false)
	short := 0
	for limit := MinBytes; limit < 4_000; limit += 5 {
		got := markdownOf(t, v, Options{MaxBytes: limit})
		checkCounts(t, fmt.Sprintf("limit %d", limit), v, got)
		if strings.Contains(got, "more lines |") && strings.Contains(got, "### Warnings") {
			short++
		}
	}
	if short < 10 {
		t.Errorf("only %d summaries are short", short)
	}
}

// randomView is of nothing up to some hundred things of each kind, with texts
// from none to very long, in which anything may stand.
func randomView(r *rand.Rand) *view.View {
	p := viewtest.NewPlan()
	size := func() int { return int(300 * pow4(r.Float64())) }
	text := func() string { return randomText(r) }
	actions := []plan.Action{plan.Submit, plan.Adopt, plan.Edited, plan.Waiting, plan.Unknown, plan.Unchanged}
	whys := []plan.Reason{plan.Stated(text()), plan.Stated(text()), {}, viewtest.Unanswered}
	item := func(res spec.Resource) plan.Item {
		i := plan.Item{Action: actions[r.IntN(len(actions))], Resource: res, Reason: whys[r.IntN(len(whys))]}
		for range r.IntN(4) {
			i.Changes = append(i.Changes, plan.Change{Path: text(), Old: text(), New: text(), Was: true, Is: true})
		}
		return i
	}
	if r.IntN(4) == 0 {
		p.Environment, p.PartnerID = text(), text()
	}
	for range size() {
		d := viewtest.DraftAt("L-"+text(), r.IntN(1000))
		d.LoanUse, d.Currency, d.Pos.File = text(), []string{"KES", "UGX", text()}[r.IntN(3)], text()
		p.Drafts = append(p.Drafts, item(d))
	}
	for range size() {
		p.Journals = append(p.Journals, item(viewtest.Visit("L-"+text())))
	}
	for i := range r.IntN(4) * r.IntN(10) {
		rows := make([]viewtest.ReportRow, size())
		for k := range rows {
			rows[k] = viewtest.RowOf(plan.Row{Action: actions[r.IntN(len(actions))], Reason: whys[r.IntN(len(whys))], Currency: "KES"}, fmt.Sprint(r.IntN(100_000)))
		}
		p.Reports = append(p.Reports, viewtest.ReportOf(fmt.Sprintf("2026-%02d%s", i, []string{"", text()}[r.IntN(2)]), rows...))
	}
	var warnings []*spec.Fault
	for range size() * r.IntN(20) {
		f := &spec.Fault{Code: "KF021", Pos: spec.Pos{File: text(), Line: 1}, Path: text(), Message: text()}
		if p.Faults = append(p.Faults, f); r.IntN(2) == 0 {
			p.Notes, warnings = append(p.Notes, plan.Stated(text())), append(warnings, f)
		}
	}
	return view.New(p, view.Meta{Digest: strings.Repeat("ab", 32), Warnings: warnings}, r.IntN(2) == 0)
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
	for name, v := range map[string]*view.View{
		"texts":  outsideView(strings.Repeat("`| a ", 20_000)),
		"faults": view.New(&plan.Plan{Environment: "production", PartnerID: "145", Faults: manyFaults(10_000)}, view.Meta{}, false),
	} {
		for _, limit := range []int{MinBytes, 60_000, 1 << 20} {
			got := markdownOf(t, v, Options{MaxBytes: limit})
			if len(got) > limit || !strings.HasPrefix(got, "<!-- kivaform plan ") {
				t.Errorf("%s: %d bytes, %d allowed", name, len(got), limit)
			}
		}
	}
}

// longTexts are the places of a plan where somebody outside can write much.
// Each puts a text into one of them.
var longTexts = map[string]func(p *plan.Plan, text string){
	"story":         func(p *plan.Plan, text string) { p.Drafts[1].Resource.(*spec.LoanDraft).Description = text },
	"choice":        func(p *plan.Plan, text string) { p.Drafts[1].Resource.(*spec.LoanDraft).Activity.Name = text },
	"file":          func(p *plan.Plan, text string) { p.Drafts[1].Resource.(*spec.LoanDraft).Pos.File = text },
	"loan id":       func(p *plan.Plan, text string) { p.Drafts[1].Resource.(*spec.LoanDraft).Entreps[0].LoanID = text },
	"Kiva's answer": func(p *plan.Plan, text string) { p.Drafts[1].Reason = plan.Stated(text) },
	"reason":        func(p *plan.Plan, text string) { p.Drafts[3].Reason = plan.Stated(text) },
	"unknown":       func(p *plan.Plan, text string) { p.Drafts[4].Reason = plan.Stated(text) },
	"reason of two": func(p *plan.Plan, text string) {
		p.Drafts[4].Reason, p.Journals[3].Reason = plan.Stated(text), plan.Stated(text)
	},
	"reason of two rows": func(p *plan.Plan, text string) {
		rows := p.Reports[0].Rows
		rows[0].Action, rows[0].Reason, rows[2].Reason = plan.Waiting, plan.Stated(text), plan.Stated(text)
	},
	"edited":          func(p *plan.Plan, text string) { p.Drafts[5].Reason = plan.Stated(text) },
	"edited field":    func(p *plan.Plan, text string) { p.Drafts[5].Changes[0].Path = text },
	"value before":    func(p *plan.Plan, text string) { p.Drafts[5].Changes[9].Old = text },
	"value after":     func(p *plan.Plan, text string) { p.Drafts[5].Changes[9].New = text },
	"file of edited":  func(p *plan.Plan, text string) { p.Drafts[5].Resource.(*spec.LoanDraft).Pos.File = text },
	"id of edited":    func(p *plan.Plan, text string) { p.Drafts[5].Resource.(*spec.LoanDraft).Entreps[0].LoanID = text },
	"row's reason":    func(p *plan.Plan, text string) { p.Reports[0].Rows[2].Reason = plan.Stated(text) },
	"report's file":   func(p *plan.Plan, text string) { p.Reports[0].Report.File = text },
	"row's loan":      func(p *plan.Plan, text string) { p.Reports[0].Report.Rows[2].LoanID = text },
	"what is odd":     func(p *plan.Plan, text string) { p.Reports[0].Coverage.Findings[0].Reason = plan.Stated(text) },
	"note":            func(p *plan.Plan, text string) { p.Notes[0] = plan.Stated(text) },
	"fault":           func(p *plan.Plan, text string) { p.Faults[0].Message = text },
	"file of a fault": func(p *plan.Plan, text string) { p.Faults[0].Pos.File = text },
}

// planOfLongTexts is a plan of which a text can take all the room.
func planOfLongTexts() *plan.Plan {
	p := viewtest.Everything()
	p.Drafts[5].Changes = append(viewtest.EveryChange()[:9], plan.Change{Path: "location", Old: "Nakuru: Kenya", New: "Kitale: Kenya", Was: true, Is: true})
	return p
}

// A long text takes no room from anything else: all other fields are shown,
// and where the text was cut it says how much is missing. So it is also where
// there would be room for the text, but not for all of the rest then.
func TestALongTextCostsItsOwnEndOnly(t *testing.T) {
	for name, put := range longTexts {
		limit := 60_000
		for _, length := range []int{100_000, 3_200} {
			p := planOfLongTexts()
			put(p, strings.Repeat("waterfalls", length/10))
			got := markdownOf(t, view.New(p, view.Meta{}, true), Options{MaxBytes: limit})
			for _, want := range []string{
				fmt.Sprintf("> **Left out** to keep within %d bytes: the ends of long texts on ", limit), "(and ", " more characters)",
				"Akinyi", "The shed stands.", "JPEG", "1,055,000.50", "L-0803",
			} {
				if !strings.Contains(got, want) {
					t.Errorf("%s of %d: %q isn't there", name, length, want)
				}
			}
			if n := strings.Count(got, "<details>"); n != 4 || strings.Count(got, "the ends of") != 1 {
				t.Errorf("%s of %d: %d items with their fields", name, length, n)
			}
			if strings.Count(got, " more characters)") > 1 {
				break // what stands in many places costs as often
			}
			limit = len(got) + 700 // the note could become as long
		}
		p := planOfLongTexts()
		put(p, strings.Repeat("waterfalls", 10_000))
		if whole := markdownOf(t, view.New(p, view.Meta{}, true), Options{MaxBytes: 1 << 21}); strings.Contains(whole, "Left out") || !strings.Contains(whole, strings.Repeat("waterfalls", 9_000)) {
			t.Errorf("%s: cut where there is room", name)
		}
	}
}

// The note on what was cut has its room, too.
func TestTheNoteOnALongTextFits(t *testing.T) {
	p := viewtest.NewPlan()
	p.Notes = []plan.Reason{plan.Stated(strings.Repeat("mountains ", 300))}
	cut := 0
	for limit := 2_000; limit < 3_500; limit++ {
		got := markdownOf(t, view.New(p, view.Meta{}, true), Options{MaxBytes: limit})
		if len(got) > limit {
			t.Errorf("%d bytes, %d allowed", len(got), limit)
		}
		if strings.Contains(got, "the ends of long texts on 1 note.") {
			cut++
		}
	}
	if cut < 500 {
		t.Errorf("cut only %d times", cut)
	}
}

// What is cut has all characters that it says it has.
func TestWithoutTheEnd(t *testing.T) {
	s := sheet{most: 3}
	for text, want := range map[string]string{"": "", "abc": "abc", "ñañ": "ñañ", "abcd": "abc… (and 1 more character)", "王小明王小": "王小明… (and 2 more characters)"} {
		s.cut = false
		if got := s.text(text); got != want || s.cut != (got != text) {
			t.Errorf("%q: %q, cut %v", text, got, s.cut)
		}
	}
}

func manyFaults(n int) []*spec.Fault {
	list := make([]*spec.Fault, n)
	for i := range list {
		list[i] = &spec.Fault{Code: "KF012", Pos: spec.Pos{File: "loans/2026-11.yaml", Line: int32(i + 1), Column: 9}, Path: "entreps[0].amount", Message: `"1.2.3" isn't an amount`, Remedy: "write 1234.50"}
	}
	return list
}

func TestMarkdownRefusesLessThanItNeeds(t *testing.T) {
	v := viewOf(viewtest.EveryAction(), false)
	for _, o := range []Options{{MaxBytes: MinBytes - 1}, {MaxBytes: -1}, {MaxBytes: MinBytes, Where: strings.Repeat("there ", 200)}} {
		if err := Write(io.Discard, v, o); err == nil || !strings.Contains(hint.Text(err), "; hint: ") {
			t.Errorf("%d bytes: %v", o.MaxBytes, err)
		}
	}
}

// hugeMonth is a plan of 5,000 drafts and 20,000 rows, of which some need a
// person.
func hugeMonth() *view.View {
	p := viewtest.ManyDrafts(5_000)
	p.Reports = viewtest.ManyRows(20_000).Reports
	for i := range p.Drafts {
		switch i % 1000 {
		case 7:
			p.Drafts[i].Action, p.Drafts[i].Reason, p.Drafts[i].Changes = plan.Edited, viewtest.Edited, viewtest.EveryChange()
		case 8:
			p.Drafts[i].Action, p.Drafts[i].Reason = plan.Unknown, viewtest.Unanswered
		case 9:
			p.Drafts[i].Resource.(*spec.LoanDraft).Currency = "UGX"
		}
	}
	return view.New(p, view.Meta{Warnings: someWarnings(), Digest: "3f2a9c"}, false)
}

// TestTheFirstScreenSaysWhatMatters looks at the first 30 lines of a big plan.
func TestTheFirstScreenSaysWhatMatters(t *testing.T) {
	const limit = 60_000
	got := markdownOf(t, hugeMonth(), Options{MaxBytes: limit})
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
				if err := Write(io.Discard, v, Options{MaxBytes: limit}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
