package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kivaform/plan"
)

// What is said of a ledger as a whole after its first object was created stands in
// objects of their own, numbered so that the last counts: that its key was changed,
// and of one store that the ledger moved away from it or is in use there again. The
// latter are the store's own, and no copy has them.
const (
	rekeyFolder = "kivaform-keys/"
	placeFolder = "kivaform-place/"

	RekeyObject = "rekey"
	PlaceObject = "place"
)

// A Rekey says that digests are made with another key from then on.
type Rekey struct {
	Version int       `json:"version"`
	Object  string    `json:"object"` // "rekey"
	Number  int       `json:"number"`
	Check   string    `json:"check"` // a digest by the new key
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
	Reason  string    `json:"reason,omitempty"`
}

// A Place says whether a ledger is in use in a store.
type Place struct {
	Version int       `json:"version"`
	Object  string    `json:"object"`       // "place"
	To      string    `json:"to,omitempty"` // where it moved; "" where it is in use again
	At      time.Time `json:"at"`
	Reason  string    `json:"reason,omitempty"`
}

// IsAboutLedger reports whether a key is that of an object about the ledger as a
// whole, and whether that is of its store alone.
func IsAboutLedger(key string) (is, ofStore bool) {
	ofStore = strings.HasPrefix(key, placeFolder)
	return ofStore || strings.HasPrefix(key, rekeyFolder), ofStore
}

func checkOf(d plan.Digester) string { return d.Fingerprint(checkAddress, nil) }

// lastOf reads the last object of a folder. Its number is 0 where there is none.
func lastOf(ctx context.Context, store Store, folder string, into any, object string, is *string) (number int, err error) {
	for key, err := range store.List(ctx, folder) {
		if err != nil {
			return 0, fmt.Errorf("ledger: list: %w", err)
		}
		digits := strings.TrimSuffix(strings.TrimPrefix(key, folder), Suffix)
		if n, err := strconv.Atoi(digits); err == nil {
			number = max(number, n)
		} else if MayBeObject(key) {
			return 0, fmt.Errorf("ledger: %w", &NamesError{[]string{key}})
		}
	}
	if number == 0 {
		return 0, nil
	}
	key := numberedKey(folder, number)
	data, err := store.Get(ctx, key)
	if err != nil {
		return 0, Unread(key, err)
	}
	return number, Decode(key, data, into, object, is)
}

func numberedKey(folder string, number int) string { return folder + strconv.Itoa(number) + Suffix }

func createNumbered(ctx context.Context, store Store, folder string, number int, v any) error {
	data, err := Encode(v)
	if err != nil {
		return err
	}
	if err := store.Create(ctx, numberedKey(folder, number), data); err != nil {
		return fmt.Errorf("ledger: create %s: %w", numberedKey(folder, number), err)
	}
	return nil
}

// rekeyedDigester returns the digester of the given key, if that is the one that the
// ledger's key was changed to last.
func (l *Ledger) rekeyedDigester(ctx context.Context) (plan.Digester, error) {
	var r Rekey
	number, err := lastOf(ctx, l.store, rekeyFolder, &r, RekeyObject, &r.Object)
	if err != nil {
		return plan.Digester{}, err
	}
	d := plan.NewDigester(l.given)
	if number == 0 || len(l.given) == 0 || r.Check != checkOf(d) {
		return plan.Digester{}, fmt.Errorf("ledger: %w", ErrKey)
	}
	l.rekeyed = number
	return d.Rekeyed(number), nil
}

// checkKey refuses a key that another one took the place of.
func (l *Ledger) checkKey(ctx context.Context) error {
	var r Rekey
	number, err := lastOf(ctx, l.store, rekeyFolder, &r, RekeyObject, &r.Object)
	if err == nil && number != l.rekeyed {
		err = fmt.Errorf("ledger: its key was changed on %s: %w", r.At.Format(time.DateOnly), ErrKey)
	}
	return err
}

// ErrSameKey says that a ledger has the key that it should get.
var ErrSameKey = errors.New("the ledger has this key already")

// RekeyStore records that a ledger's digests are made with another key from now on.
// What was recorded before can't be compared with the files any more, and counts as
// unchanged; nothing of it is sent again.
func RekeyStore(ctx context.Context, store Store, key []byte, run, reason string) error {
	l := New(store, Scope{}, Options{Key: key})
	switch err := l.readHeader(ctx); {
	case err == nil && !l.keyed:
		return fmt.Errorf("ledger: %w", ErrNoLedger)
	case err == nil && l.checkKey(ctx) == nil:
		return fmt.Errorf("ledger: %w", ErrSameKey)
	case err != nil && !errors.Is(err, ErrKey):
		return err
	}
	var r Rekey
	number, err := lastOf(ctx, store, rekeyFolder, &r, RekeyObject, &r.Object)
	if err != nil {
		return err
	}
	return createNumbered(ctx, store, rekeyFolder, number+1, Rekey{
		Version: Version, Object: RekeyObject, Number: number + 1, Check: checkOf(plan.NewDigester(key)), At: time.Now().UTC().Truncate(time.Second), Run: run, Reason: reason,
	})
}

// A MovedError says that a ledger was copied to another place, to be used there.
type MovedError struct {
	To string
	At time.Time
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("the ledger moved to %s on %s: what is sent by this copy the other one doesn't know, nor this one what is sent there", e.To, e.At.Format(time.DateOnly))
}

// Hint returns the remedy.
func (e *MovedError) Hint() string {
	return "write ledger: " + e.To + " into kiva.yaml; only if this copy is the one to go on with: kivaform ledger accept --reason \"...\""
}

// CheckPlace refuses a store that the ledger moved away from.
func CheckPlace(ctx context.Context, store Store) error {
	var p Place
	number, err := lastOf(ctx, store, placeFolder, &p, PlaceObject, &p.Object)
	if err != nil || number == 0 || p.To == "" {
		return err
	}
	return fmt.Errorf("ledger: %w", &MovedError{p.To, p.At})
}

// SetPlace records in a store that the ledger moved to another place, or with "" that
// it is in use here. It records nothing that the store knows.
func SetPlace(ctx context.Context, store Store, to, reason string) error {
	var p Place
	number, err := lastOf(ctx, store, placeFolder, &p, PlaceObject, &p.Object)
	if err != nil || p.To == to {
		return err
	}
	return createNumbered(ctx, store, placeFolder, number+1, Place{Version: Version, Object: PlaceObject, To: to, At: time.Now().UTC().Truncate(time.Second), Reason: reason})
}
