package format_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/go-multierror"

	"kivaform/spec/format"
)

// oddities are documents with what formatters are known to stumble over.
var oddities = []string{
	"kind: Journal\nkey: yes\nsubject: no\nbody: 0x1F\ninternal_loan_id: 1e3\n",
	"kind: Journal\nkey: 00884\nsubject: 1_000\nbody: 2026-11-01\ninternal_loan_id: ~\n",
	"kind: Journal\nbody: |\n  a\n\n  b\n\n\nkey: |+\n  a\n\n\nsubject: |-\n  a\n\n",
	"kind: Journal\nbody: >\n  a\n  b\n\n  c\n\n   d\n  e\n\nkey: >-\n\n  a\nsubject: >+\n  a\n\n",
	"kind: Journal\nbody: |2\n    a\n   b\n\n  c\nkey: |3-\n   a\nsubject: >2\n\n   a\n",
	"kind: Journal\nbody: \"a\n  b\\\n  \\ c \\\"#\n\n  d\"\nsubject: 'it''s\n  so'\nkey: a\n  b\n\n  c # c\n",
	"kind: Journal\nsubject: 😀 # 😀\nbody: \"\\U0001F600\" # after\n# é\nkey: é # ü\n",
	"# top\n\n# key\nkey: a # beside\n     # more\nkind: Journal # kind\n# below\n",
	"kind: Journal\nbody: |  # header\n  # no comment\n # comment\nkey: # key\n  # own\n  a # beside\n",
	"kind: LoanDraft\nentreps: # list\n# left\n- # dash\n  # own\n  amount: 5 # five\n  # between\n  loan_id: L-1\n  # inner foot\n# foot\n",
	"kind: LoanDraft\nentreps: [{loan_id: L-1, # one\n amount: 5}, # two\n # own\n {loan_id: 'L,2'} # last\n # foot\n] # end\nschedule: []\n",
	"kind: LoanDraft\nentreps:\n  - loan_id: a,b\n    amount: 5\n  - {loan_id: \"a,b\", x: http://x/y?z}\n  -\n  - ~\n",
	"--- # one\nkind: Journal\n...\n# between\n---\n---\n# alone\n--- {kind: Journal, key: [a: b, c], body: }\n",
	"kind: Journal\r\nkey: |\r\n  a\r\n\r\nbody: a\rsubject: b",
	"\ufeffkind: Journal\nkey: a\n---\n\ufeffkind: Journal\nkey: b\n",
	"kind: LoanDraft\nx: &x {amount: 5} # x\nentreps: [*x, {<<: *x, loan_id: !!str 7}]\ny: &y\n  # y\n  a: 1\n",
	"version: 1\nlimits:\n  amount: {KES: '1'}\n\n\n\n  drafts: 5\nenvironments:\n  b: {ledger: x}\n  a: {}\n",
	"as_of: x\nlocations:\n  - {full_name: \"" + strings.Repeat("long ", 30) + "\", country: K}\n",
	"kind: Journal\nunknown:\n    - - a\n      - - b\n    - {a: {b: []}}\n    -   c:   d\n        e: [1,\n  2]\n",
	"kind: Journal\nkey: a\nbody: |+\n  x\n\n# end\n---\nkind: Journal\nkey: |+\n  y\n\n",
	"kind: Journal\n\"key\": a\n'body': \"b\"\n!!str subject: c\n",
	"{\"kind\":\"Journal\",\"key\":\"a\",\n\"body\":\"b\\nc\"}",
	"kind: Journal\nkey:\n\n\n  # a\n\n  # b\n\n  a\n\n# c\n\n\n# d\nbody: b\n",
	"kind: Journal\nkey: \"\\U0001F404\\\\U0001F404\\U0000000A\\U000E0067\"\nbody: '\\U0001F404'\nsubject: \"a\\\n  \\U0001F404\"\n",
	"kind: Journal\nkey: a:b\nbody: {a: b:c}\nsubject: -1\nx: - y\n",
}

// What comes out says the same as what went in, keeps its comments, and comes out
// the same again.
func FuzzFormat(f *testing.F) {
	for _, files := range workspaces(f) {
		for _, name := range yamlFiles(files) {
			f.Add(files[name])
		}
	}
	for _, text := range oddities {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := format.Source("a.yaml", []byte(text))
		if faults := (*multierror.Error)(nil); err != nil {
			if errors.Is(err, format.ErrChanged) || strings.Contains(err.Error(), "this can't be put in order") && !errors.As(err, &faults) {
				t.Fatal(err)
			}
			return
		}
		again, err := format.Source("a.yaml", out)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%v\n%s\nbecame\n%s\nbecame\n%s", err, text, out, again)
		}
		before := loadFiles(t, map[string]string{"kiva.yaml": "version: 1\n", "a.yaml": text})
		after := loadFiles(t, map[string]string{"kiva.yaml": "version: 1\n", "a.yaml": string(out)})
		if diff := sayTheSame(before, after); diff != "" {
			t.Fatalf("%s\nbecame\n%s\n%s", text, out, diff)
		}
	})
}
