package html

import (
	"fmt"
	"html/template"
	"slices"

	"kivaform/plan/message"
	"kivaform/plan/view"
)

// A language is one that the page speaks, with the templates that use it.
type language struct {
	*message.Language
	column    int // of the table of texts
	templates func() *template.Template
}

var languages = newLanguages()

func newLanguages() []*language {
	var list []*language
	for i, l := range message.Languages() {
		list = append(list, withTemplates(&language{Language: l, column: i}))
	}
	return list
}

// Languages lists the codes of the languages that [Write] writes.
func Languages() []string { return message.Codes() }

func languageOf(code string) (*language, error) {
	l, err := message.ForCode(code)
	if err != nil {
		return nil, err
	}
	return languages[slices.Index(message.Codes(), l.Code)], nil
}

// text returns one of the page's own texts.
func (l *language) text(key string) (string, error) {
	t, ok := texts[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	return l.Spaced(t[l.column]), nil
}

// label returns a text, or its replacement where it is empty.
func (l *language) label(key, instead string) string {
	if t, ok := texts[key]; ok {
		return t[l.column]
	}
	return view.Harmless(instead)
}

// say returns a text with %s filled in.
func (l *language) say(key string, values ...any) (string, error) {
	t, err := l.text(key)
	return fmt.Sprintf(t, values...), err
}

// count says how many: its text has two forms, "%s journal|%s journals".
func (l *language) count(key string, n int) (string, error) {
	t, err := l.text(key)
	return l.Count(t, n), err
}

// sum writes an amount with its currency.
func (l *language) sum(s view.Sum) string {
	if s.Currency == "" {
		return l.Amount(s.Amount.Amount)
	}
	return view.Harmless(s.Currency) + message.NoBreak + l.Amount(s.Amount.Amount)
}

func (l *language) date(s string) string  { return view.Harmless(l.Date(s)) }
func (l *language) day(s string) string   { return view.Harmless(l.Day(s)) }
func (l *language) month(s string) string { return view.Harmless(l.Month(s)) }
func (l *language) field(s string) string { return view.Harmless(l.Field(s)) }

// why words a reason.
func (l *language) why(r view.Reason) string { return view.Harmless(l.Reason(r)) }

// problem words a fault.
func (l *language) problem(f view.Fault) string {
	text, _ := f.In(l.Language)
	return view.Harmless(text)
}

// remedy words how to mend a fault.
func (l *language) remedy(f view.Fault) string {
	_, hint := f.In(l.Language)
	return view.Harmless(hint)
}
