package money

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in, want, people string
		err              error
	}{
		{in: "0", want: "0", people: "0"},
		{in: "50000", want: "50000", people: "50,000"},
		{in: "50000.00", want: "50000", people: "50,000"},
		{in: "12500.5", want: "12500.50", people: "12,500.50"},
		{in: "1234567.05", want: "1234567.05", people: "1,234,567.05"},
		{in: "0.1250", want: "0.125", people: "0.125"},
		{in: "-12.30", want: "-12.30", people: "-12.30"},
		{in: "007", want: "7", people: "7"},
		{in: "0.00000", want: "0", people: "0"},
		{in: "999999999999.9999", want: "999999999999.9999", people: "999,999,999,999.9999"},
		{in: "1000000000000", err: ErrRange},
		{in: "99999999999999999999999999", err: ErrRange},
		{in: "1.23456", err: ErrDecimals},
		{in: "1.04E+06", err: ErrExponent},
		{in: "1e3", err: ErrExponent},
		{in: "", err: ErrSyntax},
		{in: "-", err: ErrSyntax},
		{in: ".5", err: ErrSyntax},
		{in: "5.", err: ErrSyntax},
		{in: "1,000", err: ErrSyntax},
		{in: "1 000", err: ErrSyntax},
		{in: "+1", err: ErrSyntax},
		{in: "--1", err: ErrSyntax},
		{in: "1.2.3", err: ErrSyntax},
		{in: "e5", err: ErrSyntax},
		{in: "0x10", err: ErrSyntax},
		{in: "٣", err: ErrSyntax},
		{in: "NaN", err: ErrSyntax},
	} {
		a, err := Parse(tt.in)
		if !errors.Is(err, tt.err) {
			t.Errorf("Parse(%q): error %v, want %v", tt.in, err, tt.err)
			continue
		}
		if err == nil && (a.String() != tt.want || a.Format() != tt.people) {
			t.Errorf("Parse(%q) = %s and %s, want %s and %s", tt.in, a, a.Format(), tt.want, tt.people)
		}
	}
}

func TestUnmarshalJSON(t *testing.T) {
	for in, want := range map[string]string{
		`425.00`: "425", `"425.00"`: "425", `null`: "0", `""`: "0",
		`1.0E7`: "10000000", `"1.5e2"`: "150", `125e-2`: "1.25", `0e99`: "0",
	} {
		var a Amount
		if err := json.Unmarshal([]byte(in), &a); err != nil || a.String() != want {
			t.Errorf("%s: %s, %v; want %s", in, a, err, want)
		}
	}
	for _, in := range []string{`"abc"`, `1e99`, `1e-9`, `{}`, `true`} {
		var a Amount
		if err := json.Unmarshal([]byte(in), &a); err == nil {
			t.Errorf("%s: read as %s", in, a)
		}
	}
}

func TestArithmetic(t *testing.T) {
	a, b := MustParse("10.50"), MustParse("0.75")
	if sum, ok := a.Add(b); !ok || sum != MustParse("11.25") {
		t.Errorf("sum %s %v", sum, ok)
	}
	if d, ok := b.Sub(a); !ok || d != MustParse("-9.75") || d.Sign() != -1 {
		t.Errorf("difference %s %v", d, ok)
	}
	big := Amount{1<<63 - 1}
	if _, ok := big.Add(Amount{1}); ok {
		t.Error("an overflow went unnoticed")
	}
	if _, ok := (Amount{-(1<<63 - 1)}).Sub(Amount{2}); ok {
		t.Error("an underflow went unnoticed")
	}
	if a.Decimals() != 1 || b.Decimals() != 2 || FromInt(7).Decimals() != 0 || (Amount{}).Decimals() != 0 {
		t.Error("decimals")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-0.01", "12500.5", "1e3", "999999999999.9999", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		if b, err := Parse(a.String()); err != nil || b != a {
			t.Fatalf("%q reads as %s, which reads as %s (%v)", s, a, b, err)
		}
		var c Amount
		data, _ := json.Marshal(a)
		if err := json.Unmarshal(data, &c); err != nil || c != a {
			t.Fatalf("%q: JSON %s reads as %s (%v)", s, data, c, err)
		}
	})
}
