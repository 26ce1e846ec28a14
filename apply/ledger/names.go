package ledger

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"kivaform/plan"
)

// A program that synchronises folders may leave what another computer recorded
// under a name of its own: "all.2.intent (conflicted copy).json",
// "L-1.1.intent.sync-conflict-20261129-101500-ABCDEF.json", "L-1.1.done-PC2.json".
// A newer kivaform may record under names that this one doesn't know. What such
// an object tells of may have been sent, so a scope with one is refused.
//
// That is so for every name within the scope that has ".json" in it. Other files,
// as a README, and hidden ones hold no objects and are passed over; verifying
// tells of them. Outside of the scope nothing is listed.

// A NamesError says that a ledger has objects under names that no object has.
type NamesError struct{ Keys []string }

func (e *NamesError) Error() string {
	const most = 5
	more := ""
	if n := len(e.Keys) - most; n > 0 {
		more = fmt.Sprintf("\n  and %d more", n)
	}
	return "the ledger has files under names that this kivaform doesn't know, and what they tell of may have been sent:\n  " +
		strings.Join(e.Keys[:min(most, len(e.Keys))], "\n  ") + more
}

// Hint returns the remedy.
func (e *NamesError) Hint() string {
	return "did a program that synchronises folders leave another computer's object there? Move it, under its own name, into a copy of the ledger, and bring that in by kivaform ledger merge; " +
		"did a newer kivaform write it? Use that one; kivaform ledger verify lists all"
}

// addOther notes a key that isn't an attempt's.
func (f *listing) addOther(key string) {
	if name, is := IsMark(key); is {
		f.marks[name] = true
		return
	}
	if MayBeObject(key) && !isPlanUse(key) {
		f.unknown = append(f.unknown, key)
	}
}

// checkNames refuses a scope with objects that this program doesn't know.
func (f *listing) checkNames() error {
	if len(f.unknown) == 0 {
		return nil
	}
	slices.Sort(f.unknown)
	return fmt.Errorf("ledger: %w", &NamesError{f.unknown})
}

// MayBeObject reports whether a name may be that of an object, however a program
// that copies files has changed it.
func MayBeObject(key string) bool {
	name := path.Base(key)
	return !strings.HasPrefix(name, ".") && strings.Contains(strings.ToLower(name), Suffix)
}

// isPlanUse reports whether a key is that of a saved plan's use.
func isPlanUse(key string) bool {
	parts := strings.Split(key, "/")
	return ValidKey(key) && len(parts) == 4 && parts[2] == "plans" && strings.HasSuffix(key, Suffix)
}

// parseAttemptKey reads a key as [ParseKey] does, and reports whether this program
// knows all that it says.
func parseAttemptKey(key string) (ParsedKey, bool) {
	k, ok := ParseKey(key)
	return k, ok && k.Known() && hasKeyCharacters(key)
}

// Known reports whether the key is one that this program writes.
func (k ParsedKey) Known() bool {
	switch k.What {
	case IntentKey, DoneKey:
		return true
	}
	if _, ok := ResolutionNumber(k.What); ok {
		return true
	}
	return slices.Contains(plan.Outcomes, plan.Outcome(k.What)) && isFingerprint(k.Fingerprint) && isFingerprint(k.Contents)
}

// mostDigests is how many digests an outcome's key holds: the fingerprint, and
// those of contents.
const mostDigests = 3

// isFingerprint reports whether a text is what an outcome's key has after the
// outcome: nothing, or digests with hyphens between them. A computer's name, which
// some programs put there, is no digest.
func isFingerprint(s string) bool {
	for n := 0; s != ""; n++ {
		digest, rest, more := strings.Cut(s, "-")
		if n == mostDigests || !isDigest(digest) || more && rest == "" {
			return false
		}
		s = rest
	}
	return true
}

func isDigest(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return s == plan.NoFingerprint
		}
	}
	return s != ""
}

// smallLedger is up to how many attempts a ledger is small.
const smallLedger = 64

// CheckVersions refuses a small ledger with an object of a version that this
// program doesn't know, among those that loading doesn't open. A larger ledger
// is not opened for that: its newest objects are, once something is to be sent.
func (l *Ledger) CheckVersions(ctx context.Context) error {
	var keys []string
	for _, f := range l.unopened {
		keys = append(keys, f.keys()...)
	}
	if err := Preload(ctx, l.store, keys); err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	for _, err := range ReadAhead(ctx, keys, l.checkVersion) {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkVersion looks at the version of one object. One that isn't there, and need
// not be to know what was sent, is left to verifying.
func (l *Ledger) checkVersion(ctx context.Context, key string) (string, error) {
	data, err := l.store.Get(ctx, key)
	switch {
	case errors.Is(err, ErrNotExist):
		return key, nil
	case err != nil:
		return key, Unread(key, err)
	}
	return key, CheckVersion(key, data)
}
