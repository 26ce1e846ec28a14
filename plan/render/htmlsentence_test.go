package render

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSentence(t *testing.T) {
	for _, tt := range []struct{ en, es, fr string }{
		{
			"sent on 2026-11-19 08:12 UTC by run 7f3a, and no answer is known: look for it in PA2, then say what you found: kivaform resolve --list; Kiva now lists a loan with this id (fundRaising): it arrived",
			"enviado el 19_nov_2026, 08:12_UTC por la ejecución 7f3a, sin respuesta conocida: búsquelo en PA2 y diga qué encontró: kivaform resolve --list; Kiva ya lista un préstamo con este identificador (fundRaising): llegó",
			"envoyé le 19_nov._2026, 08:12_UTC par l’exécution 7f3a, sans réponse connue_: cherchez-le dans PA2, puis dites ce que vous avez trouvé_: kivaform resolve --list_; Kiva affiche maintenant un prêt avec cet identifiant (fundRaising)_: il est arrivé",
		},
		{
			"attempted on 2026-11-18 09:30 UTC, not at Kiva, as a person found",
			"intentado el 18_nov_2026, 09:30_UTC, no está en Kiva, según comprobó una persona",
			"tenté le 18_nov._2026, 09:30_UTC, pas chez Kiva, comme une personne l’a constaté",
		},
		{ // Kiva's own message stays
			"attempted on 2026-11-18 09:30 UTC, rejected: subject: too long",
			"intentado el 18_nov_2026, 09:30_UTC, rechazado: subject: too long",
			"tenté le 18_nov._2026, 09:30_UTC, refusé_: subject: too long",
		},
		{
			`changed since it was sent on 2026-11-02 10:00 UTC; a new upload would not correct it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`,
			`ha cambiado desde que se envió el 2_nov_2026, 10:00_UTC; una carga nueva no lo corregiría: corríjalo en PA2 y luego confírmelo: kivaform ack ADDRESS --reason "..."`,
			`modifié depuis son envoi le 2_nov._2026, 10:00_UTC_; un nouvel envoi ne le corrigerait pas_: corrigez-le dans PA2, puis confirmez-le_: kivaform ack ADDRESS --reason "..."`,
		},
		{"52,500.50 is above the loan's KES 50,000", "52.500,50 supera el importe del préstamo, KES 50.000", "52\u202F500,50 dépasse le montant du prêt, KES 50\u202F000"},
		{"PA2 needs more to publish: loanuse, entreps[1].first_name", "PA2 necesita más para publicar: Uso del préstamo, Nombre, prestatario 2", "il manque à PA2 pour publier_: Utilisation du prêt, Prénom, emprunteur 2"},
		{
			"The files of 1,200 items have changed since the plan was saved; of these only what it holds is shown.",
			"Los archivos de 1.200 elementos han cambiado desde que se guardó el plan; de ellos solo se muestra lo que el plan contiene.",
			"Les fichiers de 1\u202F200 éléments ont changé depuis l’enregistrement du plan_; seul ce que le plan en contient est affiché.",
		},
		{
			"Kiva doesn't list this loan as payingBack or defaulted, but 001045 is known: a spreadsheet has probably dropped the zeros; format the column as text and export it again",
			"Kiva no lista este préstamo como payingBack ni defaulted, pero 001045 es conocido: una hoja de cálculo probablemente quitó los ceros; dé a la columna el formato de texto y expórtela de nuevo",
			"Kiva n’affiche pas ce prêt comme payingBack ou defaulted, mais 001045 est connu_: un tableur a probablement supprimé les zéros_; mettez la colonne au format texte et exportez-la de nouveau",
		},
		{
			"Kiva doesn't list this loan as payingBack or defaulted: this is a borrower's id in a group; report the group's loan, G-0031, in one row",
			"Kiva no lista este préstamo como payingBack ni defaulted: es el identificador de un prestatario de un grupo; informe el préstamo del grupo, G-0031, en una sola fila",
			"Kiva n’affiche pas ce prêt comme payingBack ou defaulted_: c’est l’identifiant d’un emprunteur d’un groupe_; rapportez le prêt du groupe, G-0031, en une seule ligne",
		},
		{"a sentence of Kiva's", "a sentence of Kiva's", "a sentence of Kiva's"},
		{"the loan is {}", "el préstamo está en el estado {}", "le prêt est à l’état {}"},
		{"", "", ""},
	} {
		for i, want := range []string{tt.en, strings.ReplaceAll(tt.es, "_", noBreak), strings.ReplaceAll(tt.fr, "_", noBreak)} {
			if got := languages[i].sentence(tt.en); got != want {
				t.Errorf("%s: %q, want %q", languages[i].code, got, want)
			}
		}
	}
}

// Each sentence that a plan makes for people is known in all languages.
func TestEverySentenceOfAPlanIsKnown(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"drift.go", "explain.go", "loans.go", "saved.go"}, filepath.Base(file)) {
			continue // what they say isn't on the page
		}
		for _, s := range sentencesIn(t, file) {
			if n++; !isKnown(s) {
				t.Errorf("%s: not translated: %q", file, s)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d sentences", n)
	}
}

// isKnown reports whether there is a translation of a sentence, or of one that
// it is a piece of.
func isKnown(s string) bool {
	if _, ok := texts["past."+s]; ok || languages[1].sentence(s) != s {
		return true
	}
	return slices.ContainsFunc(sentences, func(known sentence) bool {
		return strings.Contains(strings.ReplaceAll(known.en, "{}", "X"), strings.TrimRight(s, "X"))
	})
}

var verbs = regexp.MustCompile(`%[a-z]`)

// sentencesIn returns the texts of a file that look like a sentence, with
// something filled in, but not those of errors.
func sentencesIn(t *testing.T, file string) (list []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Errorf" || s.Sel.Name == "stale") {
				return false
			}
		case *ast.BasicLit:
			s, err := strconv.Unquote(n.Value)
			if err == nil && strings.Count(s, " ") > 2 && !strings.Contains(s, "json:") {
				list = append(list, verbs.ReplaceAllString(s, "X"))
			}
		}
		return true
	})
	return list
}

// FuzzMatch divides a sentence: what is found fits the pattern again.
func FuzzMatch(f *testing.F) {
	f.Add("attempted on {}, {}: {}", "attempted on a, b: c, d: e")
	f.Add("{} is above the loan's {} {}", "1 is above the loan's KES 50")
	f.Add("{}", "")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		values, ok := match(pattern, s)
		if ok && (len(values) != strings.Count(pattern, "{}") || fill(pattern, values) != s) {
			t.Errorf("%q in %q: %q", pattern, s, values)
		}
	})
}
