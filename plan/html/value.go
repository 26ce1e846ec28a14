package html

import (
	"strconv"
	"strings"

	"kivaform/kiva/money"
	"kivaform/plan/view"
)

// value shows a field's value as the language writes it.
func (l *language) value(f view.Field) string {
	switch {
	case f.Type == "photo" && f.Show != "":
		return view.Harmless(f.Show) + ", " + view.Harmless(f.Value)
	case f.Type == "choice" && f.Show != "":
		return view.Harmless(f.Show) + " (" + view.Harmless(f.Value) + ")"
	case strings.HasSuffix(f.Path, ".gender"):
		return l.label(f.Value, f.Value)
	}
	return l.typedValue(f.Type, f.Value)
}

// changed shows a value before or after, line by line.
func (l *language) changed(kind string, value *string) []string {
	if kind == "text" {
		return harmlessLines(*value)
	}
	return []string{l.typedValue(kind, *value)}
}

func (l *language) typedValue(kind, value string) string {
	switch kind {
	case "money":
		if a, err := money.Parse(value); err == nil {
			return l.Amount(a)
		}
	case "date":
		return l.date(value)
	case "bool":
		if yes, err := strconv.ParseBool(value); err == nil {
			return l.label(map[bool]string{true: "yes", false: "no"}[yes], value)
		}
	}
	return view.Harmless(value)
}

// amounts says the meaning of a report's amounts.
func (l *language) amounts(mode string) (string, error) { return l.text("amounts." + mode) }

// harmlessLines divides a text at its line breaks, and makes each line harmless.
func harmlessLines(s string) []string {
	var list []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, view.Harmless(line))
		}
	}
	return list
}

// place returns file:line.
func (l *language) place(p view.Place) string { return view.Harmless(p.Short()) }
