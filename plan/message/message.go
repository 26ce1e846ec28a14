// Package message words the reasons of plans and the faults of files, in English,
// Spanish and French. Each language is a table from codes to sentences; no
// sentence is looked up by another one.
package message

import (
	"fmt"
	"strings"

	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// A Language says things to people: sentences, numbers and dates.
type Language struct {
	Code string // as in lang="…": en, es or fr

	reasons  map[plan.ReasonCode]string
	faults   map[string]faultText // by code, or by code and case: "KF100 owed"
	outcomes map[plan.Outcome]string
	contents map[string]string // what two drafts or journals have in common
	fields   map[string]string // names of fields, by Kiva's own without an index
	nth      map[string]string // "%s, borrower %s": which element of a list a field belongs to
	or       string            // between alternatives

	digits     *strings.Replacer // from 1,234.50
	months     []string
	short      []string          // months in tables
	of         string            // between day, month and year, where they are written out
	firstDay   string            // the first day of a month, where it isn't 1
	zeroIsOne  bool              // nothing is singular
	spaces     *strings.Replacer // where a space may not end a line; nil where that is nowhere
	isoInTexts bool              // sentences have moments, days and amounts as programs write them
}

// A faultText words the faults of one code. An empty text stays as package spec
// says it in English.
type faultText struct{ message, hint string }

// NoBreak is a space at which no line ends.
const NoBreak = "\u00A0"

// Languages are all languages, English first.
func Languages() []*Language { return []*Language{english, spanish, french} }

// English is the language of logs, JSON and everything that isn't translated.
func English() *Language { return english }

// Codes lists the codes of the languages.
func Codes() []string {
	var codes []string
	for _, l := range Languages() {
		codes = append(codes, l.Code)
	}
	return codes
}

// ForCode returns a language by its code; English for an empty one.
func ForCode(code string) (*Language, error) {
	for _, l := range Languages() {
		if l.Code == code || code == "" {
			return l, nil
		}
	}
	return nil, hint.With(fmt.Errorf("no language %q", code), "it can be %s", strings.Join(Codes(), ", "))
}

// Reason words a reason; "" for none. What Kiva or a person wrote stands in it
// as it is: a renderer makes it harmless.
func (l *Language) Reason(r plan.Reason) string {
	if r.IsZero() {
		return ""
	}
	return l.fill(l.reasons[r.Code], r.Args)
}

// Fault words a fault: the problem and its remedy. A fault without a sentence in
// this language stays English.
func (l *Language) Fault(f *spec.Fault) (message, hint string) {
	text, ok := l.faults[f.Code+" "+f.Case]
	if !ok {
		text, ok = l.faults[f.Code]
	}
	if !ok {
		text = l.faults[f.Case]
	}
	message, hint = f.Message, f.Remedy
	if text.message != "" {
		message = l.fill(text.message, f.Args)
	}
	if text.hint != "" && hint != "" {
		hint = l.fill(text.hint, f.Args)
	}
	return message, hint
}
