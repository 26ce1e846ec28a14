package pa2

import (
	"encoding/json"
	"fmt"
	"time"

	"kivaform/kiva/money"
)

// An Amount is an amount that must be a JSON number. Present distinguishes zero
// from absent.
type Amount struct {
	money.Amount
	Present bool
}

// IsZero reports whether the amount is absent.
func (a Amount) IsZero() bool { return !a.Present }

// UnmarshalJSON reads a number.
func (a *Amount) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] != '-' && (data[0] < '0' || data[0] > '9') {
		return fmt.Errorf("an amount must be a number, not %.40s", data)
	}
	a.Present = true
	return a.Amount.UnmarshalJSON(data)
}

// A date is a day as YYYY-MM-DD.
type date string

// UnmarshalJSON accepts a date only.
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
