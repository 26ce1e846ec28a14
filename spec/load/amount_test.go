package load

import "testing"

// An amount with a decimal comma isn't read; it is quoted, and beside it stands
// what to write.
func TestDecimalCommas(t *testing.T) {
	for s, want := range map[string]string{
		"43750,50":                "43750,50 has a decimal comma; write 43750.50",
		"43750,5":                 "43750,5 has a decimal comma; write 43750.50",
		"20.000,00":               "20.000,00 has a decimal comma; write 20000",
		"0,50":                    "0,50 has a decimal comma; write 0.50",
		"007,5":                   "007,5 has a decimal comma; write 7.50",
		"-1.234.567,05":           "-1.234.567,05 has a decimal comma; write -1234567.05",
		"1 234,50":                "1 234,50 has a decimal comma; write 1234.50",
		"1\u00A0234,50":           "1\u00A0234,50 has a decimal comma; write 1234.50",
		"1\u202F234,50":           "1\u202F234,50 has a decimal comma; write 1234.50",
		"1’234,50":                "1’234,50 has a decimal comma; write 1234.50",
		"99999999999999999999,50": "too large for an amount; ",
		"1\u202F234":              "not an amount; write nothing between the thousands",
		"1,234":                   "not an amount; write nothing between the thousands",
		"1,234.50":                "not an amount; write nothing between the thousands",
		"1.23,50":                 "not an amount; write digits, with a point before decimals: 12500.50",
		"12,":                     "not an amount; write digits, with a point before decimals: 12500.50",
		" 12,5":                   "not an amount; remove the spaces around it",
	} {
		a, problem, hint := parseAmount(s)
		if got := problem + "; " + hint; got != want || !a.IsZero() {
			t.Errorf("%q is read as %s: %s", s, a, got)
		}
	}
}
