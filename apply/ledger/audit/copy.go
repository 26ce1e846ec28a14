package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kivaform/apply/ledger"
)

// A Copied says what copying a ledger did, and what it proved.
type Copied struct {
	Objects int `json:"objects"` // of the ledger: each is in both stores, with the same bytes
	Created int `json:"created"` // of them, those that this copy created
	Extra   int `json:"extra"`   // objects that only the store copied to has: it was used already
}

// Errors of [Copy].
var (
	ErrDiffers = errors.New("the two stores hold different objects under one key")
	ErrInUse   = errors.New("the ledger grew while it was copied: end all runs that use it, then copy again")
)

// Copy copies a whole ledger, of all partners and environments, from one store
// to another, and then reads both again and compares. It can be repeated after
// it was stopped. It returns an error that wraps [ErrDiffers] where the other
// store holds another object under one of the keys; nothing is replaced.
//
// The ledger's first object is copied last, and no ledger can be used without
// it, so that nobody takes half a copy for the whole.
func Copy(ctx context.Context, from, to ledger.Store) (Copied, error) {
	keys, err := keysOf(ctx, from)
	if err != nil {
		return Copied{}, err
	}
	if !keys[ledger.HeaderKey] {
		return Copied{}, fmt.Errorf("ledger: copy: %w where it is copied from", ledger.ErrNoLedger)
	}
	there, err := keysOf(ctx, to)
	if err != nil {
		return Copied{}, err
	}
	if there[ledger.HeaderKey] { // before anything is written into another ledger
		if err := same(ctx, from, to, []string{ledger.HeaderKey}); err != nil {
			return Copied{}, err
		}
	}
	missing := slices.Sorted(maps.Keys(keys))
	missing = slices.DeleteFunc(missing, func(key string) bool { return there[key] || key == ledger.HeaderKey })
	if err := transfer(ctx, from, to, missing); err != nil {
		return Copied{}, err
	}
	if !there[ledger.HeaderKey] {
		missing = append(missing, ledger.HeaderKey)
		if err := transfer(ctx, from, to, missing[len(missing)-1:]); err != nil {
			return Copied{}, err
		}
	}
	c := Copied{Objects: len(keys), Created: len(missing)}
	c.Extra, err = prove(ctx, from, to, keys)
	return c, err
}

// transfer creates objects. One that somebody else created meanwhile is
// compared with the others, afterwards.
func transfer(ctx context.Context, from, to ledger.Store, keys []string) error {
	if err := ledger.Preload(ctx, from, keys); err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	for _, err := range ledger.ReadAhead(ctx, keys, func(ctx context.Context, key string) (string, error) {
		data, err := from.Get(ctx, key)
		if err != nil {
			return key, fmt.Errorf("ledger: read %s: %w", key, err)
		}
		if err := to.Create(ctx, key, data); err != nil && !errors.Is(err, ledger.ErrExists) {
			return key, fmt.Errorf("ledger: create %s: %w", key, err)
		}
		return key, nil
	}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// same compares what two stores hold under some keys.
func same(ctx context.Context, from, to ledger.Store, keys []string) error {
	if err := errors.Join(ledger.Preload(ctx, from, keys), ledger.Preload(ctx, to, keys)); err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	for _, err := range ledger.ReadAhead(ctx, keys, func(ctx context.Context, key string) (string, error) {
		a, err := from.Get(ctx, key)
		if err != nil {
			return key, fmt.Errorf("ledger: read %s: %w", key, err)
		}
		b, err := to.Get(ctx, key)
		if err != nil {
			return key, fmt.Errorf("ledger: read %s of the copy: %w", key, err)
		}
		if !bytes.Equal(a, b) {
			return key, fmt.Errorf("ledger: %s: %w", key, ErrDiffers)
		}
		return key, nil
	}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// prove lists and reads both stores again. It returns how many objects only the
// copy has.
func prove(ctx context.Context, from, to ledger.Store, copied map[string]bool) (extra int, err error) {
	now, err := keysOf(ctx, from)
	if err != nil {
		return 0, err
	}
	if !maps.Equal(now, copied) {
		return 0, fmt.Errorf("ledger: copy: %w", ErrInUse)
	}
	there, err := keysOf(ctx, to)
	if err != nil {
		return 0, err
	}
	for key := range now {
		if !there[key] {
			return 0, fmt.Errorf("ledger: copy: %s is missing in the copy", key)
		}
	}
	return len(there) - len(now), same(ctx, from, to, slices.Sorted(maps.Keys(now)))
}

// keysOf returns the keys of a ledger, without what is said of its store.
func keysOf(ctx context.Context, store ledger.Store) (map[string]bool, error) {
	keys, err := ledger.Keys(ctx, store)
	maps.DeleteFunc(keys, func(key string, _ bool) bool {
		_, ofStore := ledger.IsAboutLedger(key)
		return ofStore
	})
	return keys, err
}
