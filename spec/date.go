package spec

import (
	"errors"
	"time"
)

// A Date is a day, in days since 1970-01-01. The zero value is no date.
type Date int32

const day = 24 * time.Hour

// ErrDate is the error of [ParseDate].
var ErrDate = errors.New("not a date as YYYY-MM-DD")

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1971 {
		return 0, ErrDate
	}
	return Date(t.Unix() / int64(day/time.Second)), nil
}

// DateOf returns the day of t in t's own time zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / int64(day/time.Second))
}

// String returns YYYY-MM-DD, or "" for no date.
func (d Date) String() string { return string(d.Append(nil)) }

// Append appends YYYY-MM-DD, or nothing for no date.
func (d Date) Append(b []byte) []byte {
	if d == 0 {
		return b
	}
	year, month, of := time.Unix(int64(d)*int64(day/time.Second), 0).UTC().Date()
	for unit := 1000; unit > 0; unit /= 10 {
		b = append(b, byte('0'+year/unit%10))
	}
	return append(b, '-', byte('0'+month/10), byte('0'+month%10), '-', byte('0'+of/10), byte('0'+of%10))
}
