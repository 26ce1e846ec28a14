package load

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/rule"
	"kivaform/spec/yamldoc"
)

// TestManyDuplicates holds that a key that stands twice is found in a large
// mapping, too.
func TestManyDuplicates(t *testing.T) {
	text := "kind: Journal\n"
	for i := range 300 {
		text += fmt.Sprintf("k%d: 1\n", i)
	}
	s := load(t, "-- kiva.yaml --\nversion: 1\n-- a.yaml --\n"+text+"k7: 2\n")
	if !strings.Contains(describe(s), "KF004 error: a.yaml:302:1: k7: stands twice, first at line 9") {
		t.Error(describe(s))
	}
}

// TestAliases holds that aliases within reason are followed, and that merge
// keys give way to a mapping's own keys and to earlier ones.
func TestAliases(t *testing.T) {
	s := load(t, `
-- kiva.yaml --
version: 1
csv_format: three-column
repayment_amounts: cumulative-principal
-- a.yaml --
kind: RepaymentReport
period: 2026-11
repayments:
  - &one {loan_id: L-1, client_id: C-1, amount: 1}
  - &two {<<: *one, loan_id: L-2, client_id: C-2}
  - {<<: [*two, *one], loan_id: L-3}
`)
	if len(s.Faults) > 0 {
		t.Fatal(describe(s))
	}
	got := s.Reports[0].Rows[2]
	if got.LoanID != "L-3" || got.ClientID != "C-2" || got.Amount.String() != "1" {
		t.Errorf("merged row: %+v", got)
	}
}

// TestHostileSize holds that what is large or nested on purpose is read or
// refused quickly.
func TestHostileSize(t *testing.T) {
	bomb := "a0: &a0 [x]\n"
	for i := 1; i < 60; i++ {
		bomb += fmt.Sprintf("a%d: &a%[1]d [*a%[2]d, *a%[2]d, *a%[2]d]\n", i, i-1)
	}
	keys := make([]string, 50_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%d: 1\n", i)
	}
	for name, text := range map[string]string{
		"bomb":   bomb,
		"merge":  "a: &a {<<: *a}\nkind: Journal\n<<: *a\n",
		"nested": strings.Repeat("[", 5_000),
		"keys":   "kind: Journal\n" + strings.Join(keys, ""),
	} {
		start := time.Now()
		s := load(t, "-- kiva.yaml --\nversion: 1\n-- a.yaml --\n"+text)
		if s.Err(nil) == nil {
			t.Errorf("%s: no fault", name)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s took %s", name, took)
		}
	}
}

func FuzzDocuments(f *testing.F) {
	f.Add(benchDraft(1))
	f.Add("kind: Journal\nkey: a\ninternal_loan_id: 007\nsubject: [x]\n---\nkind: Jornal\n")
	f.Add("kind: RepaymentReport\nperiod: 2026-11\nrepayments: [{loan_id: 1e5, amount: 1.5}]\nexpect: {rows: 1}\n")
	f.Add("version: 1\nenvironments: {a: {token_url: x}}\nlimits: {amount: {KES: 1}}\n")
	f.Add("a: &a [*a]\n<<: *a\n? [b]\n: c\n--- |\n  text\n...\n%YAML 1.2\n")
	f.Add("activities: [{activity_id: 1, activity: x}]\nlocales: [{currency: KES}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := &loader{ctx: t.Context(), budget: newBudget(), set: &spec.Set{Settings: spec.Settings{CSVFormat: spec.ThreeColumn}}, index: newIndex(nil), locales: rule.NewLocales(nil)}
		for _, visit := range []func(r *yamldoc.Reader, n *yaml.Node){
			func(r *yamldoc.Reader, n *yaml.Node) { l.readDocument(r, n, &documents{}) },
			func(r *yamldoc.Reader, n *yaml.Node) { o := r.OpenRoot(n); readSettings(&o, l.index) },
			func(r *yamldoc.Reader, n *yaml.Node) { o := r.OpenRoot(n); newIndex(readCatalog(&o)) },
		} {
			r := yamldoc.NewReader(t.Context(), "a.yaml")
			r.Documents([]byte(text), func(n *yaml.Node) {
				if yamldoc.Find(n.Content, "csv") == nil { // no files here
					visit(r, n)
				}
			})
			checkPlaces(t, r.Faults, []byte(text))
			if !r.AllClosed() {
				t.Error("an object was left open")
			}
		}
	})
}
