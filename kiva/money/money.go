// Package money holds exact amounts of money and their text forms.
//
// An [Amount] has no currency: on the way to Kiva the currency is a field of
// its own. No float is ever on the way of an amount.
package money

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An Amount is an exact amount with at most four decimals. The zero value is
// zero. Amounts compare with ==; 50000 and 50000.00 are the same amount.
type Amount struct{ units int64 }

const (
	maxDecimals = 4
	scale       = 10_000
	maxUnits    = 1_000_000_000_000 * scale // Parse refuses amounts of a million millions and more
)

// Errors of [Parse].
var (
	ErrSyntax   = errors.New("not an amount: digits with at most one decimal point are")
	ErrExponent = errors.New("an amount in exponent notation has lost its digits")
	ErrDecimals = errors.New("more than four decimals")
	ErrRange    = errors.New("beyond what an amount may be (1,000,000,000,000)")
)

// Parse reads an amount as people and programs write it exactly: an optional
// minus, digits, and optionally a point and up to four decimals. It refuses
// exponents, grouping, decimal commas, spaces and a leading plus, so that a
// spreadsheet's damage is noticed and not guessed at.
func Parse(s string) (Amount, error) {
	return parse(s, false)
}

// MustParse is [Parse] for amounts in code. It panics where Parse fails.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(fmt.Sprintf("money: %q: %v", s, err))
	}
	return a
}

// FromInt returns n whole units of a currency.
func FromInt(n int64) Amount { return Amount{n * scale} }

// FromUnits returns n ten-thousandths of a currency's unit.
func FromUnits(n int64) Amount { return Amount{n} }

// Units returns the amount in ten-thousandths of a currency's unit.
func (a Amount) Units() int64 { return a.units }

func parse(s string, exponent bool) (Amount, error) {
	rest, negative := strings.CutPrefix(s, "-")
	mantissa, exp := rest, 0
	if i := strings.IndexAny(rest, "eE"); i > 0 && plausibleExponent(rest[:i], rest[i+1:]) {
		if !exponent {
			return Amount{}, ErrExponent
		}
		var ok bool
		if exp, ok = smallInt(rest[i+1:]); !ok {
			return Amount{}, ErrRange
		}
		mantissa = rest[:i]
	}
	whole, decimals, point := strings.Cut(mantissa, ".")
	if whole == "" || (point && decimals == "") || !digits(whole) || !digits(decimals) {
		return Amount{}, ErrSyntax
	}
	units, err := toUnits(whole+decimals, maxDecimals+exp-len(decimals))
	if err != nil {
		return Amount{}, err
	}
	if negative {
		units = -units
	}
	return Amount{units}, nil
}

// toUnits shifts a number written in digits by places decimal places.
func toUnits(number string, places int) (int64, error) {
	number = strings.TrimLeft(number, "0")
	if number == "" {
		return 0, nil
	}
	for ; places < 0; places++ {
		last := len(number) - 1
		if number == "" || number[last] != '0' {
			return 0, ErrDecimals
		}
		number = number[:last]
	}
	if len(number)+places > 17 {
		return 0, ErrRange
	}
	var units int64
	for _, c := range []byte(number) {
		units = units*10 + int64(c-'0')
	}
	for ; places > 0; places-- {
		units *= 10
	}
	if units >= maxUnits {
		return 0, ErrRange
	}
	return units, nil
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func plausibleExponent(mantissa, exp string) bool {
	exp = strings.TrimLeft(exp, "+-")
	return exp != "" && digits(exp) && digits(strings.Replace(mantissa, ".", "", 1))
}

// smallInt reads an exponent; one of more than two digits is out of range.
func smallInt(s string) (n int, ok bool) {
	s = strings.TrimPrefix(s, "+")
	rest, negative := strings.CutPrefix(s, "-")
	rest = strings.TrimLeft(rest, "0")
	if len(rest) > 2 || !digits(rest) {
		return 0, false
	}
	for _, c := range []byte(rest) {
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// String returns the canonical text: no decimals for a whole amount, else at
// least two ("50000", "12500.50", "0.125"). [Parse] reads it back.
func (a Amount) String() string {
	var b [maxText]byte
	return string(a.append(b[:0], false))
}

const maxText = 32 // bytes of the longest text

// Append appends the canonical text to b.
func (a Amount) Append(b []byte) []byte { return a.append(b, false) }

// Format returns the amount for people, with thousands grouped by commas and
// two decimals where it isn't whole: "1,234,567.50".
func (a Amount) Format() string {
	var b [maxText]byte
	return string(a.append(b[:0], true))
}

func (a Amount) append(b []byte, grouped bool) []byte {
	u := uint64(a.units)
	if a.units < 0 {
		b = append(b, '-')
		u = -u
	}
	var digits [20]byte
	whole := strconv.AppendUint(digits[:0], u/scale, 10)
	for i, c := range whole {
		if grouped && i > 0 && (len(whole)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, c)
	}
	if u%scale == 0 {
		return b
	}
	b = append(b, '.')
	for n, rest, unit := 0, u%scale, uint64(scale/10); n < 2 || rest > 0; n++ {
		b = append(b, byte('0'+rest/unit))
		rest, unit = rest%unit, unit/10
	}
	return b
}

// Decimals returns how many decimals the amount needs, 0 to 4.
func (a Amount) Decimals() int {
	n := maxDecimals
	for u := a.units; n > 0 && u%10 == 0; u /= 10 {
		n--
	}
	return n
}

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int { return a.Cmp(Amount{}) }

// IsZero reports whether the amount is zero.
func (a Amount) IsZero() bool { return a.units == 0 }

// Cmp returns -1, 0 or 1 as a is below, equal to or above b.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.units < b.units:
		return -1
	case a.units > b.units:
		return 1
	}
	return 0
}

// Equal reports whether a and b are the same amount.
func (a Amount) Equal(b Amount) bool { return a == b }

// Add returns a+b. It reports false where the sum is beyond ±922 million
// millions, which an Amount can't hold.
func (a Amount) Add(b Amount) (sum Amount, ok bool) {
	s := a.units + b.units
	if (s > a.units) != (b.units > 0) && b.units != 0 {
		return Amount{}, false
	}
	return Amount{s}, true
}

// Sub returns a-b, with the bounds of [Amount.Add].
func (a Amount) Sub(b Amount) (difference Amount, ok bool) {
	d := a.units - b.units
	if (d < a.units) != (b.units > 0) && b.units != 0 {
		return Amount{}, false
	}
	return Amount{d}, true
}

// MarshalJSON writes a JSON number without exponent.
func (a Amount) MarshalJSON() ([]byte, error) { return a.append(nil, false), nil }

// UnmarshalJSON reads a JSON number or a string that holds one, and null as
// zero. Unlike [Parse] it takes exponents, because servers print whole
// floating-point numbers so (1.0E7).
func (a *Amount) UnmarshalJSON(b []byte) error {
	s := string(bytes.Trim(b, `"`))
	if s == "null" || s == "" {
		*a = Amount{}
		return nil
	}
	v, err := parse(strings.TrimSpace(s), true)
	if err != nil {
		return fmt.Errorf("money: %w", err)
	}
	*a = v
	return nil
}

// MarshalText writes the canonical text.
func (a Amount) MarshalText() ([]byte, error) { return a.append(nil, false), nil }

// UnmarshalText reads what [Parse] reads.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err != nil {
		return fmt.Errorf("money: %w", err)
	}
	*a = v
	return nil
}
