// Package ledger remembers each submission: what was about to be sent, before
// it was sent, and how it ended.
//
// A ledger is a set of small objects, each created once and never changed.
// Everything follows from creating exactly once: two programs that want the
// same attempt collide on one key and one of them wins, so there is no lock to
// get stuck. What isn't recorded as ended is unknown, and only a person decides
// what becomes of it.
//
// Ids, amounts and dates are held in clear. Names, texts and photos are held as
// keyed digests, which tell whether a field changed and nothing else.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"

	"kivaform/kiva/hint"
)

// Errors that every [Store] returns.
var (
	ErrExists   = errors.New("the object exists already")
	ErrNotExist = errors.New("no such object")
)

// MaxObject is the most bytes that a [Store] reads of one object. The largest
// that kivaform writes are far smaller.
const MaxObject = 64 << 20

// TooLarge returns the error for an object of more than [MaxObject] bytes, which
// kivaform can't have written.
func TooLarge(object string) error {
	return hint.With(fmt.Errorf("%s has more than %d MiB, so kivaform has not written it", object, MaxObject>>20),
		"find out who put it into the ledger, and remove it there")
}

// A Store keeps objects under keys: slash-separated, of letters, digits and
// the characters "-_.~%". It never changes or removes one. It is safe for use
// by several goroutines.
type Store interface {
	// Create stores a new object whole or not at all. It returns an error that
	// wraps ErrExists where the key is taken. After nil the object is there
	// for good, even if the machine stops.
	Create(ctx context.Context, key string, data []byte) error
	// Get returns an object. It returns an error that wraps ErrNotExist where
	// there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	// List returns the keys that begin with prefix, in any order.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
}

// A Preloader is a store that brings many objects near at once, where reading
// each by itself would cost a request. What isn't there is left out.
type Preloader interface {
	Preload(ctx context.Context, keys []string) error
}

// A Versioner is a store that tells what is under a key now from what was there
// before: in another copy of the ledger, or until an older state of it was
// restored and used on.
type Versioner interface {
	Store
	// Versions returns a text for each key: the version of what is under it, as
	// it is now or was when the key was last listed. Other bytes under the same
	// key always have another version. A key is left out where the store can't
	// tell.
	Versions(ctx context.Context, keys []string) (map[string]string, error)
}

// ValidKey reports whether a text can be a key: a clean relative path of
// elements that don't begin with a dot, of the characters that keys have.
func ValidKey(key string) bool {
	return fs.ValidPath(key) && key[0] != '.' && !strings.Contains(key, "/.") && hasKeyCharacters(key)
}

// hasKeyCharacters reports whether a text has the characters of keys only.
func hasKeyCharacters(key string) bool {
	for _, c := range []byte(key) {
		if isSpecial(rune(c)) && c != '~' && c != '%' && c != '/' {
			return false
		}
	}
	return true
}

// ErrNoLedger says that a store holds no ledger.
var ErrNoLedger = errors.New("there is no ledger")

// Keys returns the keys of a store's objects.
func Keys(ctx context.Context, store Store) (map[string]bool, error) {
	keys := make(map[string]bool)
	for key, err := range store.List(ctx, "") {
		if err != nil {
			return nil, fmt.Errorf("ledger: list: %w", err)
		}
		if ValidKey(key) {
			keys[key] = true
		}
	}
	return keys, nil
}
