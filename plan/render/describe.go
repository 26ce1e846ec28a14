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
}

// describe shows all that is sent of an item, from its fields, so that nothing
// can be sent that isn't shown. Each borrower takes a line and the schedule
// another; everything else is a line under Kiva's own name.
func (t *text) describe(fields []spec.Field) []pair {
	d := description{text: t, others: make([]pair, 0, 16)}
	for len(fields) > 0 {
		n := sameElement(fields)
		d.add(fields[:n])
		fields = fields[n:]
	}
	return d.pairs()
}

// sameElement returns how many fields belong to the first one's element of a
// list, as entreps[0].
func sameElement(fields []spec.Field) int {
	end := strings.IndexByte(fields[0].Path, ']')
	n := 1
	for end >= 0 && n < len(fields) && strings.HasPrefix(fields[n].Path, fields[0].Path[:end+1]) {
		n++
	}
	return n
}

// A description is an item's fields under way to pairs.
type description struct {
	*text
	borrowers [][]string
	schedule  []string
	others    []pair
}

func (d *description) add(fields []spec.Field) {
	path := fields[0].Path
	list, rest, _ := strings.Cut(path, "[")
	switch list {
	case "entreps":
		d.borrowers = append(d.borrowers, d.borrower(fields))
		return
	case "schedule":
		d.schedule = append(d.schedule, instalment(fields))
		return
	case "not_pictured":
		index, _, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(index); err == nil && i < len(d.borrowers) {
			d.borrowers[i] = append(d.borrowers[i], pictured(fields[0]))
			return
		}
	}
	d.others = append(d.others, pair{path, d.field(fields[0])})
}

// People look for who it is and what it is for first; below the long texts
// nobody would find anything.
var (
	nameFields  = []string{"group_name", "internal_loan_id", "internal_client_id", "subject"}
	loanFields  = []string{"loanuse", "activity_id", "theme_type_id", "location", "currency", "disburse_time"}
	storyFields = []string{"description", "body"}
)

// pairs puts the fields into the order in which people read them.
func (d *description) pairs() []pair {
	pairs := make([]pair, 0, len(d.borrowers)+len(d.others)+1)
	pairs = d.move(pairs, nameFields)
	for _, b := range d.borrowers {
		pairs = append(pairs, pair{"borrower", separated(b, ",")})
	}
	pairs = d.move(pairs, loanFields)
	if len(d.schedule) > 0 {
		pairs = append(pairs, pair{"schedule", separated(d.schedule, " ·")})
	}
	story := d.move(nil, storyFields)
	pairs = append(pairs, d.others...)
	return append(pairs, story...)
}

// move moves the other fields of some labels to the end of pairs.
func (d *description) move(pairs []pair, labels []string) []pair {
	for _, label := range labels {
		if i := slices.IndexFunc(d.others, func(p pair) bool { return p.label == label }); i >= 0 {
			pairs = append(pairs, d.others[i])
			d.others = slices.Delete(d.others, i, i+1)
		}
	}
	return pairs
}

// separated ends each word but the last with a separator.
func separated(words []string, by string) []string {
	var all strings.Builder // one piece of memory for all of them
	for i := range len(words) - 1 {
		start := all.Len()
		all.WriteString(words[i])
		all.WriteString(by)
		words[i] = all.String()[start:]
	}
	return words
}

// borrower shows the fields of one borrower, in the order in which people look
// for them.
func (t *text) borrower(fields []spec.Field) []string {
	parts := make([]string, 0, len(fields)+1)
	take := func(name, prefix string) string {
		for i, f := range fields {
			if _, n, _ := strings.Cut(f.Path, "."); n == name {
				return prefix + t.value(&fields[i])
			}
		}
		return ""
	}
	name := strings.TrimSpace(take("first_name", "") + " " + take("last_name", ""))
	for _, part := range []string{take("loan_id", ""), name, take("gender", ""), take("client_id", "client_id "), take("amount", "amount ")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	for i, f := range fields {
		if _, n, _ := strings.Cut(f.Path, "."); !slices.Contains(borrowerFields, n) {
			parts = append(parts, n+" "+t.value(&fields[i]))
		}
	}
	return parts
}

var borrowerFields = []string{"loan_id", "first_name", "last_name", "gender", "client_id", "amount"}

func pictured(f spec.Field) string {
	if f.Value == "true" {
		return "not pictured"
	}
	return "pictured"
}

// instalment shows date, principal and interest: "2027-01-05 10,000 + 750".
func instalment(fields []spec.Field) string {
	var date, principal, interest string
	for _, f := range fields {
		switch {
		case strings.HasSuffix(f.Path, ".date"):
			date = f.Value
		case strings.HasSuffix(f.Path, ".principal"):
			principal = amount(f.Value)
		case strings.HasSuffix(f.Path, ".interest"):
			interest = " + " + amount(f.Value)
		}
	}
	return date + " " + principal + interest
}

// field shows a field that has lines of its own.
func (t *text) field(f spec.Field) []string {
	if f.Kind == spec.Text && (t.Personal || !f.Personal) {
		return prose(f.Value)
	}
	return []string{t.value(&f)}
}

// value shows a value in one line.
func (t *text) value(f *spec.Field) string {
	switch {
	case f.Kind == spec.Photo:
		return photo(f)
	case f.Personal && !t.Personal:
		return mask
	case f.Kind == spec.Money:
		return amount(f.Value)
	case f.Show != "":
		return clean(f.Show) + " (" + clean(f.Value) + ")"
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
