package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

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
	mac := d.mac(fingerprintForm, string(a))
	for _, f := range fields {
		writeText(mac, f.Path)
		writeText(mac, f.Value)
	}
	return hex.EncodeToString(mac.Sum(nil))[:shortFingerprint]
}

// Field digests one field of an item, in 32 hex digits.
func (d Digester) Field(a spec.Address, f spec.Field) string {
	mac := d.mac(fieldForm, string(a))
	writeText(mac, f.Path)
	writeText(mac, f.Value)
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

func (d Digester) mac(texts ...string) hash.Hash {
	mac := hmac.New(sha256.New, d.key)
	for _, s := range texts {
		writeText(mac, s)
	}
	return mac
}

// writeText writes a text with its length, so that no two lists of texts read
// alike.
func writeText(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
}
