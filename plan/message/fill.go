package message

import (
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// fill puts arguments into a sentence. In it, {name} stands for an argument, "-"
// where there is none; [ … ] is left out where one of the arguments in it is
// absent; "one|many" are two sentences, of which a counting argument chooses.
func (l *Language) fill(sentence string, args spec.Args) string {
	sentence = l.Spaced(l.chooseForm(sentence, args))
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "[")
		b.WriteString(l.fillPart(before, args))
		if !found {
			return b.String()
		}
		var optional string
		optional, sentence, _ = strings.Cut(rest, "]")
		if hasAll(optional, args) {
			b.WriteString(l.fillPart(optional, args))
		}
	}
}

// fillPart fills in the arguments of a part without brackets.
func (l *Language) fillPart(part string, args spec.Args) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(part, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var name string
		name, part, _ = strings.Cut(rest, "}")
		b.WriteString(l.argument(name, args[name]))
	}
}

// hasAll reports whether all arguments that a part names are there.
func hasAll(part string, args spec.Args) bool {
	for _, name := range argumentsOf(part) {
		if args[name] == "" {
			return false
		}
	}
	return true
}

// argumentsOf lists the arguments that a sentence names.
func argumentsOf(sentence string) (names []string) {
	for {
		_, rest, found := strings.Cut(sentence, "{")
		if !found {
			return names
		}
		var name string
		name, sentence, _ = strings.Cut(rest, "}")
		names = append(names, name)
	}
}

// chooseForm chooses between "one|many" by the argument that counts.
func (l *Language) chooseForm(sentence string, args spec.Args) string {
	one, many, two := strings.Cut(sentence, "|")
	if !two {
		return sentence
	}
	for _, name := range argumentsOf(sentence) {
		if n, err := strconv.Atoi(args[name]); err == nil && l.isOne(n) {
			return one
		}
	}
	return many
}

// argument writes an argument by the type that its name implies.
func (l *Language) argument(name, value string) string {
	if value == "" {
		return "-"
	}
	switch name {
	case "at":
		return l.momentInText(value)
	case "date", "today":
		return l.dayInText(value)
	case "amount", "was", "price", "principal":
		return l.amountInText(value)
	case "items", "loans", "borrower":
		if n, err := strconv.Atoi(value); err == nil {
			return l.Number(n)
		}
	case "outcome":
		if word := l.outcomes[plan.Outcome(value)]; word != "" {
			return word
		}
	case "takes":
		return strings.ReplaceAll(value, ", ", l.or)
	case "same":
		names := strings.Split(value, ", ")
		for i, name := range names {
			if word := l.contents[name]; word != "" {
				names[i] = word
			}
		}
		return strings.Join(names, ", ")
	case "fields":
		return l.fieldNames(value)
	}
	return value
}

func (l *Language) momentInText(value string) string {
	t, err := time.Parse(time.RFC3339, value)
	switch {
	case err != nil:
		return value
	case l.isoInTexts:
		return t.UTC().Format("2006-01-02 15:04 UTC")
	}
	return l.Moment(t)
}

func (l *Language) dayInText(value string) string {
	if l.isoInTexts {
		return value
	}
	return l.Day(value)
}

func (l *Language) amountInText(value string) string {
	a, err := money.Parse(value)
	if err != nil {
		return value
	}
	return l.Amount(a)
}

// fieldNames writes a list of fields. One that has no name keeps all in Kiva's.
func (l *Language) fieldNames(list string) string {
	if l.isoInTexts {
		return list
	}
	names := strings.Split(list, ", ")
	for i, path := range names {
		name := l.Field(path)
		if name == path {
			return list
		}
		names[i] = name
	}
	return strings.Join(names, ", ")
}
