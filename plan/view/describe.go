package view

import (
	"slices"
	"strconv"
	"strings"

	"kivaform/kiva/money"
)

// A Line is a label and its value.
type Line struct {
	Label string
	Words []string // of the value; a line breaks between them, never within one that fits. NewLine ends a line
	rank  int      // smaller ones stand above
}

// NewLine, as a word, ends a line.
const NewLine = "\n"

// Describe shows all that is sent of an item, from its fields, so that nothing
// can be sent that isn't shown. Each borrower takes a line and the schedule
// another; everything else is a line under Kiva's own name.
func Describe(fields []Field) []Line {
	d := description{lines: make([]Line, 0, usualLines), words: make([]string, 0, usualLines)}
	for len(fields) > 0 {
		element := elementOf(fields[0].Path)
		n := sameElement(fields, element)
		d.add(element, fields[:n])
		fields = fields[n:]
	}
	return d.inOrder()
}

// usualLines is how many lines few items have more of.
const usualLines = 16

// elementOf returns the beginning of a path that names an element of a list, as
// entreps[0]; "" where it names none.
func elementOf(path string) string { return path[:strings.IndexByte(path, ']')+1] }

// sameElement returns how many fields belong to the first one's element.
func sameElement(fields []Field, element string) int {
	n := 1
	for element != "" && n < len(fields) && strings.HasPrefix(fields[n].Path, element) {
		n++
	}
	return n
}

// A description is an item's fields under way to lines.
type description struct {
	lines     []Line
	words     []string // of lines that have one
	borrowers [][]string
	schedule  []string
}

// add adds a field, or the fields of an element of a list.
func (d *description) add(element string, fields []Field) {
	switch list, index, _ := strings.Cut(strings.TrimSuffix(element, "]"), "["); list {
	case "entreps":
		d.borrowers = append(d.borrowers, borrowerWords(element, fields))
		return
	case "schedule":
		d.schedule = append(d.schedule, instalmentText(element, fields))
		return
	case "not_pictured":
		if i, err := strconv.Atoi(index); err == nil && i < len(d.borrowers) {
			d.borrowers[i] = append(d.borrowers[i], picturedText(fields[0]))
			return
		}
	}
	if f := &fields[0]; f.Type == "text" && !f.Masked {
		d.put(f.Path, f.Path, Prose(f.Value))
	} else {
		d.words = append(d.words, f.Text())
		d.put(f.Path, f.Path, d.words[len(d.words)-1:])
	}
}

// lineRanks puts the borrower and the purpose first, and the long texts last.
var lineRanks = ranksOf(
	"group_name", "internal_loan_id", "internal_client_id", "subject", "entreps",
	"loanuse", "activity_id", "theme_type_id", "location", "currency", "disburse_time", "schedule",
	otherFields, "description", "body",
)

const otherFields = "" // stands for all fields that aren't named

func ranksOf(paths ...string) map[string]int {
	m := make(map[string]int, len(paths))
	for i, p := range paths {
		m[p] = i
	}
	return m
}

func (d *description) put(field, label string, words []string) {
	rank, named := lineRanks[field]
	if !named {
		rank = lineRanks[otherFields]
	}
	d.lines = append(d.lines, Line{label, words, rank})
}

// inOrder returns the lines by their rank, and those of one rank as they came.
func (d *description) inOrder() []Line {
	for _, b := range d.borrowers {
		d.put("entreps", "borrower", endWords(b, ","))
	}
	if len(d.schedule) > 0 {
		d.put("schedule", "schedule", endWords(d.schedule, " ·"))
	}
	slices.SortStableFunc(d.lines, func(a, b Line) int { return a.rank - b.rank })
	return d.lines
}

// endWords ends each word but the last with a separator.
func endWords(words []string, by string) []string {
	for i := range max(len(words)-1, 0) {
		words[i] += by
	}
	return words
}

// borrowerWords shows the fields of one borrower, in the order in which people
// look for them.
func borrowerWords(element string, fields []Field) []string {
	var loanID, first, last, gender, clientID, amount string
	var more []string
	for i := range fields {
		name := strings.TrimPrefix(fields[i].Path[len(element):], ".")
		switch value := fields[i].Text(); name {
		case "loan_id":
			loanID = value
		case "first_name":
			first = value
		case "last_name":
			last = value
		case "gender":
			gender = value
		case "client_id":
			clientID = "client_id " + value
		case "amount":
			amount = "amount " + value
		default:
			more = append(more, name+" "+value)
		}
	}
	return append(nonEmpty(loanID, strings.TrimSpace(first+" "+last), gender, clientID, amount), more...)
}

func picturedText(f Field) string {
	if f.Value == "true" {
		return "not pictured"
	}
	return "pictured"
}

// instalmentText shows date, principal and interest: "2027-01-05 10,000 + 750".
func instalmentText(element string, fields []Field) string {
	var date, principal, interest string
	for i := range fields {
		switch strings.TrimPrefix(fields[i].Path[len(element):], ".") {
		case "date":
			date = fields[i].Value
		case "principal":
			principal = AmountText(fields[i].Value)
		case "interest":
			interest = " + " + AmountText(fields[i].Value)
		}
	}
	return date + " " + principal + interest
}

// Text shows a field in one line.
func (f *Field) Text() string {
	if f.Masked {
		return Mask
	}
	value := Harmless(f.Value)
	switch {
	case f.Type == "photo" && f.Show != "": // format, size and a short digest, never the picture
		return Harmless(f.Show) + ", " + value
	case f.Type == "money":
		return AmountText(f.Value)
	case f.Show != "" && f.Type != "photo":
		return Harmless(f.Show) + " (" + value + ")"
	}
	return value
}

// AmountText groups the digits of an amount; any other text stays.
func AmountText(s string) string {
	a, err := money.Parse(s)
	if err != nil {
		return Harmless(s)
	}
	return a.Format()
}

// Prose divides a text that may have several lines into harmless words.
func Prose(s string) (words []string) {
	for line := range strings.SplitSeq(s, "\n") {
		if len(words) > 0 {
			words = append(words, NewLine)
		}
		words = append(words, strings.Fields(Harmless(line))...)
	}
	if len(words) == 0 {
		return []string{"(blank)"}
	}
	return words
}
