package format_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-multierror"

	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/format"
	"kivaform/spec/schema"
)

func TestCanonicalForm(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"kind first, then the documentation's order, then what isn't known",
			"zebra: 1\nschedule: []\nloanuse: to eat\nant: 2\ncurrency: KES\nkind: LoanDraft\nentreps: []\n",
			"kind: LoanDraft\nentreps: []\ncurrency: KES\nloanuse: to eat\nschedule: []\nzebra: 1\nant: 2\n"},
		{"names that the partner chooses keep their order",
			"environments:\n  b: {api_url: u, token_url: t}\n  a: {}\nversion: 1\n",
			"version: 1\nenvironments:\n  b: {token_url: t, api_url: u}\n  a: {}\n"},
		{"borrowers in braces",
			"kind: LoanDraft\nentreps:\n- amount: 5\n  loan_id: L-1\n-   loan_id: L-2\n",
			"kind: LoanDraft\nentreps:\n  - {loan_id: L-1, amount: 5}\n  - {loan_id: L-2}\n"},
		{"a list in brackets of borrowers in braces",
			`{"kind":"LoanDraft","entreps":[{"amount":5,"loan_id":"L-1"},{"loan_id":"L-2"}],"not_pictured":[true,false]}`,
			"\"kind\": \"LoanDraft\"\n\"entreps\":\n  - {\"loan_id\": \"L-1\", \"amount\": 5}\n  - {\"loan_id\": \"L-2\"}\n\"not_pictured\": [true, false]\n"},
		{"what doesn't fit a line isn't in braces",
			"kind: LoanDraft\nentreps:\n  - {loan_id: L-1, first_name: " + strings.Repeat("long", 30) + "}\n",
			"kind: LoanDraft\nentreps:\n  - loan_id: L-1\n    first_name: " + strings.Repeat("long", 30) + "\n"},
		{"what reads otherwise in braces isn't in them",
			"kind: LoanDraft\nentreps:\n  - loan_id: a,b\n",
			"kind: LoanDraft\nentreps:\n  - loan_id: a,b\n"},
		{"other braces stay where they fit",
			"kind: RepaymentReport\nexpect: { total: \"5\",\n  rows: 1 }\ncsv: a.csv\n",
			"kind: RepaymentReport\ncsv: a.csv\nexpect: {rows: 1, total: \"5\"}\n"},
		{"quotes", "kind: Journal\nkey: '00884'\nsubject: 'it''s'\nbody: 'a \"b\" \\'\n", "kind: Journal\nkey: \"00884\"\nsubject: \"it's\"\nbody: 'a \"b\" \\'\n"},
		{"emoji as themselves", "kind: Journal\nbody: \"a \\U0001F404\\U0001f404\\n\\u00e9\"\n", "kind: Journal\nbody: \"a 🐄🐄\\n\\u00e9\"\n"},
		{"emoji in braces and over lines", "kind: LoanDraft\nentreps: [{first_name: \"\\U0001F404\"}]\nloanuse: \"a\n \\U0001F404\\\n \\U0001F404\"\n",
			"kind: LoanDraft\nentreps:\n  - {first_name: \"🐄\"}\nloanuse: \"a\n  🐄\\\n  🐄\"\n"},
		{"what shows nothing stays escaped", `{"kind":"Journal","body":"\U000E0067\U000E0100\U000F0000\U0000202E\U0000005C"}`,
			"\"kind\": \"Journal\"\n\"body\": \"\\U000E0067\\U000E0100\\U000F0000\\U0000202E\\U0000005C\"\n"},
		{"backslashes that escape nothing", "kind: Journal\nkey: '\\U0001F404'\nsubject: \\U0001F404\nbody: \"\\\\U0001F404\\\\\\U0001F404\"\nx: |\n  \\U0001F404\n",
			"kind: Journal\nkey: '\\U0001F404'\nsubject: \\U0001F404\nbody: \"\\\\U0001F404\\\\🐄\"\nx: |\n  \\U0001F404\n"},
		{"values as they are spelled", "kind: Journal\nkey: yes\nsubject: 0x1F\nbody: 1_000\nx: ~\ny:\nz: 2026-11-01\n", "kind: Journal\nkey: yes\nsubject: 0x1F\nbody: 1_000\nx: ~\ny:\nz: 2026-11-01\n"},
		{"prose keeps its lines", "kind: Journal\nbody:   >\n     a\n       b\n\n     c\n\n\nkey: a\n", "kind: Journal\n\nkey: a\nbody: >\n  a\n    b\n\n  c\n"},
		{"lines of quoted and plain texts", "kind: Journal\nkey: a\n      b\nbody: \"a\n     b\\\n     c\n\n     d\"\n", "kind: Journal\nkey: a\n  b\nbody: \"a\n  b\\\n  c\n\n  d\"\n"},
		{"a text that begins with a space", "kind: Journal\nbody: |4\n      a\n    b\n", "kind: Journal\nbody: |2\n    a\n  b\n"},
		{"blank lines that count", "kind: Journal\nbody: |+\n  a\n\n\nkey: a\n", "kind: Journal\nkey: a\nbody: |+\n  a\n\n\n"},
		{"a text at the end of a file without a line break", "kind: Journal\nkey: |\n  a", "kind: Journal\nkey: |-\n  a\n"},
		{"spaces at the end of a file", "kind: Journal\nbody: |+\n  a\n  ", "kind: Journal\nbody: |+\n  a\n"},
		{"blank lines", "\n\nkind: Journal\n\n\n\nkey: a\n\nbody: b\n\n\n", "kind: Journal\n\nkey: a\n\nbody: b\n"},
		{"line ends", "\ufeffkind: Journal\r\nkey: a\r\n---\r\nkind: Journal\r\n", "kind: Journal\nkey: a\n---\nkind: Journal\n"},
		{"separators", "---\nkind: Journal\n...\n---\n---   # three\nkind: Journal\n", "---\nkind: Journal\n---\n---   # three\nkind: Journal\n"},
		{"a document behind the end of another", "kind: Journal\n...\nkind: Journal\n", "kind: Journal\n---\nkind: Journal\n"},
		{"anchors keep the order", "key: &a b\nkind: Journal\nbody: *a\n", "key: &a b\nkind: Journal\nbody: *a\n"},
		{"tags", "key: !!str   7\nkind: Journal\n", "kind: Journal\nkey: !!str 7\n"},
		{"a tag of a key", "kind: Journal\nx:\n- !!str a: 1\n", "kind: Journal\nx:\n  - {!!str a: 1}\n"},
		{"texts of nothing", "kind: Journal\nbody: |\n      \nkey: >+\n\nsubject: >-\nx: 1\n", "kind: Journal\n\nkey: >+\n\nsubject: >-\nbody: |\nx: 1\n"},
		{"lists in lists", "kind: Journal\nx:\n    -\n      - a\n      -   - b\n          - [c,d]\n", "kind: Journal\nx:\n  - - a\n    - - b\n      - [c, d]\n"},
		{"nothing", "\n\n", ""},
		{"a comment alone", "\n  # alone   \n", "# alone\n"},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

func check(t *testing.T, in, want string) {
	t.Helper()
	got := source(t, in)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again := source(t, got); again != got {
		t.Errorf("again\n%s", again)
	}
}

func TestComments(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"the one at the top is about the document", "# top\nkey: a\nkind: Journal\n", "# top\nkind: Journal\nkey: a\n"},
		{"of two the second is about the key", "# top\n\n# key\nkey: a\nkind: Journal\n", "# top\n\nkind: Journal\n# key\nkey: a\n"},
		{"beside and above go with their key", "# top\n\nbody: b # beside\n\n# above\nkey: a\nkind: Journal\n", "# top\n\nkind: Journal\n\n# above\nkey: a\nbody: b # beside\n"},
		{"distance", "kind: Journal   # far\nkey: a\t# tab\n", "kind: Journal   # far\nkey: a # tab\n"},
		{"one that goes on below", "body: b   # one\n          # two\nkind: Journal\n", "kind: Journal\nbody: b   # one\n          # two\n"},
		{"one that doesn't go on below", "body: b   # one\n\n          # two\nkey: a\nkind: Journal\n", "kind: Journal\n\n# two\nkey: a\nbody: b   # one\n"},
		{"above what becomes the first key, below a blank line", "kind: LoanDraft\nschedule:\n- {date: d}\n\n- principal: 5\n  # above\n  date: e\n",
			"kind: LoanDraft\nschedule:\n  - {date: d}\n\n  # above\n  - {date: e, principal: 5}\n"},
		{"at the foot of a list", "kind: LoanDraft\nentreps:\n- {amount: 5}\n  # list\n# document\n", "kind: LoanDraft\nentreps:\n  - {amount: 5}\n  # list\n# document\n"},
		{"in a borrower", "kind: LoanDraft\nentreps:\n- amount: 5 # five\n  loan_id: L-1\n", "kind: LoanDraft\nentreps:\n  - loan_id: L-1\n    amount: 5 # five\n"},
		{"behind the dash", "kind: LoanDraft\nentreps:\n- # dash\n  # above\n  amount: 5\n", "kind: LoanDraft\nentreps:\n  # above\n  - {amount: 5} # dash\n"},
		{"above what becomes the first key", "kind: LoanDraft\nentreps:\n- amount: 5\n  # above\n  loan_id: L-1\n", "kind: LoanDraft\nentreps:\n  # above\n  - {loan_id: L-1, amount: 5}\n"},
		{"in braces", "version: 1\nlimits: { # limits\n  # above\n  drafts: 5, # five\n  journals: 6 # six\n  # foot\n} # end\n",
			"version: 1\n# limits\nlimits: # end\n  # above\n  drafts: 5 # five\n  journals: 6 # six\n  # foot\n"},
		{"in braces that end on its key's line", "# top\n\n# key\nlimits: { # in\n  drafts: 1} # end\nversion: 1\n", "# top\n\nversion: 1\n# key\n# in\nlimits: {drafts: 1} # end\n"},
		{"below a tag of nothing", "kind: Journal\nx: !!str\n# next\ny: 1\n", "kind: Journal\nx: !!str\n# next\ny: 1\n"},
		{"in empty brackets", "kind: LoanDraft\nschedule: [ # none\n]\n", "kind: LoanDraft\nschedule: [] # none\n"},
		{"between a key and its value", "kind: Journal\nbody: # beside\n  b\nkey:\n  # above\n  a\n", "kind: Journal\n# above\nkey: a\nbody: b # beside\n"},
		{"beside a key of several", "version: 1\nlimits: # limits\n    drafts: 5\n", "version: 1\nlimits: # limits\n  drafts: 5\n"},
		{"beside the header of a text", "kind: Journal\nbody: | # header\n   # text\n  # comment\nkey: a\n", "kind: Journal\n# comment\nkey: a\nbody: | # header\n  # text\n"},
		{"around separators", "# one\n---  # two\n# three\nkind: Journal\n# four\n...\n# five\n---\n# six\n", "# one\n---  # two\n# three\nkind: Journal\n# four\n# five\n---\n# six\n"},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

func TestWhatStaysAsItIs(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		isFault        bool
	}{
		{"not YAML", "kind: Journal\nkey: \"a\n", "a.yaml:2:1: not YAML", true},
		{"not UTF-8", "kind: \xff\n", "a.yaml:1:7: the file isn't UTF-8 text", true},
		{"a key twice", "kind: Journal\n---\nkind: Journal\nx:\n  - {a: 1, a: 2}\n", "a.yaml:5:12: x[0].a: stands twice, first at line 5", true},
		{"an alias of nothing", "kind: Journal\nkey: *a\n", "a.yaml:", true},
		{"no mapping to merge", "kind: Journal\nx: &x 1\ny: {<<: *x}\n", "a.yaml:3:4: y: << needs a mapping", true},
		{"a list", "- kind: Journal\n", "a.yaml:1:1: keys with values are expected here, not a list", true},
		{"no kind", "services:\n  web: {}\n", "a.yaml:1:1: kind: is missing", true},
		{"an unknown kind", "kind: LoanDarft\n", `a.yaml:1:7: kind: unknown kind "LoanDarft"; hint: did you mean LoanDraft?`, true},
		{"a key after a question mark", "kind: Journal\n? key\n: a\n", "a.yaml:2:1: a key after a question mark", false},
		{"a key that is a list", "kind: Journal\nx: {[a]: b}\n", "a.yaml:2:8: a key that isn't a single word", false},
		{"a directive", "%YAML 1.1\n---\nkind: Journal\n", "a.yaml:1:1: a line for YAML programs", false},
		{"a document that says nothing", "---\n~\n---\nkind: Journal\n", "a.yaml:2:1: a document that says nothing", false},
		{"a line beside the document", " kind: Journal\nkey: a\n", "a.yaml:2:1: not YAML: did not find expected <document start>", true},
		{"a line separator", "kind: Journal\nbody: \"a\u2028b\"\n", "a.yaml:2:9: a line break that most programs don't know", false},
		{"a tag of a document", "--- !!map\nkind: Journal\n", "a.yaml:", false},
		{"a colon at the end", "kind: Journal\nx: {a: b:, c: d}\n", "a.yaml:2:10: a text that reads otherwise outside of braces", false},
		{"a dash alone in braces", "kind: Journal\nx: {a: -}\n", "a.yaml:2:9: a text that reads otherwise outside of braces", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := format.Source("a.yaml", []byte(tt.in))
			if err == nil {
				t.Fatalf("became\n%s", out)
			}
			var faults *multierror.Error
			isFault := errors.As(err, &faults)
			if isFault {
				err = faults.Errors[0]
			}
			if isFault != tt.isFault || !strings.HasPrefix(hint.Text(err), tt.want) {
				t.Errorf("fault: %v, %v", isFault, err)
			}
		})
	}
}

// The order knows every field that the documentation describes: a file that has
// them all, backwards, comes out with none of them last.
func TestOrderKnowsEveryField(t *testing.T) {
	known := map[string]string{
		"kiva.yaml": "version: 1", "catalog.yaml": "as_of: x",
		"loan_draft": "kind: LoanDraft", "journal": "kind: Journal", "repayment_report": "kind: RepaymentReport",
	}
	for _, d := range schema.All() {
		path := strings.Split(d.Path, ".")
		for i, name := range path {
			if name == strings.ToUpper(name) {
				path[i] = "KES" // the partner's own choice
			}
		}
		last := path[len(path)-1]
		if d.Path == "" || d.Refused || last == "KES" || len(path) == 1 && strings.Contains(known[d.In], last+":") || strings.HasPrefix(d.Path, "environments."+spec.Sandbox) {
			continue
		}
		in := "zzz: 1\n" + last + ": 2\n"
		for i := len(path) - 2; i >= 0; i-- {
			in = path[i] + ":\n  " + strings.ReplaceAll(strings.TrimSuffix(in, "\n"), "\n", "\n  ") + "\n"
		}
		out := source(t, known[d.In]+"\n"+in)
		if strings.Index(out, "zzz: 1") > strings.Index(out, last+": 2") {
			continue
		}
		t.Errorf("%s: the order doesn't know %s\n%s", d.In, d.Path, out)
	}
}

// TestLongLine formats a line of many values, which took minutes while each value
// was looked for to the end of the line.
func TestLongLine(t *testing.T) {
	text := []byte("kind: Journal\nx: [" + strings.Repeat("a,", 400_000) + "a]\n")
	done := make(chan error, 1)
	go func() {
		_, err := format.Source("a.yaml", text)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it hasn't ended after a minute")
	}
}

// TestTooManyValues leaves a file as it is that is too large to hold.
func TestTooManyValues(t *testing.T) {
	_, err := format.Source("a.yaml", []byte(strings.Repeat("---\nkind: Journal\n", 400_000)))
	if err == nil || !strings.Contains(err.Error(), "more than two million values") {
		t.Errorf("%.300v", err)
	}
}
