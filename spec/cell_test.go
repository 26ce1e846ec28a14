package spec_test

import (
	"strings"
	"testing"

	"kivaform/spec"
)

func TestGuardCell(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"L-1042":               "L-1042",
		"repayment/2026-11/=1": "repayment/2026-11/=1",
		"O'Brien":              "O'Brien",
		"=HYPERLINK(1)":        "'=HYPERLINK(1)",
		"+1":                   "'+1",
		"-5":                   "'-5",
		"@SUM(A1)":             "'@SUM(A1)",
		"\t=1":                 "'\t'=1",
		"\r=1":                 "'\r'=1",
		"＝1":                   "'＝1",
		"﹣1":                   "'﹣1",
		"  =1":                 "'  =1",
		"\u00a0\u200b\ufeff=1": "'\u00a0\u200b\ufeff=1",
		`"=1"`:                 `'"=1"`,
		"'=1":                  "''=1",
		"''=1":                 "'''=1",
		"“=1":                  "'“=1",
		"paid;=1":              "paid;'=1",
		"paid, \"=1":           "paid,' \"=1",
		"two\nlines\n\n=1":     "two\nlines\n\n'=1",
		"'x":                   "'x",
	} {
		got := spec.GuardCell(text)
		if got != want || spec.UnguardCell(got) != text {
			t.Errorf("%q: %q, want %q; back %q", text, got, want, spec.UnguardCell(got))
		}
	}
}

// However a spreadsheet cuts a guarded text into cells, none begins a formula, and
// the text comes back.
func FuzzGuardCell(f *testing.F) {
	for _, s := range []string{"=1", "'=1", " ;'\"=1,+2|-3\t@4\r\n＝5", "L-1", "\xff=", ",\xff'=1", "''", "\u200b'＝"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		guarded := spec.GuardCell(s)
		if back := spec.UnguardCell(guarded); back != s {
			t.Errorf("%q became %q and %q", s, guarded, back)
		}
		for _, cell := range strings.FieldsFunc(guarded, func(r rune) bool { return strings.ContainsRune(",;|\t\r\n", r) }) {
			if cell = strings.TrimLeft(cell, " \""); cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]) {
				t.Errorf("%q has the cell %q", guarded, cell)
			}
		}
	})
}
