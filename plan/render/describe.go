package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/kiva/money"
	"kivaform/spec"
)

// A pair is a label and its value.
type pair struct{ label, value string }

// describe shows all that is sent of an item, from its fields, so that nothing
// can be sent that isn't shown. Each borrower takes a line and the schedule
// another; everything else is a line under Kiva's own name.
func (t *text) describe(r spec.Resource) []pair {
	var pairs []pair
	borrower := make(map[string]int) // where the line of entreps[i] is
	schedule := -1
	add := func(label, value string) int {
		pairs = append(pairs, pair{label, value})
		return len(pairs) - 1
	}
	for fields := r.Fields(); len(fields) > 0; {
		list, index := splitPath(fields[0].Path)
		n := 1
		for list != "" && n < len(fields) && strings.HasPrefix(fields[n].Path, list+index) {
			n++
		}
		group := fields[:n]
		fields = fields[n:]
		switch list {
		case "entreps":
			borrower[index] = add("borrower", t.borrower(group))
		case "schedule":
			if schedule < 0 {
				schedule = add("schedule", instalment(group))
			} else {
				pairs[schedule].value += " · " + instalment(group)
			}
		case "not_pictured":
			if line, ok := borrower[index]; ok {
				pairs[line].value += ", " + pictured(group[0])
			} else {
				add(group[0].Path, t.value(group[0]))
			}
		default:
			add(group[0].Path, t.value(group[0]))
		}
	}
	return pairs
}

// borrowerOrder is the order in which people look for a borrower's fields;
// those that stand by themselves need no name.
var borrowerOrder = []struct {
	name string
	bare bool
}{{"loan_id", true}, {"first_name", true}, {"last_name", true}, {"gender", true}, {"client_id", false}, {"amount", false}}

// borrower shows the fields of one borrower in a line.
func (t *text) borrower(fields []spec.Field) string {
	byName := make(map[string]spec.Field)
	for _, f := range fields {
		_, name, _ := strings.Cut(f.Path, ".")
		byName[name] = f
	}
	var parts []string
	show := func(name string, bare bool) {
		f, there := byName[name]
		if !there {
			return
		}
		delete(byName, name)
		value := t.value(f)
		switch {
		case name == "last_name" && len(parts) > 0:
			parts[len(parts)-1] += " " + value
		case bare:
			parts = append(parts, value)
		default:
			parts = append(parts, name+" "+value)
		}
	}
	for _, o := range borrowerOrder {
		show(o.name, o.bare)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		show(name, false)
	}
	return strings.Join(parts, ", ")
}

func pictured(f spec.Field) string {
	if f.Value == "true" {
		return "not pictured"
	}
	return "pictured"
}

// splitPath parts "entreps[0].amount" into "entreps" and "[0]".
func splitPath(path string) (list, index string) {
	list, rest, ok := strings.Cut(path, "[")
	if !ok {
		return "", ""
	}
	index, _, _ = strings.Cut(rest, "]")
	return list, "[" + index + "]"
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
	return fmt.Sprintf("%s %s%s", date, principal, interest)
}

func (t *text) value(f spec.Field) string {
	switch {
	case f.Kind == spec.Photo:
		return t.photo(f)
	case f.Personal && !t.Personal:
		return mask
	case f.Kind == spec.Money:
		return amount(f.Value)
	case f.Show != "":
		return clean(f.Show)
	}
	return clean(f.Value)
}

// photo shows format, size and a short digest, never the picture.
func (t *text) photo(f spec.Field) string {
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
