package text

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
	"kivaform/spec/field"
)

// Nothing is sent that a person can't see.
func TestEveryFieldIsShown(t *testing.T) {
	draft, group, journal := viewtest.MilkDraft("L-1042"), viewtest.GroupDraft(), viewtest.Visit("L-0801")
	group.ImageURL, journal.ImageURL = "https://example.org/hens.jpg", "https://example.org/shed.jpg"
	group.Entreps[1].Gender = "unknown"
	for _, r := range []spec.Resource{draft, group, journal} {
		p := viewtest.NewPlan()
		p.Drafts = []plan.Item{{Action: plan.Submit, Resource: r}}
		if _, ok := r.(*spec.Journal); ok {
			p.Drafts, p.Journals = nil, p.Drafts
		}
		got := strings.Join(strings.Fields(textOf(t, p, options{Personal: true})), " ")
		for _, f := range field.Values(r) {
			if want := shownAs(f); !strings.Contains(got, want) {
				t.Errorf("%s: %s isn't shown: %q", r.Address(), f.Path, want)
			}
		}
	}
}

// shownAs returns what of a field must be seen.
func shownAs(f spec.Field) string {
	switch {
	case f.Kind == spec.Money:
		return view.AmountText(f.Value)
	case f.Kind == spec.Photo:
		return f.Show + ", " + f.Value[:8]
	case strings.HasPrefix(f.Path, "not_pictured"):
		return map[string]string{"true": ", not pictured", "false": ", pictured"}[f.Value]
	}
	return strings.Join(strings.Fields(f.Value), " ")
}

func TestPersonalFieldsAreMasked(t *testing.T) {
	const secret = "unmistakable"
	d, j := viewtest.GroupDraft(), viewtest.Visit("L-0801")
	for i := range d.Entreps {
		e := &d.Entreps[i]
		e.FirstName, e.LastName, e.Gender = secret, secret, secret
	}
	d.GroupName, d.Description, d.LoanUse, d.ImageURL = secret, secret+"\n"+secret, secret, secret
	j.Subject, j.Body, j.ImageURL = secret, secret, secret
	p := viewtest.NewPlan()
	p.Drafts = []plan.Item{
		{Action: plan.Submit, Resource: d},
		{Action: plan.Edited, Resource: d, Changes: []plan.Change{
			{Path: "loanuse", Personal: true, New: secret, Is: true},
			{Path: "group_name", Personal: true, New: secret, Was: true, Is: true},
		}},
	}
	p.Journals = []plan.Item{{Action: plan.Submit, Resource: j}}
	masked := textOf(t, p, options{Full: true})
	if strings.Contains(masked, secret) {
		t.Errorf("a personal field is shown:\n%s", masked)
	}
	shown := textOf(t, p, options{Full: true, Personal: true})
	if m, s := strings.Count(masked, view.Mask), strings.Count(shown, secret); m != s-1 { // the story has two lines
		t.Errorf("%d masks stand for %d texts", m, s)
	}
}

// What isn't shown is counted, and the count is right.
func TestWhatIsLeftOutIsCounted(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"every action": viewtest.EveryAction(), "many alike": viewtest.ManyAlike(), "many rows": viewtest.ManyRows(1000)} {
		p.Notes = nil
		c := p.Count()
		for _, full := range []bool{false, true} {
			want := -c[plan.Unchanged]
			for _, n := range c {
				want += n
			}
			shown, left := counted(t, textOf(t, p, options{Full: full}))
			if shown+left != want || full && left > 0 {
				t.Errorf("%s, full %v: %d shown, %d left out, %d in the plan", name, full, shown, left, want)
			}
		}
	}
}

var (
	marked  = regexp.MustCompile(`(?m)^  [?≠≈✗+~=…] `)
	leftOut = regexp.MustCompile(`(?m)^    and (\d+) more.* \(--full shows all\)$`)
)

func counted(t *testing.T, text string) (shown, left int) {
	t.Helper()
	for _, m := range leftOut.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		left += n
	}
	return len(marked.FindAllString(text, -1)), left
}

// All that is sent is shown in any case.
func TestWhatIsSentIsNeverLeftOut(t *testing.T) {
	p := viewtest.ManyDrafts(100)
	if shown, left := counted(t, textOf(t, p, options{})); shown != 100 || left != 0 {
		t.Errorf("%d shown, %d left out", shown, left)
	}
}

func TestReasonsInCommonStandOnce(t *testing.T) {
	p := viewtest.ManyAlike()
	p.Reports = p.Reports[1:] // a report says its own reasons
	got := strings.Join(strings.Fields(textOf(t, p, options{Full: true})), " ")
	for why, want := range map[string]int{viewtest.WhyUnanswered: 2, viewtest.WhyUnpublished: 1, viewtest.WhyEnded: 1} { // items, and rows
		if n := strings.Count(got, why); n != want {
			t.Errorf("%d times, not %d: %s", n, want, why)
		}
	}
}

// FuzzText puts a text into every place where somebody outside can put one: no
// control reaches the terminal, and no line looks like another item's.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", " ", "L-1042", viewtest.Hostile, "a\n  ? loan_draft/L-1", strings.Repeat("word ", 50), strings.Repeat("王", 200), "\u0600\u0600\u0600", "👩🏾‍🌾\u200D"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, s string, width uint8) {
		got := textOf(t, viewtest.PlanWith(s), options{Personal: true, Width: int(width)})
		if !utf8.ValidString(got) {
			t.Error("not UTF-8")
		}
		for _, r := range got {
			if r != '\n' && viewtest.IsHarmful(r) {
				t.Errorf("%U is printed", r)
			}
		}
		if n := len(marked.FindAllString(got, -1)); n != 4 {
			t.Errorf("%d items are marked, not 4:\n%s", n, got)
		}
	})
}

// FuzzFlow wraps a text: nothing is lost, and no line is too long.
func FuzzFlow(f *testing.F) {
	for _, s := range []string{"", "to buy a second dairy cow", strings.Repeat("x", 500), strings.Repeat("她每天早上", 40), "a\n\nb", "👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾👩🏾‍🌾"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := viewtest.MilkDraft("L-1042")
		d.LoanUse = "the use: " + s
		p := &plan.Plan{Environment: "sandbox", Today: viewtest.Date("2026-11-20")}
		p.Drafts = []plan.Item{{Action: plan.Submit, Resource: d}}
		got := textOf(t, p, options{Personal: true, Width: minWidth})
		want := strings.Join(strings.Fields(strings.Join(view.Prose(d.LoanUse), " ")), "")
		if !strings.Contains(strings.Join(strings.Fields(got), ""), "loanuse"+want) {
			t.Errorf("%q is lost in\n%s", want, got)
		}
		for line := range strings.Lines(got) {
			if w := widthOf(strings.TrimSuffix(line, "\n")); w > minWidth && !strings.Contains(s, "\u0600") {
				t.Errorf("%d columns: %q", w, line)
			}
		}
	})
}

func TestAmountsStandBelowEachOther(t *testing.T) {
	p := viewtest.NewPlan()
	var rows []viewtest.ReportRow
	for _, amount := range []string{"1", "1234567", "0.5", "12.125", "99999.99"} {
		rows = append(rows, viewtest.RowOf(plan.Row{Action: plan.Submit, Currency: "KES"}, amount))
	}
	p.Reports = []plan.Report{viewtest.ReportOf("2026-11", rows...)}
	var got []string
	for line := range strings.Lines(textOf(t, p, options{})) {
		if strings.HasPrefix(line, "  + ") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	for i, want := range []string{"        1     ", "1,234,567     ", "        0.50  ", "       12.125 ", "   99,999.99  "} {
		want = fmt.Sprintf("  + L-%04d  %05d  KES %s repayments/2026-11.csv:%d", 801+i, 801+i, want, i+2)
		if i >= len(got) || got[i] != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
