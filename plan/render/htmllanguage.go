package render

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
)

// A language is one that the page speaks, with its way to write numbers and
// dates, and the templates that use them.
type language struct {
	code      string            // as in lang="…"
	column    int               // of the tables of texts
	digits    *strings.Replacer // from 1,234.50
	months    []string
	short     []string          // months in tables
	of        string            // between day, month and year, where they are written out
	first     string            // the first day of a month, where it isn't 1
	zeroIs1   bool              // nothing is singular
	spaces    *strings.Replacer // where a space may not end a line; nil where that is nowhere
	templates func() *template.Template
}

const noBreak = "\u00A0"

var languages = []*language{
	withTemplates(&language{
		code: "en", column: 0, digits: strings.NewReplacer(",", ",", ".", "."), of: " ",
		months: strings.Fields("January February March April May June July August September October November December"),
		short:  strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
	}),
	withTemplates(&language{
		code: "es", column: 1, digits: strings.NewReplacer(",", ".", ".", ","), of: " de ",
		months: strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
		short:  strings.Fields("ene feb mar abr may jun jul ago sep oct nov dic"),
	}),
	withTemplates(&language{
		code: "fr", column: 2, digits: strings.NewReplacer(",", "\u202F", ".", ","), of: " ", first: "1er", zeroIs1: true,
		spaces: strings.NewReplacer(" :", noBreak+":", " ;", noBreak+";", " ?", noBreak+"?", " »", noBreak+"»", "« ", "«"+noBreak),
		months: strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
		short:  strings.Fields("janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc."),
	}),
}

// Languages lists the codes of the languages that [HTML] writes.
func Languages() []string {
	var codes []string
	for _, l := range languages {
		codes = append(codes, l.code)
	}
	return codes
}

func languageOf(code string) (*language, error) {
	if code == "" {
		return languages[0], nil
	}
	if i := slices.Index(Languages(), code); i >= 0 {
		return languages[i], nil
	}
	return nil, fmt.Errorf("no page in the language %q; hint: it can be %s", code, strings.Join(Languages(), ", "))
}

// text returns one of the page's own texts.
func (l *language) text(key string) (string, error) {
	t, ok := texts[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	return l.spaced(t[l.column]), nil
}

func (l *language) spaced(s string) string {
	if l.spaces == nil {
		return s
	}
	return l.spaces.Replace(s)
}

// say returns a text with %s filled in.
func (l *language) say(key string, values ...any) (string, error) {
	t, err := l.text(key)
	return fmt.Sprintf(t, values...), err
}

// count says how many: its text has two forms, "%s journal|%s journals".
func (l *language) count(key string, n int) (string, error) {
	t, err := l.text(key)
	one, many, _ := strings.Cut(t, "|")
	if n == 1 || n == 0 && l.zeroIs1 {
		many = one
	}
	return strings.ReplaceAll(many, "%s", l.number(n)), err
}

// number writes a whole number.
func (l *language) number(n int) string { return l.amount(money.FromInt(int64(n))) }

// amount writes an amount, grouped as people of the language do.
func (l *language) amount(a money.Amount) string {
	return l.digits.Replace(a.Format())
}

// sum writes an amount with its currency.
func (l *language) sum(s Sum) string {
	if s.Currency == "" {
		return l.amount(s.Amount.Amount)
	}
	return clean(s.Currency) + noBreak + l.amount(s.Amount.Amount)
}

// date writes YYYY-MM-DD in words: 5 January 2027. What is no date stays.
func (l *language) date(s string) string { return l.dated(s, l.months, l.of) }

// day writes YYYY-MM-DD for a table: 5 Jan 2027.
func (l *language) day(s string) string { return l.dated(s, l.short, noBreak) }

func (l *language) dated(s string, months []string, of string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return clean(s)
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && l.first != "" {
		day = l.first
	}
	return day + of + months[t.Month()-1] + of + strconv.Itoa(t.Year())
}

// month writes YYYY-MM in words: November 2026. What is no month stays.
func (l *language) month(s string) string {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return clean(s)
	}
	return l.months[t.Month()-1] + l.of + strconv.Itoa(t.Year())
}

// moment writes a point in time: 19 Nov 2026, 08:12 UTC.
func (l *language) moment(t time.Time) string {
	t = t.UTC()
	return l.day(t.Format(time.DateOnly)) + t.Format(", 15:04"+noBreak+"UTC")
}
