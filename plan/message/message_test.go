package message

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/load"
)

// Each language words each reason, with the arguments that English has.
func TestEveryReasonInEveryLanguage(t *testing.T) {
	for _, l := range Languages() {
		if len(l.reasons) != len(plan.ReasonCodes) {
			t.Errorf("%s words %d of %d reasons", l.Code, len(l.reasons), len(plan.ReasonCodes))
		}
		for _, code := range plan.ReasonCodes {
			got, want := shapeOf(l.reasons[code]), shapeOf(english.reasons[code])
			if l.reasons[code] == "" || !slices.Equal(got, want) {
				t.Errorf("%s: %s has %q, not %q", l.Code, code, got, want)
			}
		}
		for _, o := range plan.Outcomes {
			if l.outcomes[o] == "" {
				t.Errorf("%s has no word for %s", l.Code, o)
			}
		}
		if !maps.EqualFunc(l.fields, english.fields, func(string, string) bool { return true }) {
			t.Errorf("%s names other fields", l.Code)
		}
	}
}

// shapeOf lists what a sentence fills in and leaves out, in alphabetical order.
func shapeOf(sentence string) []string {
	list := regexp.MustCompile(`\{\w+\}|[][|]`).FindAllString(sentence, -1)
	slices.Sort(list)
	return list
}

// The languages other than English word the same faults.
func TestFaultsInEveryLanguage(t *testing.T) {
	for key, want := range spanish.faults {
		got := french.faults[key]
		if (got.hint == "") != (want.hint == "") || !slices.Equal(shapeOf(got.message+got.hint), shapeOf(want.message+want.hint)) {
			t.Errorf("%s: %v in Spanish, %v in French", key, want, got)
		}
	}
	if len(french.faults) != len(spanish.faults) {
		t.Errorf("%d in Spanish, %d in French", len(spanish.faults), len(french.faults))
	}
}

// What sentences fill in is found by the rules. The workspaces of package spec
// break them all.
func TestFaultsHaveTheirArguments(t *testing.T) {
	found := map[string]bool{"KF100 owed": true, "KF100 repaid": true} // of package plan
	workspaces, err := filepath.Glob("../../spec/load/testdata/*.txtar")
	if err != nil || len(workspaces) == 0 {
		t.Fatal(workspaces, err)
	}
	for _, file := range workspaces {
		for _, f := range faultsOf(t, file) {
			for _, key := range []string{f.Code + " " + f.Case, f.Code, f.Case} {
				text, ok := spanish.faults[key]
				if !ok {
					continue
				}
				found[key] = true
				for _, name := range argumentsOf(text.message + text.hint) {
					if f.Args[name] == "" {
						t.Errorf("%s: %s: no %s", filepath.Base(file), f, name)
					}
				}
				break
			}
		}
	}
	for key := range spanish.faults {
		if !found[key] {
			t.Errorf("no workspace has the fault %s", key)
		}
	}
}

func faultsOf(t *testing.T, archive string) []*spec.Fault {
	t.Helper()
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, part := range strings.Split("\n"+string(data), "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, " --\n")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load.Workspace(t.Context(), dir, load.Options{Now: func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return set.Faults
}

func TestReason(t *testing.T) {
	reason := plan.NewReason
	for _, tt := range []struct {
		reason     plan.Reason
		en, es, fr string
	}{
		{
			reason(plan.ReasonUnanswered, "at", "2026-11-19T08:12:00Z", "run", "7f3a", "status", "fundRaising"),
			"sent on 2026-11-19 08:12 UTC by run 7f3a, and no answer is known: look for it in PA2, then say what you found: kivaform resolve --list; Kiva now lists a loan with this id (fundRaising): it arrived",
			"enviado el 19_nov_2026, 08:12_UTC por la ejecución 7f3a, sin respuesta conocida: búsquelo en PA2 y diga qué encontró: kivaform resolve --list; Kiva ya lista un préstamo con este identificador (fundRaising): llegó",
			"envoyé le 19_nov._2026, 08:12_UTC par l’exécution 7f3a, sans réponse connue_: cherchez-le dans PA2, puis dites ce que vous avez trouvé_: kivaform resolve --list_; Kiva affiche maintenant un prêt avec cet identifiant (fundRaising)_: il est arrivé",
		},
		{
			reason(plan.ReasonAttempted, "at", "2026-11-18T09:30:00Z", "outcome", "absent"),
			"attempted on 2026-11-18 09:30 UTC, not at Kiva, as a person found",
			"intentado el 18_nov_2026, 09:30_UTC, no está en Kiva, según comprobó una persona",
			"tenté le 18_nov._2026, 09:30_UTC, pas chez Kiva, comme une personne l’a constaté",
		},
		{ // Kiva's own message stays, whatever is in it
			reason(plan.ReasonAttempted, "at", "2026-11-18T09:30:00Z", "outcome", "rejected", "message", "{run} [subject]: too|long ; 5"),
			"attempted on 2026-11-18 09:30 UTC, rejected: {run} [subject]: too|long ; 5",
			"intentado el 18_nov_2026, 09:30_UTC, rechazado: {run} [subject]: too|long ; 5",
			"tenté le 18_nov._2026, 09:30_UTC, refusé_: {run} [subject]: too|long ; 5",
		},
		{
			reason(plan.ReasonEditedRow, "at", "2026-11-02T10:00:00Z"),
			`changed since it was sent on 2026-11-02 10:00 UTC; a new upload would not correct it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`,
			`ha cambiado desde que se envió el 2_nov_2026, 10:00_UTC; una carga nueva no lo corregiría: corríjalo en PA2 y luego confírmelo: kivaform ack ADDRESS --reason "..."`,
			`modifié depuis son envoi le 2_nov._2026, 10:00_UTC_; un nouvel envoi ne le corrigerait pas_: corrigez-le dans PA2, puis confirmez-le_: kivaform ack ADDRESS --reason "..."`,
		},
		{
			reason(plan.ReasonAbovePrice, "amount", "52500.5", "currency", "KES", "price", "50000"),
			"52,500.50 is above the loan's KES 50,000", "52.500,50 supera el importe del préstamo, KES 50.000", "52\u202F500,50 dépasse le montant du prêt, KES 50\u202F000",
		},
		{reason(plan.ReasonListed), "Kiva lists it already, as - (-)", "Kiva ya lo lista, como - (-)", "Kiva l’affiche déjà, sous - (-)"},
		{
			reason(plan.ReasonLoanStatus, "status", "fundRaising", "takes", "payingBack, ended"),
			"its loan is fundRaising; journals go to loans that are payingBack or ended",
			"su préstamo está en el estado fundRaising; las actualizaciones van a préstamos en payingBack o ended",
			"son prêt est à l’état fundRaising_; les nouvelles vont aux prêts à l’état payingBack ou ended",
		},
		{
			reason(plan.ReasonFilesChanged, "items", "1200"),
			"The files of 1,200 items have changed since the plan was saved; of these only what it holds is shown.",
			"Los archivos de 1.200 elementos han cambiado desde que se guardó el plan; de ellos solo se muestra lo que el plan contiene.",
			"Les fichiers de 1\u202F200 éléments ont changé depuis l’enregistrement du plan_; seul ce que le plan en contient est affiché.",
		},
		{
			reason(plan.ReasonLedgerEmpty, "loans", "1"),
			"The ledger is empty, and Kiva lists 1 loan of this partner. Find the ledger that was used first; apply refuses until it is back, or the loan is recorded (kivaform adopt).",
			"El registro está vacío y Kiva lista 1 préstamo de este socio. Busque primero el registro que se usó; apply se niega hasta que esté de vuelta o el préstamo quede registrado (kivaform adopt).",
			"Le registre est vide, et Kiva affiche 1 prêt de ce partenaire. Cherchez d’abord le registre qui a servi_; apply refuse tant qu’il n’est pas de retour ou que le prêt n’est pas enregistré (kivaform adopt).",
		},
		{
			reason(plan.ReasonPeriodNotBegun, "period", "2026-12", "today", "2026-11-20"),
			"the period 2026-12 has not begun (today is 2026-11-20)", "el período 2026-12 no ha comenzado (hoy es 20_nov_2026)", "la période 2026-12 n’a pas commencé (nous sommes le 20_nov._2026)",
		},
		{plan.Stated("a sentence of Kiva's"), "a sentence of Kiva's", "a sentence of Kiva's", "a sentence of Kiva's"},
		{plan.Stated("the loan is {}"), "the loan is {}", "the loan is {}", "the loan is {}"},
		{plan.Reason{}, "", "", ""},
	} {
		for i, want := range []string{tt.en, strings.ReplaceAll(tt.es, "_", NoBreak), strings.ReplaceAll(tt.fr, "_", NoBreak)} {
			if got := Languages()[i].Reason(tt.reason); got != want {
				t.Errorf("%s: %q, want %q", Languages()[i].Code, got, want)
			}
		}
	}
}

func TestFault(t *testing.T) {
	lacking := &spec.Fault{Code: "KF051", Args: spec.NewArgs("fields", "loanuse, entreps[1].first_name"), Message: "PA2 needs more to publish: loanuse, entreps[1].first_name"}
	for _, tt := range []struct {
		fault                  spec.Fault
		language, text, remedy string
	}{
		{*lacking, "en", lacking.Message, ""},
		{*lacking, "es", "PA2 necesita más para publicar: Uso del préstamo, Nombre, prestatario 2", ""},
		{*lacking, "fr", "il manque à PA2 pour publier\u00A0: Utilisation du prêt, Prénom, emprunteur 2", ""},
		{spec.Fault{Code: "KF016", Case: "missing", Message: "is missing", Remedy: "write it"}, "es", "falta", "write it"},
		{spec.Fault{Code: "KF999", Message: "is new", Remedy: "mend it"}, "es", "is new", "mend it"},
	} {
		l, err := ForCode(tt.language)
		if err != nil {
			t.Fatal(err)
		}
		if text, remedy := l.Fault(&tt.fault); text != tt.text || remedy != tt.remedy {
			t.Errorf("%s in %s: %q, %q", tt.fault.Code, tt.language, text, remedy)
		}
	}
}
