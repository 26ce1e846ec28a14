package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"kivaform/kiva/hint"
)

// Errors of objects that can't be read as they are.
var (
	errConflict = hint.With(errors.New("has git's conflict markers: two copies of the ledger each recorded something under this name, and both were sent, so neither side may be thrown away"),
		"kivaform ledger merge brings both together, and its --help says how")
	ErrApart = hint.With(errors.New("two ledgers were begun apart, each with a key of its own, and nothing can bring them together"),
		"go on with one of them, whole with its own "+HeaderKey+"; then record what the other one sent: kivaform adopt for the loans that Kiva lists, kivaform adopt ADDRESS --reason \"...\" for unpublished drafts, journals and rows")
)

const restoreHint = "kivaform ledger verify finds everything that is broken or missing; restore it from git or a backup"

// broken describes the damage of an object that can't be understood.
func broken(key string, data []byte, err error) error {
	switch {
	case HasMarkers(data) && key == HeaderKey:
		return fmt.Errorf("ledger: %s has git's conflict markers: %w", key, ErrApart)
	case HasMarkers(data):
		return fmt.Errorf("ledger: %s %w", key, errConflict)
	}
	return hint.With(fmt.Errorf("ledger: %s is broken: %w", key, err), restoreHint)
}

// HasMarkers reports whether git left both sides of a conflict in an object.
func HasMarkers(data []byte) bool {
	return bytes.HasPrefix(data, []byte("<<<<<<< ")) || bytes.Contains(data, []byte("\n<<<<<<< "))
}

// Unread says why an object that must be there can't be read.
func Unread(key string, err error) error {
	if errors.Is(err, ErrNotExist) {
		return hint.With(fmt.Errorf("ledger: read %s: %w", key, err), restoreHint)
	}
	return fmt.Errorf("ledger: read %s: %w", key, err)
}
