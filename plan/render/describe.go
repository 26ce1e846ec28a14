package render

import (
	"slices"
	"strconv"
	"strings"

	"kivaform/kiva/money"
	"kivaform/spec"
)

// A pair is a label and its value, in words that aren't divided where there is
// room for them whole.
type pair struct {
	label string
	words []string
	rank  int // smaller ones stand above
	wide  int // the label, in columns
}

// describe shows all that is sent of an item, from its fields, so that nothing
// can be sent that isn't shown. Each borrower takes a line and the schedule
// another; everything else is a line under Kiva's own name. What it returns is
// good until the next call.
func (t *text) describe(fields []spec.Field) []pair {
	t.pairs, t.words = t.pairs[:0], t.words[:0]
	d := description{t, t.borrowers[:0], t.schedule[:0]}
	for len(fields) > 0 {
		name := elementOf(fields[0].Path)
		n := sameElement(fields, name)
		d.add(name, fields[:n])
		fields = fields[n:]
	}
	d.end()
	t.borrowers, t.schedule = d.borrowers, d.schedule
	return d.inOrder()
}

// elementOf returns the beginning of a path that names an element of a list, as
// entreps[0]; "" where it names none.
func elementOf(path string) string { return path[:strings.IndexByte(path, ']')+1] }

// sameElement returns how many fields belong to the first one's element.
func sameElement(fields []spec.Field, name string) int {
	n := 1
	for name != "" && n < len(fields) && strings.HasPrefix(fields[n].Path, name) {
		n++
	}
	return n
}

// keyOf returns what follows the name of an element in a path.
func keyOf(path, element string) string { return strings.TrimPrefix(path[len(element):], ".") }

// A description is an item's fields under way to pairs.
type description struct {
	*text
	borrowers [][]string
	schedule  []string
}

// add adds a field, or the fields of an element of a list.
func (d *description) add(element string, fields []spec.Field) {
	switch list, index, _ := strings.Cut(strings.TrimSuffix(element, "]"), "["); list {
	case "entreps":
		d.borrowers = append(d.borrowers, d.borrower(element, fields))
		return
	case "schedule":
		d.schedule = append(d.schedule, d.instalment(element, fields))
		return
	case "not_pictured":
		if i, err := strconv.Atoi(index); err == nil && i < len(d.borrowers) {
			d.borrowers[i] = append(d.borrowers[i], pictured(fields[0]))
			return
		}
	}
	d.put(fields[0].Path, fields[0].Path, d.field(&fields[0]))
}

// People look for who it is and what it is for first; below the long texts
// nobody would find anything.
var ranks = ranked(
	"group_name", "internal_loan_id", "internal_client_id", "subject", "entreps",
	"loanuse", "activity_id", "theme_type_id", "location", "currency", "disburse_time", "schedule",
	others, "description", "body",
)

const others = "" // stands for all fields that aren't named

func ranked(paths ...string) map[string]int {
	m := make(map[string]int, len(paths))
	for i, p := range paths {
		m[p] = i
	}
	return m
}

// put adds a line.
func (d *description) put(field, label string, words []string) {
	rank, named := ranks[field]
	if !named {
		rank = ranks[others]
	}
	d.pairs = append(d.pairs, pair{label: label, words: words, rank: rank})
}

// inOrder returns the lines by their rank, and those of one rank as they came.
func (d *description) inOrder() []pair {
	d.ordered = d.ordered[:0]
	for rank := range len(ranks) {
		for i := range d.pairs {
			if d.pairs[i].rank == rank {
				d.ordered = append(d.ordered, d.pairs[i])
			}
		}
	}
	return d.ordered
}

// end adds the lines that have several fields.
func (d *description) end() {
	for _, b := range d.borrowers {
		d.put("entreps", "borrower", d.made.separate(b, ","))
	}
	if len(d.schedule) > 0 {
		d.put("schedule", "schedule", d.made.separate(d.schedule, " "+middleDot))
	}
}

// borrower shows the fields of one borrower, in the order in which people look
// for them.
func (t *text) borrower(element string, fields []spec.Field) []string {
	var loanID, first, last, gender, clientID, amount string
	var more []string
	for i := range fields {
		name := keyOf(fields[i].Path, element)
		switch value := t.value(&fields[i]); name {
		case "loan_id":
			loanID = value
		case "first_name":
			first = value
		case "last_name":
			last = value
		case "gender":
			gender = value
		case "client_id":
			clientID = t.made.join("client_id ", value)
		case "amount":
			amount = t.made.join("amount ", value)
		default:
			more = append(more, name+" "+value)
		}
	}
	start := len(t.words)
	for _, part := range []string{loanID, strings.TrimSpace(t.made.join(first, " ", last)), gender, clientID, amount} {
		if part != "" {
			t.words = append(t.words, part)
		}
	}
	t.words = append(t.words, more...)
	return slices.Clip(t.words[start:])
}

func pictured(f spec.Field) string {
	if f.Value == "true" {
		return "not pictured"
	}
	return "pictured"
}

// instalment shows date, principal and interest: "2027-01-05 10,000 + 750".
func (t *text) instalment(element string, fields []spec.Field) string {
	var date, principal, plus, interest string
	for i := range fields {
		switch keyOf(fields[i].Path, element) {
		case "date":
			date = fields[i].Value
		case "principal":
			principal = t.made.amount(fields[i].Value)
		case "interest":
			plus, interest = " + ", t.made.amount(fields[i].Value)
		}
	}
	return t.made.join(date, " ", principal, plus, interest)
}

// field shows a field that has lines of its own.
func (t *text) field(f *spec.Field) []string {
	start := len(t.words)
	if f.Kind == spec.Text && (t.Personal || !f.Personal) {
		t.words = appendProse(t.words, f.Value)
	} else {
		t.words = append(t.words, t.value(f))
	}
	return slices.Clip(t.words[start:])
}

// value shows a value in one line.
func (t *text) value(f *spec.Field) string {
	switch {
	case f.Kind == spec.Photo:
		return photo(f)
	case f.Personal && !t.Personal:
		return mask
	case f.Kind == spec.Money:
		return t.made.amount(f.Value)
	case f.Show != "":
		return t.made.join(clean(f.Show), " (", clean(f.Value), ")")
	}
	return clean(f.Value)
}

// photo shows format, size and a short digest, never the picture.
func photo(f *spec.Field) string {
	digest := f.Value[:min(len(f.Value), 8)]
	if f.Show == "" {
		return digest
	}
	return clean(f.Show) + ", " + digest
}

// amount groups the digits of a canonical amount.
func amount(s string) string {
	a, err := money.Parse(s)
	if err != nil {
		return clean(s)
	}
	return a.Format()
}
