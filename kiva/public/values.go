package public

import (
	"encoding/json"
	"strings"
	"time"

	"kivaform/kiva/money"
)

// A Day is a calendar day as YYYY-MM-DD, empty if unknown.
//
// The API writes a day as a moment: midnight on the Pacific coast, which is
// 07:00 or 08:00 UTC. The day is the one in the text; converting the moment to
// another time zone first would give the day before.
type Day string

// UnmarshalJSON takes the day from a date or a moment.
func (d *Day) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil || len(s) < len(time.DateOnly) {
		*d = ""
		return nil
	}
	s = s[:len(time.DateOnly)]
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		s = ""
	}
	*d = Day(s)
	return nil
}

// A Moment is a point in time, zero if unknown.
type Moment struct{ time.Time }

// UnmarshalJSON parses a moment; anything else is zero.
func (m *Moment) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return nil
	}
	m.Time, _ = time.Parse(time.RFC3339, s)
	return nil
}

// MarshalJSON writes null for an unknown moment.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(m.UTC())
}

// Money is an exact amount, or unknown.
type Money struct {
	money.Amount
	Known bool
}

// UnmarshalJSON parses a number or a string of one; anything else is unknown,
// also an amount of more than four decimals.
func (m *Money) UnmarshalJSON(data []byte) error {
	*m = Money{}
	if string(data) != "null" && m.Amount.UnmarshalJSON(data) == nil {
		m.Known = true
	}
	return nil
}

// MarshalJSON writes a number, or null.
func (m Money) MarshalJSON() ([]byte, error) {
	if !m.Known {
		return []byte("null"), nil
	}
	return m.Amount.MarshalJSON()
}

// A Text is a JSON string, or a number as written: ids come as numbers.
type Text string

// UnmarshalJSON accepts a string or a number; anything else is empty.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	switch c := data[0]; {
	case c == '"' && json.Unmarshal(data, &s) == nil:
		*t = Text(s)
	case c == '-' || '0' <= c && c <= '9':
		*t = Text(data)
	}
	return nil
}

// A Truth is a boolean, which Kiva also writes as 1.
type Truth bool

// UnmarshalJSON reads true and 1; anything else is false.
func (b *Truth) UnmarshalJSON(data []byte) error {
	*b = strings.Trim(string(data), `"`) == "true" || strings.Trim(string(data), `"`) == "1"
	return nil
}
