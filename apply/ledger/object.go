package ledger

import (
	"encoding/json"
	"errors"
	"fmt"

	"kivaform/apply/ledger/history"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

// What a ledger records. Package history says what follows from it.
type (
	Intent     = history.Intent
	Extent     = history.Extent
	Item       = history.Item
	Row        = history.Row
	Result     = history.Result
	Receipt    = history.Receipt
	Problem    = history.Problem
	Exchange   = history.Exchange
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
// one that is asked for; seen points to it. An object of another version is
// refused before the rest of it is looked at.
func Decode(key string, data []byte, into any, object string, seen *string) error {
	if err := CheckVersion(key, data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return broken(key, data, err)
	}
	if *seen != object {
		return fmt.Errorf("ledger: %s is %q, not an %s", key, *seen, object)
	}
	return nil
}

// ErrVersion says that an object has a version that this program doesn't know.
var ErrVersion = errors.New("this kivaform doesn't know that version")

// CheckVersion refuses an object of a version that this program doesn't know:
// what it says may mean something else. An object that can't be read at all is
// left to its reader.
func CheckVersion(key string, data []byte) error {
	var is struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &is); err != nil || is.Version == Version {
		return nil
	}
	return hint.With(fmt.Errorf("ledger: %s has version %d, and %w", key, is.Version, ErrVersion),
		"use the newer kivaform that wrote it; if there is none, restore it from git or a backup")
}
