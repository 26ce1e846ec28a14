package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"kivaform/spec"
)

// Digests are keyed, so that nobody who sees them without the key can try out
// names, and hold the address, so that equal names of two borrowers don't look
// equal.

const (
	fingerprintForm  = "kivaform fingerprint 1"
	fieldForm        = "kivaform field 1"
	shortFingerprint = 16 // hex digits
)

// A Digester makes keyed digests of fields in their canonical form.
type Digester struct{ key []byte }

// NewDigester returns the digester of a key.
func NewDigester(key []byte) Digester { return Digester{key} }

// Fingerprint digests all fields of an item, in 16 hex digits.
func (d Digester) Fingerprint(a spec.Address, fields []spec.Field) string {
	b := appendText(appendText(make([]byte, 0, 2048), fingerprintForm), string(a))
	for _, f := range fields {
		b = appendText(appendText(b, f.Path), f.Value)
	}
	return d.sum(b)[:shortFingerprint]
}

// Field digests one field of an item, in 32 hex digits.
func (d Digester) Field(a spec.Address, f spec.Field) string {
	b := appendText(appendText(nil, fieldForm), string(a))
	return d.sum(appendText(appendText(b, f.Path), f.Value))[:32]
}

func (d Digester) sum(b []byte) string {
	mac := hmac.New(sha256.New, d.key)
	mac.Write(b)
	return hex.EncodeToString(mac.Sum(nil))
}

// appendText appends a text with its length, so that no two lists of texts read
// alike.
func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
