package spec

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kivaform/kiva/hint"
)

// Whatever a file is called, a fault is one line that does nothing to a
// terminal; its position stays what the file is called.
func TestFaultIsHarmless(t *testing.T) {
	for file, want := range map[string]string{
		"loans/a.yaml":                  "loans/a.yaml",
		"préstamos/قرض ١ 日本.yaml":       "préstamos/قرض ١ 日本.yaml",
		"\x1b[31mred.yaml":              `\x1b[31mred.yaml`,
		"a\n::error::b.yaml":            `a\n::error::b.yaml`,
		"a\rb\tc\u0085d\u2028e\x7f.yml": `a\rb\tc\u0085d\u2028e\x7f.yml`,
		"a\u202elmay.b":                 `a\u202elmay.b`,
		"क्\u200dष \"1\" \\.yaml":       "क्\u200dष \"1\" \\.yaml",
		"\x9b31m.yaml":                  "\uFFFD31m.yaml",
	} {
		f := &Fault{Pos: Pos{File: file, Line: 3, Column: 7}, Path: "entreps[0].\u009bloan_id", Message: "is \x1b]0;missing\a", Remedy: "write\nit"}
		if got, want := hint.Text(f), want+`:3:7: entreps[0].\u009bloan_id: is \x1b]0;missing\a; hint: write\nit`; got != want {
			t.Errorf("%q: %q, not %q", file, got, want)
		}
		if f.Pos.File != file {
			t.Errorf("%q became %q", file, f.Pos.File)
		}
	}
}

// FuzzHarmless holds that what is harmless stays as it is, and that nothing else
// is left.
func FuzzHarmless(f *testing.F) {
	for _, s := range []string{"", "Mary", "मीरा", "👩🏾‍🌾", "a\x1b[2J\u202Ec\u2066d\te\rf\x00", "\xFF"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Harmless(s)
		if Harmless(got) != got || !utf8.ValidString(got) || strings.ContainsFunc(got, isHarmful) {
			t.Errorf("%q becomes %q", s, got)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) && !strings.ContainsFunc(s, isHarmful) && got != s {
			t.Errorf("harmless %q becomes %q", s, got)
		}
	})
}
