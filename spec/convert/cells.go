package convert

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"kivaform/kiva/hint"
	"kivaform/spec/field"
)

// Known are ids that exist: in the workspace's documents, in its ledger, at
// Kiva. They tell an id from what a spreadsheet made of it.
type Known struct{ Loans, Clients map[string]bool }

// Add notes ids that exist; empty ones don't count.
func (k *Known) Add(loanID, clientID string) {
	if k.Loans == nil {
		k.Loans, k.Clients = map[string]bool{}, map[string]bool{}
	}
	if loanID != "" {
		k.Loans[loanID] = true
	}
	if clientID != "" {
		k.Clients[clientID] = true
	}
}

// A zeros finds ids by what a spreadsheet leaves of them: without the zeros at
// their beginning.
type zeros struct {
	known map[string]bool
	by    map[string]string
}

func newZeros(known map[string]bool) zeros {
	z := zeros{known, map[string]string{}}
	for id := range known {
		if short := strings.TrimLeft(id, "0"); short != id && allDigits(id) {
			z.by[short] = max(z.by[short], id) // the choice only names an example
		}
	}
	return z
}

// lost returns the known id that an unknown one was before its zeros were lost,
// "" where there is none.
func (z zeros) lost(id string) string {
	if z.known[id] || !allDigits(id) {
		return ""
	}
	return z.by[strings.TrimLeft(id, "0")]
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// A cell is the text of one field of one row.
type cell struct {
	place
	column column
	text   string
}

var (
	exponent   = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$`)
	pointZero  = regexp.MustCompile(`^[0-9]+\.0+$`)
	sheetError = regexp.MustCompile(`^#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)$`)
)

// damage says what a spreadsheet has done to a cell, "" where nothing shows.
func damage(c cell, loans, clients zeros) (message, hint string) {
	const again = "format the column as text and export it again"
	switch {
	case sheetError.MatchString(c.text):
		return "a spreadsheet's error stands in place of the value", "mend the formula, or make the column wider, and export it again"
	case c.column.form != field.LoanID && c.column.form != field.ClientID:
		return "", ""
	case exponent.MatchString(c.text):
		return c.text + ": a spreadsheet has changed this id", again
	case pointZero.MatchString(c.text):
		return c.text + ": a spreadsheet has made a number of this id", again
	}
	ids := loans
	if c.column.form == field.ClientID {
		ids = clients
	}
	if was := ids.lost(c.text); was != "" {
		return fmt.Sprintf("%s isn't known, but %s is: a spreadsheet has dropped the zeros", c.text, was), again
	}
	return "", ""
}

// clean takes what isn't seen off the ends of a cell, and gives lines one form.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' })
}

// value brings the text of a cell into the form of a document. What it doesn't
// understand it leaves as it is: reading the document says what is wrong.
func (r *reader) value(c cell) string {
	switch c.column.form {
	case field.Truth, field.Truths:
		return truth(c.text)
	case field.Gender:
		return gender(c.text)
	case field.Day:
		return r.date(c)
	}
	return c.text
}

func truth(s string) string {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "1":
		return "true"
	case "false", "no", "n", "0":
		return "false"
	}
	return s
}

func gender(s string) string {
	switch strings.ToLower(s) {
	case "f", "female":
		return "female"
	case "m", "male":
		return "male"
	}
	return s
}

// date reads a date in the order that was told. Without one, a date is
// YYYY-MM-DD: 03/04/2026 is two different days, and nobody can say which.
func (r *reader) date(c cell) string {
	if r.options.DateFormat == "" || c.text == "" {
		return c.text
	}
	t, err := time.Parse(r.layout, c.text)
	if err != nil {
		r.add(codeDate, c.place, fmt.Sprintf("%q isn't a date as %s", c.text, r.options.DateFormat), "")
		return ""
	}
	return t.Format(time.DateOnly)
}

// layout turns a format as people write it into one of package time.
func layout(format string) (string, error) {
	if format == "" {
		return "", nil
	}
	l := strings.NewReplacer("YYYY", "2006", "YY", "06", "MMM", "Jan", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05", "M", "1", "D", "2").Replace(format)
	sample := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if got, err := time.Parse(l, sample.Format(l)); err != nil || !got.Equal(sample) {
		return "", hint.With(fmt.Errorf("the date format %q doesn't tell day, month and year", format), "write it as DD/MM/YYYY, with YYYY, MM or MMM, DD, and hh:mm:ss where there is a time")
	}
	return l, nil
}
