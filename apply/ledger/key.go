package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"kivaform/plan"
)

// Keys look so:
//
//	staging/145/loan_draft/3f/L-1042.1.intent.json
//	staging/145/loan_draft/3f/L-1042.1.accepted-9c41b07e2d5a6f13.json
//	staging/145/repayments/2026-11.4.intent.json
//
// The intent's key holds no fingerprint: two programs that want to send
// different contents for one attempt must collide as well. The outcome, which
// only the owner of the intent writes, holds it, so that planning compares
// fingerprints without opening objects.

const (
	maxName   = 100 // bytes of a key's element before it is cut and hashed
	keptName  = 64
	Suffix    = ".json"
	IntentKey = "intent"
	DoneKey   = "done"

	ResolutionKey = "resolution"
	DraftKind     = "loan_draft"
)

// A Scope says whose submissions a ledger holds: of one partner, in one
// environment.
type Scope struct{ Environment, PartnerID string }

func (s Scope) prefix() string { return string(s.appendPrefix(nil)) }

func (s Scope) appendPrefix(to []byte) []byte {
	to = append(appendElement(to, s.Environment), '/')
	return append(appendElement(to, s.PartnerID), '/')
}

// StreamKey returns the beginning of the keys of all attempts on a stream.
func (s Scope) StreamKey(a Address) string {
	return string(appendStreamKey(s.appendPrefix(nil), a))
}

// StreamKey returns the same within its scope.
func StreamKey(a Address) string { return string(appendStreamKey(nil, a)) }

func appendStreamKey(to []byte, a Address) []byte {
	if id, ok := strings.CutPrefix(string(a), DraftKind+"/"); ok && !strings.ContainsAny(id, "/%") {
		return appendDraftKey(to, id) // as nearly all are: nothing to unescape
	}
	parts := a.Parts()
	switch {
	case len(parts) == 1:
		return append(appendElement(to, parts[0]), "/all"...)
	case parts[0] == DraftKind:
		return appendDraftKey(to, strings.Join(parts[1:], "/"))
	}
	to = append(appendElement(to, parts[0]), '/')
	return appendElement(to, strings.Join(parts[1:], "/"))
}

// appendDraftKey spreads drafts over 256 folders.
func appendDraftKey(to []byte, id string) []byte {
	sum := sha256.Sum256([]byte(id))
	to = append(to, DraftKind+"/"...)
	to = append(hex.AppendEncode(to, sum[:1]), '/')
	return appendElement(to, id)
}

// draftOfKey returns the loan id of a draft's stream, and whether the key holds it
// in full.
func draftOfKey(key string) (id string, whole bool) {
	rest, ok := strings.CutPrefix(key, DraftKind+"/")
	_, element, found := strings.Cut(rest, "/")
	if !ok || !found || strings.Contains(element, "~") { // cut, as no element has one of its own
		return "", false
	}
	if !strings.Contains(element, "%") {
		return element, true
	}
	id, err := url.PathUnescape(element)
	return id, err == nil
}

// Element returns a text as it stands between the slashes of a key.
func Element(s string) string { return string(appendElement(nil, s)) }

// appendElement encodes any text as one element of a key that every file system
// and bucket takes.
func appendElement(to []byte, s string) []byte {
	name := s
	if !isPlain(s) {
		name = escaped(s)
	}
	if len(name) <= maxName {
		return append(to, name...)
	}
	sum := sha256.Sum256([]byte(s))
	return hex.AppendEncode(append(append(to, name[:keptName]...), '~'), sum[:12])
}

// isPlain reports whether a text is an element as it stands.
func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if isSpecial(rune(c)) {
			return false
		}
	}
	return !strings.HasPrefix(s, ".")
}

// escaped writes each byte that isn't sure to be taken as its code.
func escaped(s string) string {
	var b strings.Builder
	for i, c := range []byte(s) {
		if isSpecial(rune(c)) || c == '.' && i == 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isSpecial(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		return false
	}
	return true
}

// AttemptKey returns the key of one object of one attempt.
func AttemptKey(stream string, number int, what string) string {
	return stream + "." + strconv.Itoa(number) + "." + what + Suffix
}

// OutcomeWhat returns the last element of an outcome's key.
func OutcomeWhat(o plan.Outcome, fingerprint, contents string) string {
	what := string(o)
	for _, digests := range []string{fingerprint, contents} {
		if digests == "" {
			break
		}
		what += "-" + digests
	}
	return what
}

// A ParsedKey holds the parts of a key.
type ParsedKey struct {
	Attempt     string // the beginning that all keys of the attempt have
	Stream      string // as streamKey
	Number      int
	What        string // "intent", or an outcome
	Fingerprint string // short; of an outcome
	Contents    string // of an outcome: digests by which its draft is known under another id
}

// Side returns what the key has after the number.
func (k ParsedKey) Side() string { return OutcomeWhat(plan.Outcome(k.What), k.Fingerprint, k.Contents) }

// ParseKey reads the key of an object of an attempt. It reports whether it is one.
func ParseKey(key string) (ParsedKey, bool) {
	rest, ok := strings.CutSuffix(key, Suffix)
	if !ok {
		return ParsedKey{}, false
	}
	rest, what, ok := cutLast(rest)
	if !ok {
		return ParsedKey{}, false
	}
	stream, digits, ok := cutLast(rest)
	number, err := strconv.Atoi(digits)
	if !ok || err != nil || number < 1 || strconv.Itoa(number) != digits {
		return ParsedKey{}, false
	}
	attempt := rest
	what, digests := splitWhat(what)
	fingerprint, contents, _ := strings.Cut(digests, "-")
	return ParsedKey{attempt, stream, number, what, fingerprint, contents}, true
}

// splitWhat parts an outcome from its digests; "not-sent" has a hyphen of
// its own.
func splitWhat(what string) (name, digests string) {
	for _, o := range plan.Outcomes {
		if rest, ok := strings.CutPrefix(what, string(o)+"-"); ok && rest != "" {
			return string(o), rest
		}
	}
	return what, ""
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
