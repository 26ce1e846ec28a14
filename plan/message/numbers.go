package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
)

// Number writes a whole number.
func (l *Language) Number(n int) string { return l.Amount(money.FromInt(int64(n))) }

// Amount writes an amount, grouped as people of the language do.
func (l *Language) Amount(a money.Amount) string { return l.digits.Replace(a.Format()) }

// Count writes a number into a text of two forms, "%s journal|%s journals".
func (l *Language) Count(text string, n int) string {
	one, many, _ := strings.Cut(text, "|")
	if l.isOne(n) {
		many = one
	}
	return strings.ReplaceAll(many, "%s", l.Number(n))
}

// isOne reports whether a number takes the singular.
func (l *Language) isOne(n int) bool { return n == 1 || n == 0 && l.zeroIsOne }

// Date writes YYYY-MM-DD in words: 5 January 2027. Other text stays.
func (l *Language) Date(s string) string { return l.dateWith(s, l.months, l.of) }

// Day writes YYYY-MM-DD for a table: 5 Jan 2027. Other text stays.
func (l *Language) Day(s string) string { return l.dateWith(s, l.short, NoBreak) }

func (l *Language) dateWith(s string, months []string, of string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && l.firstDay != "" {
		day = l.firstDay
	}
	return day + of + months[t.Month()-1] + of + strconv.Itoa(t.Year())
}

// Month writes YYYY-MM in words: November 2026. Other text stays.
func (l *Language) Month(s string) string {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return s
	}
	return l.months[t.Month()-1] + l.of + strconv.Itoa(t.Year())
}

// Moment writes a point in time: 19 Nov 2026, 08:12 UTC.
func (l *Language) Moment(t time.Time) string {
	t = t.UTC()
	return l.Day(t.Format(time.DateOnly)) + t.Format(", 15:04"+NoBreak+"UTC")
}

// Spaced returns a text of the language with spaces at which no line ends where
// it wants them.
func (l *Language) Spaced(text string) string {
	if l.spaces == nil {
		return text
	}
	return l.spaces.Replace(text)
}

// Field returns a field's name for people: "Amount, borrower 2". One without a
// name stays as Kiva calls it.
func (l *Language) Field(path string) string {
	list, rest, indexed := strings.Cut(path, "[")
	if !indexed {
		if name := l.fields[path]; name != "" {
			return name
		}
		return path
	}
	index, below, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(index)
	name, which := l.fields[list+below], l.nth[list]
	if err != nil || name == "" || which == "" {
		return path
	}
	return fmt.Sprintf(which, name, l.Number(n+1))
}
