package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync"

	"kivaform/plan/identity"
	"kivaform/spec"
	"kivaform/spec/field"
)

// Digests are keyed, so that a reader without the key can't try out
// names, and hold the address, so that equal names of two borrowers don't look
// equal.
//
// They have two forms. The first digests a request exactly; saved plans hold it, and
// ledgers that were written before there was a second. The second, which ledgers
// hold, is the same for two requests that differ in order, white space or a photo's
// metadata only.

const (
	fingerprintForm  = "kivaform fingerprint 1"
	fieldForm        = "kivaform field 1"
	shortFingerprint = 16 // hex digits, where the key is secret
	longDigest       = 32 // hex digits

	fingerprintForm2 = "kivaform fingerprint 2"
	fieldForm2       = "kivaform field 2"
	secondForm       = "b" // begins each digest of the second form
)

// A Digester makes keyed digests of fields in their canonical form. It is safe
// for use by several goroutines.
type Digester struct {
	machines   *sync.Pool
	generation string // begins digests by a key that took another's place, else ""
}

// NewDigester returns the digester of a key.
func NewDigester(key []byte) Digester {
	return Digester{machines: &sync.Pool{New: func() any { return &digestMachine{mac: hmac.New(sha256.New, key)} }}}
}

// Rekeyed returns the digester of a ledger whose key was changed so many times. Its
// digests say so, as those by another key can't be compared with them.
func (d Digester) Rekeyed(times int) Digester {
	if times > 0 {
		d.generation = fmt.Sprintf("c%02x", times)
	}
	return d
}

const generationLength = 3

// cutGeneration parts a digest of an item or a field from its generation.
func cutGeneration(digest string) (generation, rest string) {
	n := len(digest) - generationLength - len(secondForm)
	if strings.HasPrefix(digest, "c") && (n == shortFingerprint || n == longDigest) {
		return digest[:generationLength], digest[generationLength:]
	}
	return "", digest
}

// A digestMachine makes one digest after the other without new memory.
type digestMachine struct {
	mac    hash.Hash
	text   []byte
	fields []spec.Field
	sum    [sha256.Size]byte
	digits [2 * sha256.Size]byte
}

// Fingerprint digests all fields of an item exactly, in 16 hex digits.
func (d Digester) Fingerprint(a spec.Address, fields []spec.Field) string {
	return d.fingerprint(a, fields, shortFingerprint)
}

func (d Digester) fingerprint(a spec.Address, fields []spec.Field, digits int) string {
	m := d.machine(fingerprintForm, a)
	for _, f := range fields {
		m.text = appendText(appendText(m.text, f.Path), f.Value)
	}
	return d.finish(m, digits)
}

// Field digests one field of an item exactly, in 32 hex digits.
func (d Digester) Field(a spec.Address, f spec.Field) string {
	m := d.machine(fieldForm, a)
	m.text = appendText(appendText(m.text, f.Path), f.Value)
	return d.finish(m, longDigest)
}

// ItemFingerprint digests all of an item for the ledger, in the second form.
func (d Digester) ItemFingerprint(a spec.Address, r spec.Resource) string {
	m := d.machine(fingerprintForm2, a)
	m.fields = field.AppendOrdered(m.fields[:0], r)
	for i := range m.fields {
		m.text = appendCompared(appendText(m.text, m.fields[i].Path), &m.fields[i])
	}
	return d.generation + secondForm + d.finish(m, shortFingerprint)
}

// ItemField digests one field of an item for the ledger, in the second form.
func (d Digester) ItemField(a spec.Address, f spec.Field) string {
	m := d.machine(fieldForm2, a)
	m.text = appendCompared(appendText(m.text, f.Path), &f)
	return d.generation + secondForm + d.finish(m, longDigest)
}

// MatchesItem reports whether a fingerprint of either form is that of an item. One by
// another key can't be compared, and counts as that of the item.
func (d Digester) MatchesItem(fingerprint string, a spec.Address, r spec.Resource) bool {
	generation, rest := cutGeneration(fingerprint)
	if generation != d.generation {
		return true
	}
	if strings.HasPrefix(rest, secondForm) && len(rest) == len(secondForm)+shortFingerprint {
		return fingerprint == d.ItemFingerprint(a, r)
	}
	m := d.machine(fingerprintForm, a)
	m.fields = field.Append(m.fields[:0], r)
	for i := range m.fields {
		m.text = appendText(appendText(m.text, m.fields[i].Path), m.fields[i].Value)
	}
	return fingerprint == d.finish(m, shortFingerprint)
}

// MatchesField reports whether a digest of either form is that of a field, or can't
// be compared.
func (d Digester) MatchesField(digest string, a spec.Address, f spec.Field) bool {
	generation, rest := cutGeneration(digest)
	if generation != d.generation {
		return true
	}
	if strings.HasPrefix(rest, secondForm) && len(rest) == len(secondForm)+longDigest {
		return digest == d.ItemField(a, f)
	}
	return digest == d.Field(a, f)
}

const contentsForm = "kivaform contents 1"

// Contents digests the contents of a draft or a journal. The digester of a ledger
// that isn't begun has no key, and returns zero.
func (d Digester) Contents(r spec.Resource) identity.Contents {
	return identity.NewContents(r, d.contentsPart)
}

// LoanIDDigest digests a loan id as it stands in the contents of a group.
func (d Digester) LoanIDDigest(id string) uint64 {
	return identity.DigestFunc(d.contentsPart).LoanID(id)
}

func (d Digester) contentsPart(kind, text string) uint64 {
	if d.machines == nil {
		return 0
	}
	m := d.machine(contentsForm, spec.Address(kind))
	defer d.machines.Put(m)
	m.text = appendText(m.text, text)
	m.mac.Reset()
	m.mac.Write(m.text)
	return binary.BigEndian.Uint64(m.mac.Sum(m.sum[:0]))
}

func (d Digester) machine(form string, a spec.Address) *digestMachine {
	m := d.machines.Get().(*digestMachine)
	m.text = appendText(appendText(m.text[:0], form), string(a))
	return m
}

// finish returns the first digits of the text's digest, and gives the machine
// back.
func (d Digester) finish(m *digestMachine, digits int) string {
	m.mac.Reset()
	m.mac.Write(m.text)
	hex.Encode(m.digits[:], m.mac.Sum(m.sum[:0]))
	digest := string(m.digits[:digits])
	d.machines.Put(m)
	return digest
}

// appendText appends a text with its length, so that no two lists of texts read
// alike.
func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}

// appendCompared appends a value as comparisons see it, with its length: a text with
// one space for each run of white space, and none at its ends.
func appendCompared(b []byte, f *spec.Field) []byte {
	value := f.Value
	if f.Compared != "" {
		value = f.Compared
	}
	if f.Kind != spec.Text || isEvenlySpaced(value) {
		return appendText(b, value)
	}
	start := len(b)
	b = binary.BigEndian.AppendUint64(b, 0)
	words := len(b)
	for word := range strings.FieldsSeq(value) {
		if len(b) > words {
			b = append(b, ' ')
		}
		b = append(b, word...)
	}
	binary.BigEndian.PutUint64(b[start:], uint64(len(b)-words))
	return b
}

// isEvenlySpaced reports whether a text surely has no white space but single spaces
// between words. Letters beyond ASCII leave it open where they begin as some spaces
// do.
func isEvenlySpaced(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' && before == ' ', c < ' ', c == 0xc2, 0xe1 <= c && c <= 0xe3:
			return false
		}
		before = c
	}
	return before != ' ' || s == ""
}

// isSameText reports whether two texts differ in white space at most.
func isSameText(a, b string) bool {
	return a == b || slices.Equal(strings.Fields(a), strings.Fields(b))
}
