package spec

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"kivaform/kiva/money"
)

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
