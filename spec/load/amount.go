package load

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kivaform/kiva/money"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// readAmount returns an amount of money, and whether the key has a value.
func readAmount(o *yamldoc.Object, key string) (money.Amount, bool) {
	n := o.Scalar(key)
	if n == nil {
		return money.Amount{}, false
	}
	a, problem, hint := parseAmount(n.Value)
	if problem != "" {
		o.Fault(code.Amount, n, key, problem, hint)
	}
	return a, true
}

// parseAmount parses an amount of at most two decimals, or returns the problem
// and a hint.
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

// maybeGrouped reports whether the point may group thousands, as in 20.000 for
// twenty thousand.
func maybeGrouped(s string) bool {
	whole, decimals, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return len(decimals) == 3 && len(whole) <= 3 && whole[0] != '0'
}

var (
	decimalComma = regexp.MustCompile(`^-?[0-9]{1,3}([. '’\x{A0}\x{202F}][0-9]{3})*,[0-9]{1,2}$|^-?[0-9]+,[0-9]{1,2}$`)
	grouped      = regexp.MustCompile(`^-?[0-9]{1,3}([,_ '’\x{A0}\x{202F}][0-9]{3})+(\.[0-9]+)?$|^-?[0-9]{1,3}(\.[0-9]{3}){2,}$`)
)

// commaAmount returns the problem and the hint for a decimal comma. The amount
// isn't accepted: a file may mix both ways of writing.
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

// cellAmount parses the amount of a CSV cell.
func cellAmount(cell string) (a money.Amount, problem, hint string) {
	a, problem, hint = parseAmount(cell)
	if problem == "" && a.Sign() < 0 {
		return a, "a repayment can't be below zero", ""
	}
	return a, problem, hint
}

// cellID returns the problem of an id in a CSV cell, or "", and a hint.
func cellID(cell string) (c code.Code, problem, hint string) {
	switch {
	case cell == "":
		return code.CSVDamage, "is missing", ""
	case strings.TrimSpace(cell) != cell:
		return code.CSVDamage, "an id can't begin or end with a space", "remove the space"
	case isExponent(cell):
		return code.CSVDamage, "a spreadsheet has changed this id", "format the column as text and export it again"
	}
	if i := strings.IndexFunc(cell, unicode.IsControl); i >= 0 {
		c, _ := utf8.DecodeRuneInString(cell[i:])
		return code.CSVDamage, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it"
	}
	problem, hint = formProblem(cell)
	return code.IDForm, problem, hint
}

// isExponent reports whether a cell is a long number in a spreadsheet's
// notation, such as 1.04E+06.
func isExponent(cell string) bool {
	mantissa, exponent, ok := strings.Cut(cell, "E+")
	return ok && yamldoc.IsDigits(exponent) && yamldoc.IsDigits(strings.Replace(strings.Replace(mantissa, ".", "", 1), ",", "", 1))
}
