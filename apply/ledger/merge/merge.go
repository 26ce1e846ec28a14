// Package merge brings two copies of one ledger together that each recorded what
// the other one doesn't know.
package merge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/kiva/hint"
)

// A Result says what merging another copy of a ledger brought.
type Result struct {
	Attempts int              // of the other copy that weren't here
	Objects  int              // created
	Moved    []Moved          // attempts that have another number here than there, also from earlier mergers
	Twice    []history.Double // what was sent twice, once by each copy, or may have been
}

// A Moved is an attempt that has another number here than in the other copy.
type Moved struct {
	ledger.Scope
	Stream   ledger.Address
	From, To int
}

// ErrInUse says that somebody used a ledger while another copy was merged.
var ErrInUse = errors.New("one of the ledgers grew while they were merged: end all runs that use them, then merge again")

// Copies adds to one copy of a ledger what another copy knows, of all partners
// and environments. It replaces and removes nothing, and adds nothing twice. An
// attempt whose number is taken here gets the next one of its stream, and says
// which it had. It can be repeated after it was stopped: all intents are stored
// before any outcome, so that nothing that was sent there ever looks unsent here.
//
// Both must be copies of one ledger, with one key, and whole.
func Copies(ctx context.Context, from, to ledger.Store) (*Result, error) {
	m, err := compare(ctx, from, to)
	if err != nil {
		return nil, err
	}
	if err := m.store(ctx); err != nil {
		return nil, err
	}
	left, err := compare(ctx, from, to)
	switch {
	case err != nil:
		return nil, err
	case left.objects() > 0:
		return nil, fmt.Errorf("ledger: merge: %w", ErrInUse)
	}
	return &Result{Attempts: m.attempts, Objects: m.objects(), Moved: left.moved, Twice: left.twice}, nil
}

// An object is stored under its key.
type object struct {
	key  string
	data []byte
}

// A merger is what is to be stored here so that nothing of the other copy is
// missing.
type merger struct {
	to       ledger.Store
	plans    []object
	marks    []object   // stored last: they name what has to be there
	intents  [][]object // by stream, in the order of their numbers
	sides    [3][]object
	attempts int
	moved    []Moved
	twice    []history.Double
}

// The sides of an attempt: what is stored beside its intent, in the order in
// which it must be. A person's "absent" must not be there without the answer that
// counts more.
const (
	outcomeSide = iota
	resolutionSide
	doneSide
)

func sideOf(what string) int {
	if _, is := ledger.ResolutionNumber(what); is {
		return resolutionSide
	}
	if what == ledger.DoneKey {
		return doneSide
	}
	return outcomeSide
}

func (m *merger) objects() int {
	n := len(m.plans) + len(m.marks)
	for _, list := range m.intents {
		n += len(list)
	}
	for _, list := range m.sides {
		n += len(list)
	}
	return n
}

// store creates the objects: what says that something was sent comes before what
// says how it ended.
func (m *merger) store(ctx context.Context) error {
	steps := [][][]object{alone(m.plans), m.intents}
	for _, list := range m.sides {
		steps = append(steps, alone(list))
	}
	steps = append(steps, alone(m.marks))
	for _, step := range steps {
		for _, err := range ledger.ReadAhead(ctx, step, m.create) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// alone returns objects that need no order.
func alone(list []object) [][]object {
	var each [][]object
	for i := range list {
		each = append(each, list[i:i+1])
	}
	return each
}

// create stores objects one after the other.
func (m *merger) create(ctx context.Context, list []object) (int, error) {
	for i, o := range list {
		err := m.to.Create(ctx, o.key, o.data)
		if errors.Is(err, ledger.ErrExists) {
			return i, fmt.Errorf("ledger: merge: %s: %w", o.key, ErrInUse)
		}
		if err != nil {
			return i, fmt.Errorf("ledger: create %s: %w", o.key, err)
		}
	}
	return len(list), nil
}

// compare finds what is to be stored. It writes nothing.
func compare(ctx context.Context, from, to ledger.Store) (*merger, error) {
	if err := sameLedger(ctx, from, to); err != nil {
		return nil, err
	}
	there, err := ledger.Keys(ctx, from)
	if err != nil {
		return nil, err
	}
	here, err := ledger.Keys(ctx, to)
	if err != nil {
		return nil, err
	}
	m := &merger{to: to}
	for list, is := range map[*[]object]func(string) bool{&m.plans: isPlanUse, &m.marks: isMarkOrRekey} {
		if *list, err = onlyThere(ctx, from, there, here, is); err != nil {
			return nil, err
		}
	}
	theirs, ours := byStream(there), byStream(here)
	for some := range slices.Chunk(slices.Sorted(maps.Keys(theirs)), ledger.Preloaded) {
		if err := m.compareStreams(ctx, from, some, theirs, ours); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// sameLedger makes sure that the two stores hold copies of one ledger.
func sameLedger(ctx context.Context, from, to ledger.Store) error {
	theirs, err := headerOf(ctx, from)
	if err != nil {
		return fmt.Errorf("ledger: merge: the other copy: %w", err)
	}
	ours, err := headerOf(ctx, to)
	if err != nil {
		return fmt.Errorf("ledger: merge: %w", err)
	}
	if !bytes.Equal(theirs.Key, ours.Key) || theirs.Check != ours.Check {
		return fmt.Errorf("ledger: merge: %w", ledger.ErrApart)
	}
	return nil
}

func headerOf(ctx context.Context, store ledger.Store) (ledger.Header, error) {
	var h ledger.Header
	data, err := store.Get(ctx, ledger.HeaderKey)
	if errors.Is(err, ledger.ErrNotExist) {
		return h, fmt.Errorf("%w, as there is no %s", ledger.ErrNoLedger, ledger.HeaderKey)
	}
	if err != nil {
		return h, err
	}
	return h, understand(ledger.HeaderKey, data, &h, "ledger", &h.Object, &h.Version)
}

// understand reads an object, and refuses one that says more than this program
// knows of: it would be lost.
func understand(key string, data []byte, into any, object string, is *string, of *int) error {
	if err := ledger.Decode(key, data, into, object, is); err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil || *of != ledger.Version {
		return hint.With(fmt.Errorf("ledger: %s was written by a newer kivaform", key), "use that one to merge")
	}
	return nil
}

// onlyThere reads the objects of a kind that the other copy alone has. One that both
// have stays as it is here.
func onlyThere(ctx context.Context, from ledger.Store, there, here map[string]bool, is func(string) bool) (list []object, err error) {
	for _, key := range slices.Sorted(maps.Keys(there)) {
		if here[key] || !is(key) {
			continue
		}
		data, err := from.Get(ctx, key)
		if err != nil {
			return nil, ledger.Unread(key, err)
		}
		list = append(list, object{key, data})
	}
	return list, nil
}

func isMarkOrRekey(key string) bool {
	_, isMark := ledger.IsMark(key)
	isAbout, ofStore := ledger.IsAboutLedger(key)
	return isMark || isAbout && !ofStore
}

func isPlanUse(key string) bool {
	parts := strings.SplitN(key, "/", 4)
	return len(parts) == 4 && parts[2] == "plans"
}
