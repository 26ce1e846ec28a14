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

// Known holds the ids in the workspace's documents, in its ledger and at Kiva.
// describeDamage compares cells with them.
type Known struct{ Loans, Clients map[string]bool }

// Add adds ids; empty ones are ignored.
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

// A zeroStripped finds an id by its form without leading zeros, which is all
// that a spreadsheet leaves of it.
type zeroStripped struct {
	known map[string]bool
	by    map[string]string
}

func newZeroStripped(known map[string]bool) zeroStripped {
	z := zeroStripped{known, map[string]string{}}
	for id := range known {
		if short := strings.TrimLeft(id, "0"); short != id && allDigits(id) {
			z.by[short] = max(z.by[short], id) // of several ids the hint names one
		}
	}
	return z
}

// unstripped returns the known id from which an unknown one has lost its leading
// zeros, else "".
func (z zeroStripped) unstripped(id string) string {
	if z.known[id] || !allDigits(id) {
		return ""
	}
	return z.by[strings.TrimLeft(id, "0")]
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// A cell is the text of one field of one row.
type cell struct {
	origin
	column column
	text   string
}

var (
	exponent   = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+$`)
	pointZero  = regexp.MustCompile(`^[0-9]+\.0+$`)
	sheetError = regexp.MustCompile(`^#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)$`)
)

// describeDamage describes a cell that a spreadsheet has changed; message is ""
// if none shows.
func describeDamage(c cell, loans, clients zeroStripped) (message, hint string) {
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
	if was := ids.unstripped(c.text); was != "" {
		return fmt.Sprintf("%s isn't known, but %s is: a spreadsheet has dropped the zeros", c.text, was), again
	}
	return "", ""
}

// trimCell trims white space and invisible characters, and ends lines with \n.
func trimCell(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' })
}

// normalizeValue converts a cell's text to the form of a document. Text that it
// doesn't recognise stays as it is: the loader reports it.
func (r *reader) normalizeValue(c cell) string {
	switch c.column.form {
	case field.Truth, field.Truths:
		return normalizeTruth(c.text)
	case field.Gender:
		return normalizeGender(c.text)
	case field.Day:
		return r.normalizeDate(c)
	}
	return c.text
}

func normalizeTruth(s string) string {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "1":
		return "true"
	case "false", "no", "n", "0":
		return "false"
	}
	return s
}

func normalizeGender(s string) string {
	switch strings.ToLower(s) {
	case "f", "female":
		return "female"
	case "m", "male":
		return "male"
	}
	return s
}

// normalizeDate converts a date from Options.DateFormat. Without that option
// dates must be YYYY-MM-DD, because 03/04/2026 has two readings.
func (r *reader) normalizeDate(c cell) string {
	if r.options.DateFormat == "" || c.text == "" {
		return c.text
	}
	t, err := time.Parse(r.layout, c.text)
	if err != nil {
		r.add(codeDate, c.origin, fmt.Sprintf("%q isn't a date as %s", c.text, r.options.DateFormat), "")
		return ""
	}
	return t.Format(time.DateOnly)
}

// parseDateFormat converts a format such as DD/MM/YYYY to a layout of package
// time.
func parseDateFormat(format string) (string, error) {
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
