package apply

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"kivaform/spec"
)

func TestScrub(t *testing.T) {
	const story = "Mary keeps one cow behind her house.\nShe sells the milk before sunrise."
	texts := []string{"Mary", "Wanjiku", "Ñandutí \"Flor\"", story, "她每天早上把牛奶卖给合作社"}
	photo := "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("photo", 40)))
	for message, want := range map[string]string{
		"no such activity":                             "no such activity",
		"first_name 'MARY' isn't allowed":              "first_name '[personal]' isn't allowed",
		"Maryland is no location":                      "Maryland is no location",
		"too long: Mary keeps one cow behind her hou…": "too long: [personal] hou…",
		"the milk is spilt; one cow":                   "the milk is spilt; one cow",
		"sells the milk":                               "[personal]",
		"house. She sells":                             "[personal]",
		"bad: ñandutí - flor!":                         "bad: [personal]!",
		"牛奶卖贵":                                         "[personal]贵",
		"image " + photo + " is too dark":              "image [personal] is too dark",
		`{"body":"her house.\nShe sells"}`:             "[a message that repeats personal data]",
		"":                                             "",
	} {
		if got := newScrubber(texts).clean(message); got != want {
			t.Errorf("%q: %q, not %q", message, got, want)
		}
	}
}

// Names are known without their accents, with them apart, and with what nobody
// sees between the letters.
func TestScrubKnowsFormsOfNames(t *testing.T) {
	d := &spec.LoanDraft{
		Entreps:   []spec.Entrep{{FirstName: "Mary Jane", LastName: "José de la Peña"}, {FirstName: "Đặng", LastName: "Łukø"}, {FirstName: "कुसुम"}},
		GroupName: "Flor de Mayo", LoanUse: "to buy \u0301 seeds for the next season",
	}
	for message, want := range map[string]string{
		"Mary is too young":                     "[personal] is too young",
		"JANE? no: Mary Jane!":                  "[personal]? no: [personal]!",
		"Maryland, Janet, Flor":                 "Maryland, Janet, Flor",
		"it may be of no use to buy de la":      "it may be of no use to buy de la",
		"the next season":                       "[personal]",
		"JOSÉ":                                  "[personal]",
		"Jose":                                  "[personal]",
		"Jose\u0301 Pen\u0303a.":                "[personal] [personal].",
		"pena; dang; DANG; luko; Dang Nguyen":   "[personal]; [personal]; [personal]; [personal]; [personal] Nguyen",
		"Ｍａｒｙ":                                  "[personal]",
		"M\u200Ba\u00ADr\u2060y\uFE0F is young": "[personal] is young",
		"Mary\u200BJane":                        "[personal]",
		"for\u200Bme":                           "for\u200Bme",
		"कसम":                                   "कसम",
		"कुसुम":                                 "[personal]",
		"to buy seeds":                          "[personal]",
		"\u0301 \u200B":                         "\u0301 \u200B",
	} {
		if got := newScrubber(personal(d)).clean(message); got != want {
			t.Errorf("%+q: %+q, not %q", message, got, want)
		}
	}
}

// However a message spells a personal value, it isn't told.
func TestScrubKnowsEncodings(t *testing.T) {
	const name, text = "Zözö<b>\"", "Unmistakable wörds &\nof\ta \"story\" here"
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for how, spell := range map[string]func(string) string{
		"as it is": func(s string) string { return s }, "JSON": quoted, "HTML": html.EscapeString,
		"query": url.QueryEscape, "path": url.PathEscape, "capitals": strings.ToUpper,
		"JSON in JSON": func(s string) string { return quoted(quoted(s)) },
		"JSON, ASCII":  func(s string) string { return strings.ReplaceAll(quoted(s), "ö", `ö`) },
	} {
		for _, s := range []string{name, text} {
			got := strings.ToLower(newScrubber([]string{name, text}).clean("refused: " + spell(s) + " is not allowed"))
			for _, part := range []string{"zözö", `zözö`, "z%c3%b6", "unmistakable", "story"} {
				if strings.Contains(got, part) {
					t.Errorf("%s: %s", how, got)
				}
			}
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("bad: Mary Wanjiku keeps", "Mary Wanjiku keeps cows")
	f.Add(`bad: \n`, "\x00")
	f.Fuzz(func(t *testing.T, message, text string) {
		s := newScrubber([]string{text})
		got := s.clean(message)
		if again := s.clean(got); len(text) > len(scrubbed) && again != got && !strings.Contains(text, "personal") {
			t.Errorf("%q: %q, then %q", message, got, again)
		}
	})
}

func TestFirstUnspaced(t *testing.T) {
	for _, table := range unspaced {
		for _, r := range table.R16 {
			if r.Lo < firstUnspaced && unicode.IsLetter(rune(r.Lo)) {
				t.Errorf("%U is before it", r.Lo)
			}
		}
	}
}
