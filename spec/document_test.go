package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// TestSalvage holds that every document below and above a syntax error is
// read, each once, with its line.
func TestSalvage(t *testing.T) {
	text := strings.Join([]string{
		"# a comment", "%YAML 1.1", "---", "a: 1", "---", "---", "# nothing", "---", "b: '---'", "text: |", "  ---", "  ...",
		"...", "---", "c: [", "---", "d: 2", "--- # bad", "e: f: g", "---\t", "h: 3",
	}, "\n")
	r := newReader(t.Context(), "a.yaml")
	var lines []int32
	r.documents([]byte(text), func(n *yaml.Node) { lines = append(lines, r.pos(n).Line) })
	if want := []int32{4, 9, 17, 21}; !slices.Equal(lines, want) {
		t.Errorf("documents at %v, want %v", lines, want)
	}
	var faults []string
	for _, f := range r.faults {
		faults = append(faults, f.Pos.String())
	}
	if want := []string{"a.yaml:15:1", "a.yaml:19:1"}; !slices.Equal(faults, want) {
		t.Errorf("faults at %v, want %v", r.faults, want)
	}
}

// TestSalvagePreamble holds that directives stay with their document when a
// file is read document by document.
func TestSalvagePreamble(t *testing.T) {
	r := newReader(t.Context(), "a.yaml")
	r.documents([]byte("# c\n%YAML 1.1\n---\na: [\n...\n\n%YAML 1.1\n---\nb: 1\n"), func(n *yaml.Node) {
		if r.pos(n).Line != 9 {
			t.Errorf("a document at line %d", r.pos(n).Line)
		}
	})
	if len(r.faults) != 1 || r.faults[0].Pos.Line != 4 {
		t.Errorf("faults %v", r.faults)
	}
}

// TestNothingIsDroppedBelowADedent holds that what stands below a document
// with less indentation is a fault, and no silence.
func TestNothingIsDroppedBelowADedent(t *testing.T) {
	for _, text := range []string{
		" kind: Journal\nbody: lost\n",
		"a: 1\n---\n b: 1\nc: lost\n---\nd: 1\n",
		"  - 1\n- lost\n---\nd: 1\n",
	} {
		r := newReader(t.Context(), "a.yaml")
		read := 0
		r.documents([]byte(text), func(*yaml.Node) { read++ })
		line := int32(1 + strings.Count(text[:strings.Index(text, "lost")], "\n"))
		if len(r.faults) != 1 || r.faults[0].Code != codeSyntax.String() || r.faults[0].Pos.Line != line {
			t.Errorf("%q: %v", text, r.faults)
		}
		if want := strings.Count(text, "---"); read < want {
			t.Errorf("%q: %d documents were read, not %d", text, read, want)
		}
	}
}

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

func TestEncodingFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: ñ\xFF":      "a.yaml:2:5: the file isn't UTF-8 text; hint: save it as UTF-8",
		"a: \x00":             "a.yaml:1:4: a control character (U+0000); hint: remove it",
		"\xEF\xBB\xBFa: \x1b": "a.yaml:1:4: a control character (U+001B); hint: remove it",
		"a: \u0085\u0090":     "a.yaml:1:5: a control character (U+0090); hint: remove it",
	} {
		r := newReader(t.Context(), "a.yaml")
		r.documents([]byte(text), func(*yaml.Node) { t.Errorf("%q was read", text) })
		if len(r.faults) != 1 || r.faults[0].Error() != want {
			t.Errorf("%q: %v, want %s", text, r.faults, want)
		}
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
		l := &loader{ctx: t.Context(), budget: newBudget(), set: &Set{Settings: Settings{CSVFormat: ThreeColumn}}, index: newIndex(nil)}
		for _, visit := range []func(r *reader, n *yaml.Node){
			func(r *reader, n *yaml.Node) { l.readDocument(r, n, &documents{}) },
			func(r *reader, n *yaml.Node) { o := r.open(n, nil, "", -1); r.settings(&o, l.index) },
			func(r *reader, n *yaml.Node) { o := r.open(n, nil, "", -1); newIndex(r.catalog(&o)) },
		} {
			r := newReader(t.Context(), "a.yaml")
			r.documents([]byte(text), func(n *yaml.Node) {
				if find(n.Content, "csv") == nil { // no files here
					visit(r, n)
				}
			})
			checkPlaces(t, r.faults, []byte(text))
			if len(r.asked) > 0 {
				t.Errorf("keys left on the stack: %v", r.asked)
			}
		}
	})
}
