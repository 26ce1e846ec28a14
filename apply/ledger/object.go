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

const version = 1 // of every object

func encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("ledger: encode: %w", err)
	}
	return append(data, '\n'), nil
}

func decode(key string, data []byte, into any, object string, seen *string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return broken(key, data, err)
	}
	if *seen != object {
		return fmt.Errorf("ledger: %s is %q, not an %s", key, *seen, object)
	}
	return nil
}
