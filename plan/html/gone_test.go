package html

import (
	"strings"
	"testing"

	"kivaform/plan/message"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

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
		page := pageOf(t, view.New(viewtest.GoneOnly("L-08<03"), view.Meta{}, false), Options{Lang: lang})
		summary := "<summary>" + want + "</summary><p class=\"ids\"><bdi>L-08&lt;03</bdi></p>"
		if !strings.Contains(strings.ReplaceAll(page, message.NoBreak, " "), strings.ReplaceAll(summary, message.NoBreak, " ")) {
			t.Errorf("%q isn't in\n%s", summary, mainOf(page))
		}
		if !strings.Contains(page, `<a href="#repayments%2f2026-11">`) || strings.Contains(mainOf(page), "<table") || strings.Contains(mainOf(page), "</table") || strings.Contains(page, `<span class="count">0<`) {
			t.Errorf("%s", mainOf(page))
		}
	}
}

func TestNothingIsGone(t *testing.T) {
	if got := pageOf(t, view.New(viewtest.GoneOnly(), view.Meta{}, false), Options{}); strings.Contains(got, "no longer") || strings.Contains(got, "2026-11.csv") {
		t.Errorf("nothing is gone, and yet it is told\n%.2000s", got)
	}
}
