package render

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/plan"
	"kivaform/plan/message"
)

// goneOnly has a report of which nothing but a row that is gone is to be told.
func goneOnly(ids ...string) *plan.Plan {
	p := unchangedOnly()
	p.Reports[0].Gone = ids
	return p
}

const (
	oneGone = "1 row that was reported is no longer in the file; Kiva keeps it, as the API can't take a row back: L-0803"
	twoGone = "2 rows that were reported are no longer in the file; Kiva keeps them, as the API can't take a row back: L-0803, L-0805"
)

func TestRowsThatAreGone(t *testing.T) {
	for _, tt := range []struct {
		plan *plan.Plan
		want string
	}{{goneOnly("L-0803"), oneGone}, {goneOnly("L-0803", "L-0805"), twoGone}} {
		if got := shown(t, tt.plan, Options{Width: 160}); !strings.Contains(got, "\n  "+tt.want+"\n") {
			t.Errorf("%q isn't in\n%s", tt.want, got)
		}
		page := strings.NewReplacer("<code>", "", "</code>", "").Replace(markdownOf(t, viewOf(tt.plan, false), MarkdownOptions{}))
		if !strings.Contains(page, "\n"+tt.want+"\n") || strings.Contains(page, "| | Rows |") {
			t.Errorf("%q isn't alone in\n%s", tt.want, page)
		}
	}
	for name, got := range map[string]string{
		"text": shown(t, goneOnly(), Options{}), "Markdown": markdownOf(t, viewOf(goneOnly(), false), MarkdownOptions{}),
		"page": pageOf(t, viewOf(goneOnly(), false), HTMLOptions{}),
	} {
		if strings.Contains(got, "no longer") || strings.Contains(got, "2026-11.csv") {
			t.Errorf("%s: nothing is gone, and yet it is told\n%.2000s", name, got)
		}
	}
}

// A few of many are named, all where all is asked for.
func TestManyRowsAreGone(t *testing.T) {
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("M-%02d", i))
	}
	p := goneOnly(ids...)
	inOneLine := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	few, full := inOneLine(shown(t, p, Options{})), inOneLine(shown(t, p, Options{Full: true}))
	if !strings.Contains(few, "row back: M-00, M-01,") || strings.Count(few, "M-") != 12 || !strings.Contains(few, "M-11, and 28 more") {
		t.Errorf("%s", few)
	}
	if strings.Count(full, "M-") != 40 || strings.Contains(full, "more") {
		t.Errorf("%s", full)
	}
	long := markdownOf(t, viewOf(goneOnly(append(ids, strings.Repeat("x", 2000))...), false), MarkdownOptions{MaxBytes: 2200})
	if !strings.Contains(long, "and 29 more") || strings.Contains(long, "| | Rows |") || strings.Contains(long, "one by one") {
		t.Errorf("%s", long)
	}
}

// mainOf returns a page without its style and its script.
func mainOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "<script")
	return page
}

// The page has a section for them, which its contents name, and no empty table.
func TestPageOfRowsThatAreGone(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "1 row that was reported is no longer in the file; Kiva keeps it, as the API can’t take a row back",
		"es": "1 fila informada ya no está en el archivo; Kiva la conserva, pues la API no puede retirarla",
		"fr": "1 ligne rapportée n’est plus dans le fichier ; Kiva la garde, car l’API ne peut pas la reprendre",
	} {
		page := pageOf(t, viewOf(goneOnly("L-08<03"), false), HTMLOptions{Lang: lang})
		summary := "<summary>" + want + "</summary><p class=\"ids\"><bdi>L-08&lt;03</bdi></p>"
		if !strings.Contains(strings.ReplaceAll(page, message.NoBreak, " "), strings.ReplaceAll(summary, message.NoBreak, " ")) {
			t.Errorf("%q isn't in\n%s", summary, mainOf(page))
		}
		if !strings.Contains(page, `<a href="#repayments%2f2026-11">`) || strings.Contains(mainOf(page), "<table") || strings.Contains(mainOf(page), "</table") || strings.Contains(page, `<span class="count">0<`) {
			t.Errorf("%s", mainOf(page))
		}
	}
}
