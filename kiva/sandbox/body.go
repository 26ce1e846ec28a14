package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"kivaform/kiva/money"
)

// decodeBody reads a body of JSON in UTF-8 that begins with the byte first,
// '{' or '['. Unknown fields are passed over, as Kiva passes them over.
func decodeBody(body []byte, first byte, v any) error {
	if !utf8.Valid(body) {
		return errors.New("the body isn't UTF-8")
	}
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 || start[0] != first {
		return fmt.Errorf("the body must be JSON that begins with %c", first)
	}
	err := json.Unmarshal(body, v)
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return fmt.Errorf("%s: a %s can't stand here", wrong.Field, wrong.Value)
	}
	if err != nil {
		return fmt.Errorf("the body can't be read: %w", err)
	}
	return nil
}

// An amount is an amount that must come as a JSON number. Present tells a zero
// from nothing.
type amount struct {
	money.Amount
	present bool
}

// IsZero reports whether there was no amount.
func (a amount) IsZero() bool { return !a.present }

// UnmarshalJSON reads a number.
func (a *amount) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] != '-' && (data[0] < '0' || data[0] > '9') {
		return fmt.Errorf("an amount must be a number, not %.40s", data)
	}
	a.present = true
	return a.Amount.UnmarshalJSON(data)
}

// A date is a day as YYYY-MM-DD.
type date string

// UnmarshalJSON reads a date, and nothing else that a string may hold.
func (d *date) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("a date must be text as YYYY-MM-DD, not %.40s", data)
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil && s != "" {
		return fmt.Errorf("a date must be YYYY-MM-DD, not %.40q", s)
	}
	*d = date(s)
	return nil
}
