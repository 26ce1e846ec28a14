package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
)

// A sentence is one that a plan or a check of the files says in English, with
// {} where something is filled in, in the other languages. What is filled in
// keeps its order.
type sentence struct{ en, es, fr string }

// sentence says in the page's language what a plan says in English. A sentence
// that isn't known stays as it is: Kiva's own messages, and faults that keep a
// plan from being made.
func (l *language) sentence(s string) string {
	if s == "" || l.column == 0 {
		return clean(s)
	}
	for i := range sentences {
		known := &sentences[i]
		if values, ok := match(known.en, s); ok {
			return clean(fill(l.spaced([]string{known.en, known.es, known.fr}[l.column]), l.inWords(values)))
		}
	}
	return clean(s)
}

// match holds a sentence against a pattern, and returns what stands for each {}.
func match(pattern, s string) (values []string, ok bool) {
	head, rest, more := strings.Cut(pattern, "{}")
	s, ok = strings.CutPrefix(s, head)
	for ok && more {
		head, rest, more = strings.Cut(rest, "{}")
		var value string
		switch {
		case head == "": // {} ends the pattern
			value, s = s, ""
		case more:
			value, s, ok = strings.Cut(s, head)
		default: // the end of the sentence is the end of the pattern
			value, ok = strings.CutSuffix(s, head)
			s = ""
		}
		values = append(values, value)
	}
	return values, ok && s == ""
}

// fill puts values into the places of a pattern.
func fill(pattern string, values []string) string {
	var b strings.Builder
	for _, v := range values {
		head, rest, _ := strings.Cut(pattern, "{}")
		b.WriteString(head)
		b.WriteString(v)
		pattern = rest
	}
	return b.String() + pattern
}

// inWords translates what is filled in.
func (l *language) inWords(values []string) []string {
	for i, v := range values {
		values[i] = l.inWord(v)
	}
	return values
}

// inWord translates what is a time, a day, an amount, a word of ours or names of
// fields; everything else stays.
func (l *language) inWord(v string) string {
	if t, err := time.Parse("2006-01-02 15:04 UTC", v); err == nil {
		return l.moment(t)
	}
	if _, err := time.Parse(time.DateOnly, v); err == nil {
		return l.day(v)
	}
	if a, err := money.Parse(strings.ReplaceAll(v, ",", "")); err == nil && a.Format() == v {
		return l.amount(a)
	}
	if t, ok := texts["past."+v]; ok {
		return t[l.column]
	}
	return l.fieldNames(v)
}

// fieldNames translates a list of the names of fields: "activity, location".
func (l *language) fieldNames(s string) string {
	names := strings.Split(s, ", ")
	for i, name := range names {
		label := l.field(name)
		if label == clean(name) {
			return s
		}
		names[i] = label
	}
	return strings.Join(names, ", ")
}

// field returns what people call a field; Kiva's own name where nothing else is
// known. Of a list it says which element.
func (l *language) field(path string) string {
	list, rest, indexed := strings.Cut(path, "[")
	if !indexed {
		return l.label("field."+path, path)
	}
	index, name, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(index)
	t, ok := texts["nth."+list]
	if err != nil || !ok {
		return clean(path)
	}
	label := l.label("field."+list+name, "")
	if label == "" {
		return clean(path)
	}
	return fmt.Sprintf(t[l.column], label, l.number(n+1))
}

// label returns a text if there is one, else what stands in for it.
func (l *language) label(key, instead string) string {
	if t, ok := texts[key]; ok {
		return t[l.column]
	}
	return clean(instead)
}
