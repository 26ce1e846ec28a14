package convert_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/convert"
)

// journal converts one journal that has these texts.
func journal(t *testing.T, dir, subject, body string) string {
	t.Helper()
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	text, err := converted(dir, "loan_id,client_id,key,subject,body\nL-1,1,k,"+quote(subject)+","+quote(body)+"\n", convert.Options{Kind: convert.Journal})
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return text
}

// Characters that show stand in the file as themselves, and the others escaped.
func TestEmoji(t *testing.T) {
	dir := workspace(t, nil)
	for _, tt := range []struct{ in, want string }{
		{"Ziara 🐄", "body: Ziara 🐄\n"},
		{"One 🐄\ntwo", "body: |-\n  One 🐄\n  two\n"},
		{"👩🏾‍🌾 ❤️ 🇰🇪", "body: 👩🏾‍🌾 ❤️ 🇰🇪\n"},
		{"𝒜: b", "body: \"𝒜: b\"\n"},
		{`\U0001F404`, "body: \\U0001F404\n"},
		{`\U0001F404 🐄: "x"`, `body: "\\U0001F404 🐄: \"x\""` + "\n"},
		{"🐄 \uE000 \uF8FF", "body: 🐄 \uE000 \uF8FF\n"},
		{"🏴\U000E0067\U000E007F", `body: "🏴\U000E0067\U000E007F"` + "\n"},
		{"🐄\U000E0100\U000F0000\U0001BCA0", `body: "🐄\U000E0100\U000F0000\U0001BCA0"` + "\n"},
	} {
		if got := journal(t, dir, "S", tt.in); !strings.Contains(got, tt.want) {
			t.Errorf("%q became\n%s", tt.in, got)
		}
	}
	text, err := converted(dir, "loan_id,client_id,amount,first_name\nL-1,1,5,Ziara 🐄\n", convert.Options{Kind: convert.LoanDraft})
	if err != nil || !strings.Contains(text, "first_name: Ziara 🐄, amount: 5}") {
		t.Errorf("in braces: %v\n%s", err, text)
	}
}

// More characters than there are private ones to stand in for them: what is over
// stays escaped, and the same ones each time.
func TestMoreEmojiThanStandIns(t *testing.T) {
	var b strings.Builder
	for c := rune(0x20000); c < 0x20000+6500; c++ {
		b.WriteRune(c)
	}
	dir := workspace(t, nil)
	text := journal(t, dir, "S", b.String())
	if got := loadFiles(t, text).Journals[0].Body; got != b.String() {
		t.Error("the text is another one")
	}
	if n := strings.Count(text, `\U`); n != 100 || text != journal(t, dir, "S", b.String()) {
		t.Errorf("%d are escaped", n)
	}
}

// Whatever a text holds, it reads the same, and only what doesn't show is escaped.
func TestAnyText(t *testing.T) {
	parts := []string{"🐄", "👩🏾‍🌾", "𝒜", "\uE000", "\uE001", "\uF8FF", `\U0001F404`, `\\U0001F404`, `\`, `"`, "'", ": ", " #", "\n", "\n\n", " ", "a", "é", "-", "{", "]", ",", "|",
		"\U000E0067", "\U000E0100", "\U000F0000", "\u202E", "\u200D", "\u2028", "\uFEFF", "\t", "007", "~", "\U0010FFFF"}
	dir := workspace(t, nil)
	random := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		// Many journals in one file: each has its own characters that stand in.
		var rows strings.Builder
		var want []string
		for i := range 20 {
			var b strings.Builder
			for range 1 + random.IntN(8) {
				b.WriteString(parts[random.IntN(len(parts))])
			}
			text := "a" + b.String() + "z"
			want = append(want, text)
			fmt.Fprintf(&rows, "L-%d,1,k,S,\"%s\"\n", i, strings.ReplaceAll(text, `"`, `""`))
		}
		text, err := converted(dir, "loan_id,client_id,key,subject,body\n"+rows.String(), convert.Options{Kind: convert.Journal})
		if err != nil {
			t.Fatal(err)
		}
		for i, j := range loadFiles(t, text).Journals {
			if j.Body != want[i] {
				t.Fatalf("%q became %q\n%s", want[i], j.Body, text)
			}
		}
		for _, c := range rows.String() {
			shown := strings.Count(text, string(c))
			if c > 0xFFFF && spec.IsReadable(c) && shown != strings.Count(rows.String(), string(c)) || c > 0xFFFF && !spec.IsReadable(c) && shown > 0 {
				t.Fatalf("%q stands there as itself %d times\n%s", c, shown, text)
			}
		}
	}
}
