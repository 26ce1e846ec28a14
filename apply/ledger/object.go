package ledger

import (
	"encoding/json"
	"fmt"

	"kivaform/apply/ledger/history"
	"kivaform/plan"
)

// What a ledger records. Package history says what follows from it.
type (
	Intent     = history.Intent
	Item       = history.Item
	Row        = history.Row
	Result     = history.Result
	Receipt    = history.Receipt
	Problem    = history.Problem
	Resolution = history.Resolution
	Done       = history.Done
	Attempt    = history.Attempt
)

// Address names an item or a stream of attempts.
type Address = plan.Address

// Version is that of every object.
const Version = 1

// Encode returns an object as it is stored.
func Encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("ledger: encode: %w", err)
	}
	return append(data, '\n'), nil
}

// Decode reads an object of a kind. The kind that it says of itself must be the
// one that is asked for; seen points to it.
func Decode(key string, data []byte, into any, object string, seen *string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return broken(key, data, err)
	}
	if *seen != object {
		return fmt.Errorf("ledger: %s is %q, not an %s", key, *seen, object)
	}
	return nil
}
