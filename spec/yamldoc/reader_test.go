package yamldoc

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/hint"
	"kivaform/spec/code"
)

// TestSalvage holds that every document below and above a syntax error is
// read, each once, with its line.
func TestSalvage(t *testing.T) {
	text := strings.Join([]string{
		"# a comment", "%YAML 1.1", "---", "a: 1", "---", "---", "# nothing", "---", "b: '---'", "text: |", "  ---", "  ...",
		"...", "---", "c: [", "---", "d: 2", "--- # bad", "e: f: g", "---\t", "h: 3",
	}, "\n")
	r := NewReader(t.Context(), "a.yaml")
	var lines []int32
	r.Documents([]byte(text), func(n *yaml.Node) { lines = append(lines, r.Pos(n).Line) })
	if want := []int32{4, 9, 17, 21}; !slices.Equal(lines, want) {
		t.Errorf("documents at %v, want %v", lines, want)
	}
	var faults []string
	for _, f := range r.Faults {
		faults = append(faults, f.Pos.String())
	}
	if want := []string{"a.yaml:15:1", "a.yaml:19:1"}; !slices.Equal(faults, want) {
		t.Errorf("faults at %v, want %v", r.Faults, want)
	}
}

// TestSalvagePreamble holds that directives stay with their document when a
// file is read document by document.
func TestSalvagePreamble(t *testing.T) {
	r := NewReader(t.Context(), "a.yaml")
	r.Documents([]byte("# c\n%YAML 1.1\n---\na: [\n...\n\n%YAML 1.1\n---\nb: 1\n"), func(n *yaml.Node) {
		if r.Pos(n).Line != 9 {
			t.Errorf("a document at line %d", r.Pos(n).Line)
		}
	})
	if len(r.Faults) != 1 || r.Faults[0].Pos.Line != 4 {
		t.Errorf("faults %v", r.Faults)
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
		r := NewReader(t.Context(), "a.yaml")
		read := 0
		r.Documents([]byte(text), func(*yaml.Node) { read++ })
		line := int32(1 + strings.Count(text[:strings.Index(text, "lost")], "\n"))
		if len(r.Faults) != 1 || r.Faults[0].Code != code.Syntax.String() || r.Faults[0].Pos.Line != line {
			t.Errorf("%q: %v", text, r.Faults)
		}
		if want := strings.Count(text, "---"); read < want {
			t.Errorf("%q: %d documents were read, not %d", text, read, want)
		}
	}
}

func TestEncodingFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: ñ\xFF":      "a.yaml:2:5: the file isn't UTF-8 text; hint: save it as UTF-8",
		"a: \x00":             "a.yaml:1:4: a control character (U+0000); hint: remove it",
		"\xEF\xBB\xBFa: \x1b": "a.yaml:1:4: a control character (U+001B); hint: remove it",
		"a: \u0085\u0090":     "a.yaml:1:5: a control character (U+0090); hint: remove it",
	} {
		r := NewReader(t.Context(), "a.yaml")
		r.Documents([]byte(text), func(*yaml.Node) { t.Errorf("%q was read", text) })
		if len(r.Faults) != 1 || hint.Text(r.Faults[0]) != want {
			t.Errorf("%q: %v, want %s", text, r.Faults, want)
		}
	}
}
