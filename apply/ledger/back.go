package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Check refuses a ledger that went back, as far as its own objects tell. It is for
// the moment when something is to be sent or recorded, and reads the marks once.
func (l *Ledger) Check(ctx context.Context) error {
	if _, err := l.Load(ctx); err != nil {
		return err
	}
	l.checkOnce.Lock()
	defer l.checkOnce.Unlock()
	if l.checked {
		return nil
	}
	if l.unchecked {
		_, err := l.readMarks(ctx)
		return err
	}
	if err := CheckPlace(ctx, l.store); err != nil {
		return err
	}
	if err := l.checkKey(ctx); err != nil {
		return err
	}
	if err := l.findLoss(ctx); err != nil {
		return err
	}
	if err := l.checkOtherEnvironments(ctx); err != nil {
		return err
	}
	l.checked, l.saw = true, l.Extent()
	l.saw.Entries = slices.DeleteFunc(slices.Clone(l.saw.Entries), func(entry string) bool { return !strings.HasPrefix(entry, marksFolder) })
	return nil
}

// findLoss returns a [*BackError] where the ledger lacks what its own objects tell
// of.
func (l *Ledger) findLoss(ctx context.Context) error {
	c, err := l.readMarks(ctx)
	if err != nil {
		return err
	}
	return l.judgeExtents(ctx, "the ledger's own records", append(slices.Clone(l.extents), Extent{Entries: sortedKeys(c.named)}))
}

// CheckExtent refuses a ledger that lacks what was there at some time. Known says
// who knows of it.
func (l *Ledger) CheckExtent(ctx context.Context, e Extent, known string) error {
	return l.judgeExtents(ctx, known, []Extent{e})
}

func (l *Ledger) judgeExtents(ctx context.Context, known string, extents []Extent) error {
	c, err := l.readMarks(ctx)
	if err != nil {
		return err
	}
	back, now := &BackError{Known: known}, l.Attempted()
	missing := make(map[string]bool)
	for _, e := range extents {
		if e.Ledger != "" && e.Ledger != l.id && !c.replaced[Identity(e.Ledger, l.scope.Environment)] {
			return fmt.Errorf("ledger: %w", &OtherError{Was: Identity(e.Ledger, l.scope.Environment), Is: l.Identity(), Known: known})
		}
		for _, entry := range e.Entries {
			if !l.Has(entry) && !c.lost[entry] {
				missing[entry] = true
			}
		}
		back.Fewer = max(back.Fewer, e.Attempts-now-c.fewer)
	}
	if back.Fewer > 0 { // a list is no snapshot of what other runs create
		again, err := l.recount(ctx)
		if err != nil {
			return err
		}
		back.Fewer = max(0, back.Fewer-max(0, again-now))
	}
	for _, entry := range sortedKeys(missing) {
		there, err := l.isThere(ctx, entry)
		if err != nil {
			return err
		}
		if !there {
			back.Missing = append(back.Missing, entry)
		}
	}
	if len(back.Missing) == 0 && back.Fewer == 0 {
		return nil
	}
	return fmt.Errorf("ledger: %w", back)
}

// isThere asks the store for what an entry names.
func (l *Ledger) isThere(ctx context.Context, entry string) (bool, error) {
	name, run, isBatch := strings.Cut(entry, " ")
	key := l.scope.prefix() + name
	if strings.HasPrefix(entry, marksFolder) {
		key += Suffix
	} else {
		key += "." + IntentKey + Suffix
	}
	data, err := l.store.Get(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return false, nil
	}
	if err != nil || !isBatch {
		return err == nil, err
	}
	var in Intent
	if err := Decode(key, data, &in, IntentKey, &in.Object); err != nil {
		return false, err
	}
	return in.Run == run, nil
}

// checkAddress refuses a ledger whose marks, or where there are none whose
// attempts, are of another address.
func (l *Ledger) checkAddress(ctx context.Context) error {
	if l.api == "" {
		return nil
	}
	was := l.firstAPI
	for name := range l.marks {
		if strings.HasSuffix(name, "."+apiDigest(l.api)) {
			return nil
		}
		m, err := l.readMark(ctx, l.markKey(name))
		if err != nil {
			return err
		}
		was = m.API
	}
	if was == "" || was == l.api {
		return nil
	}
	return fmt.Errorf("ledger: %w", &AddressError{Environment: l.scope.Environment, Was: was, Is: l.api})
}

// checkOtherEnvironments refuses an environment that the ledger knows nothing of,
// if another one of the ledger sent to the same address: it was renamed.
func (l *Ledger) checkOtherEnvironments(ctx context.Context) error {
	if !l.Empty() || len(l.marks) > 0 || l.api == "" {
		return nil
	}
	for key, err := range l.store.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("ledger: list: %w", err)
		}
		name, is := IsMark(key)
		if !is || !strings.HasSuffix(name, "."+apiDigest(l.api)) {
			continue
		}
		if parts := strings.Split(key, "/"); parts[0] != Element(l.scope.Environment) && parts[1] == Element(l.scope.PartnerID) {
			return fmt.Errorf("ledger: %w", &OtherError{Was: Identity(l.id, parts[0]), Is: l.Identity(), Known: "the ledger"})
		}
	}
	return nil
}

// Identity names a ledger and the environment in it.
func Identity(ledger, environment string) string { return ledger + "/" + environment }

// Identity names the ledger and its environment; "" where nothing was recorded yet.
func (l *Ledger) Identity() string {
	if l.id == "" {
		return ""
	}
	return Identity(l.id, l.scope.Environment)
}

// Replaces reports whether a person said that this ledger takes the place of
// another one.
func (l *Ledger) Replaces(ctx context.Context, identity string) (bool, error) {
	c, err := l.readMarks(ctx)
	return err == nil && c.replaced[identity], err
}

// Marks returns the names of the ledger's marks.
func (l *Ledger) Marks() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return sortedKeys(l.marks)
}

// Seen returns how far the ledger is, for whoever saw it; whole tells that the
// entries are all that stand for the rest. Before the marks were read they are the
// marks alone.
func (l *Ledger) Seen() (e Extent, whole bool) {
	if l.coverage != nil {
		return l.Extent(), true
	}
	e = Extent{Ledger: l.id, Attempts: l.Attempted()}
	for _, name := range l.Marks() {
		e.Entries = append(e.Entries, marksFolder+name)
	}
	return e, false
}

// Reopen looks again for the first object of a ledger that had none.
func (l *Ledger) Reopen(ctx context.Context) error {
	if l.keyed {
		return nil
	}
	return l.readHeader(ctx)
}

// recount lists the ledger again, and returns how many attempts it has by now.
func (l *Ledger) recount(ctx context.Context) (int, error) {
	found, err := l.list(ctx, func(int, int) {})
	if err != nil {
		return 0, err
	}
	last := make(map[string]int)
	n := 0
	for _, a := range found.attempts {
		n += a.number - last[a.stream]
		last[a.stream] = a.number
	}
	return n, nil
}

// Doubts returns what is wrong with a ledger that is taken as it is, and the
// acceptance by which it is used on. Identity and extent are of the ledger that was
// known before, if any.
func (l *Ledger) Doubts(ctx context.Context, identity string, e Extent) (doubts []error, a Acceptance, err error) {
	checks := []error{CheckPlace(ctx, l.store), l.checkAddress(ctx), l.checkOtherEnvironments(ctx), l.findLoss(ctx)}
	if identity == l.Identity() {
		checks = append(checks, l.CheckExtent(ctx, e, "this machine's own records"))
	} else if replaced, err := l.Replaces(ctx, identity); identity != "" && !replaced {
		checks = append(checks, err, fmt.Errorf("ledger: %w", &OtherError{Was: identity, Is: l.Identity(), Known: "this machine's own records"}))
	}
	for _, check := range checks {
		var back *BackError
		var other *OtherError
		switch {
		case check == nil:
			continue
		case errors.As(check, &back):
			a.Lost, a.LostAttempts = append(a.Lost, back.Missing...), max(a.LostAttempts, back.Fewer)
		case errors.As(check, &other):
			a.Replaces = append(a.Replaces, other.Was)
		case errors.As(check, new(*MovedError)):
			a.Moved = true
		case !errors.As(check, new(*AddressError)):
			return nil, a, check
		}
		doubts = append(doubts, check)
	}
	slices.Sort(a.Lost)
	a.Lost = slices.Compact(a.Lost)
	return doubts, a, nil
}
