package spec

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/money"
)

const (
	quotingStyles = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
)

// scalar returns the node of a single value, or nil where the key is absent. A
// list or a mapping in its place is a fault.
func (o *object) scalar(key string) *yaml.Node {
	n := o.get(key)
	if n != nil && n.Kind != yaml.ScalarNode {
		o.fault(codeShape, n, key, "a single value is expected here, not "+shape(n), "")
		return nil
	}
	return n
}

// isPlain reports whether a scalar stands there without quotes, so that YAML
// may read it as something else than text.
func isPlain(n *yaml.Node) bool { return n.Style&(quotingStyles|yaml.TaggedStyle) == 0 }

// text returns a text as written; only the newline that ends a block is cut.
func (o *object) text(key string) string {
	if n := o.raw(key); n != nil && isAbsent(n) && (n.Value == "Null" || n.Value == "NULL") {
		o.fault(codeText, n, key, n.Value+" without quotes means nothing in YAML", "quote it, or leave the key out")
		return ""
	}
	n := o.scalar(key)
	if n == nil {
		return ""
	}
	// A block scalar ends in a newline that nobody means, and the same text may
	// be written in quotes.
	value := strings.TrimRight(n.Value, "\n")
	if c, ok := controlCharacter(value); ok {
		o.fault(codeText, n, key, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it")
		return ""
	}
	return value
}

func controlCharacter(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return r, true
		}
	}
	return 0, false
}

// choice returns a text that is one of a few.
func (o *object) choice(key string, allowed ...string) string {
	value := o.text(key)
	if value == "" {
		return ""
	}
	for _, a := range allowed {
		if value == a {
			return a
		}
	}
	hint := "write " + alternatives(allowed)
	if near := nearest(value, allowed); near != "" {
		hint = "did you mean " + near + "?"
	}
	o.fault(codeChoice, find(o.pairs, key), key, "is none of "+strings.Join(allowed, ", "), hint)
	return ""
}

func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// id returns an identifier: what is quoted as it is, and without quotes only
// what YAML can't have changed.
func (o *object) id(key string) string {
	n := o.scalar(key)
	if n == nil {
		return ""
	}
	if problem, hint := idProblem(n); problem != "" {
		o.fault(codeID, n, key, problem, hint)
		return ""
	}
	if problem, hint := formProblem(n.Value); problem != "" {
		o.fault(codeIDForm, n, key, problem, hint) // the id is kept: it may be one that was sent before
	}
	return n.Value
}

func idProblem(n *yaml.Node) (problem, hint string) {
	if strings.ContainsFunc(n.Value, unicode.IsControl) {
		return "an id can't hold a line break or another control character", "write it in one line"
	}
	if strings.TrimSpace(n.Value) != n.Value {
		return "an id can't begin or end with a space", "remove the space"
	}
	if !isPlain(n) || isWholeNumber(n.Value) {
		return "", ""
	}
	quote := `quote it: "` + n.Value + `"`
	switch {
	case isDigits(n.Value):
		return "an id with a leading zero needs quotes, or YAML programs drop the zero", quote
	case n.Tag != "!!str":
		return "without quotes, YAML reads this id as " + yamlType(n.Tag), quote
	}
	return "", ""
}

func yamlType(tag string) string {
	switch tag {
	case "!!int", "!!float":
		return "another number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "something else"
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// isWholeNumber reports whether s is digits without a leading zero.
func isWholeNumber(s string) bool { return isDigits(s) && (s[0] != '0' || s == "0") }

// listedID returns an id of one of Kiva's configuration lists: a whole number.
// Zero is none, as Kiva's own samples write it for an absent theme.
func (o *object) listedID(key string) string {
	n := o.scalar(key)
	switch {
	case n == nil || n.Value == "0":
		return ""
	case !isWholeNumber(n.Value):
		o.fault(codeID, n, key, "not an id of Kiva's list: those are whole numbers", "write the number, or the name under "+strings.TrimSuffix(strings.TrimSuffix(key, "_id"), "_type"))
		return ""
	}
	return n.Value
}

// amount returns an amount of money and whether one is there.
func (o *object) amount(key string) (money.Amount, bool) {
	n := o.scalar(key)
	if n == nil {
		return money.Amount{}, false
	}
	a, problem, hint := parseAmount(n.Value)
	if problem != "" {
		o.fault(codeAmount, n, key, problem, hint)
	}
	return a, true
}

// parseAmount reads an amount of at most two decimals, or says what is wrong
// with it and what to write.
func parseAmount(s string) (a money.Amount, problem, hint string) {
	a, err := money.Parse(s)
	switch {
	case err == nil && len(s) > 1 && s[0] == '0' && s[1] != '.':
		return money.Amount{}, "an amount can't begin with a zero", "write " + a.String()
	case err == nil && maybeGrouped(s):
		return money.Amount{}, "three digits after the point: thousands, or decimals?", fmt.Sprintf("write %s, or two decimals", strings.Replace(s, ".", "", 1))
	case err == nil && a.Decimals() > 2, errors.Is(err, money.ErrDecimals):
		return money.Amount{}, "more than two decimals", "round it"
	case errors.Is(err, money.ErrExponent):
		return money.Amount{}, "in exponent notation the last digits are lost", "write all digits; in a spreadsheet, format the column as a number"
	case errors.Is(err, money.ErrRange):
		return money.Amount{}, "too large for an amount", ""
	case err != nil && decimalComma.MatchString(s):
		return commaAmount(s)
	case err != nil:
		return money.Amount{}, "not an amount", amountHint(s)
	}
	return a, "", ""
}

// maybeGrouped reports whether a point may stand between thousands: many write
// 20.000 for twenty thousand, and nobody needs three decimals.
func maybeGrouped(s string) bool {
	whole, decimals, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return len(decimals) == 3 && len(whole) <= 3 && whole[0] != '0'
}

var (
	decimalComma = regexp.MustCompile(`^-?[0-9]{1,3}([. '’\x{A0}\x{202F}][0-9]{3})*,[0-9]{1,2}$|^-?[0-9]+,[0-9]{1,2}$`)
	grouped      = regexp.MustCompile(`^-?[0-9]{1,3}([,_ '’\x{A0}\x{202F}][0-9]{3})+(\.[0-9]+)?$|^-?[0-9]{1,3}(\.[0-9]{3}){2,}$`)
)

// commaAmount says what is wrong with an amount that has a decimal comma, and
// what to write. It isn't read: who mixes both ways of writing must look.
func commaAmount(s string) (a money.Amount, problem, hint string) {
	whole, decimals, _ := strings.Cut(s, ",")
	digits := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, whole)
	right, err := money.Parse(digits + "." + decimals)
	if err != nil {
		return money.Amount{}, "too large for an amount", ""
	}
	return money.Amount{}, s + " has a decimal comma", "write " + right.String()
}

func amountHint(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "write the digits"
	case strings.TrimSpace(s) != s:
		return "remove the spaces around it"
	case grouped.MatchString(s):
		return "write nothing between the thousands"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) || unicode.IsLetter(r) }):
		return "write the number alone, without currency"
	}
	return "write digits, with a point before decimals: 12500.50"
}

// date returns a day, or no date where the key is absent.
func (o *object) date(key string) Date {
	n := o.scalar(key)
	if n == nil {
		return 0
	}
	d, err := ParseDate(n.Value)
	if err != nil {
		o.fault(codeDate, n, key, err.Error(), dateHint(n.Value))
	}
	return d
}

var (
	dayFirst  = regexp.MustCompile(`^[0-9]{1,2}[./ -][0-9]{1,2}[./ -][0-9]{2,4}$`)
	yearFirst = regexp.MustCompile(`^[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}$`)
)

func dateHint(s string) string {
	switch {
	case dayFirst.MatchString(s):
		return "write the year first, then month and day: 2026-12-31"
	case yearFirst.MatchString(s):
		return "write month and day with two digits each, of a day that exists: 2026-02-07"
	case len(s) > len(time.DateOnly) && (s[10] == 'T' || s[10] == ' '):
		return "leave the time out"
	}
	return "for example 2026-12-31"
}

// bool returns true or false, or nil where the key is absent.
func (o *object) bool(key string) *bool {
	n := o.scalar(key)
	if n == nil {
		return nil
	}
	v, ok := parseBool(n)
	if !ok {
		o.fault(codeBool, n, key, "neither true nor false", "write true or false, without quotes")
		return nil
	}
	return &v
}

func parseBool(n *yaml.Node) (v, ok bool) {
	return n.Value == "true", isPlain(n) && (n.Value == "true" || n.Value == "false")
}

// count returns a whole number from 0 on, and whether one is there.
func (o *object) count(key string) (int, bool) {
	n := o.scalar(key)
	if n == nil {
		return 0, false
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || !isWholeNumber(n.Value) {
		o.fault(codeNumber, n, key, "not a whole number", "write digits only")
		return 0, false
	}
	return v, true
}

// duration returns a length of time, or zero where the key is absent.
func (o *object) duration(key string) time.Duration {
	n := o.scalar(key)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d <= 0 {
		o.fault(codeDuration, n, key, "not a length of time", "write for example 90s or 2m")
		return 0
	}
	return d
}
