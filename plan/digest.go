package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"sync"

	"kivaform/spec"
	"kivaform/spec/field"
)

// Digests are keyed, so that a reader without the key can't try out
// names, and hold the address, so that equal names of two borrowers don't look
// equal.

const (
	fingerprintForm  = "kivaform fingerprint 1"
	fieldForm        = "kivaform field 1"
	shortFingerprint = 16 // hex digits, where the key is secret
	longDigest       = 32 // hex digits
)

// A Digester makes keyed digests of fields in their canonical form. It is safe
// for use by several goroutines.
type Digester struct{ machines *sync.Pool }

// NewDigester returns the digester of a key.
func NewDigester(key []byte) Digester {
	return Digester{&sync.Pool{New: func() any { return &digestMachine{mac: hmac.New(sha256.New, key)} }}}
}

// A digestMachine makes one digest after the other without new memory.
type digestMachine struct {
	mac    hash.Hash
	text   []byte
	sum    [sha256.Size]byte
	digits [2 * sha256.Size]byte
}

// Fingerprint digests all fields of an item, in 16 hex digits.
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

// Field digests one field of an item, in 32 hex digits.
func (d Digester) Field(a spec.Address, f spec.Field) string {
	m := d.machine(fieldForm, a)
	m.text = appendText(appendText(m.text, f.Path), f.Value)
	return d.finish(m, longDigest)
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

// Digest names the effect of a plan: 32 hex digits, the same for every plan that
// would send the same requests to the same addresses after the same attempts, and
// record them in the same ledger. Its key is public, so it has to be long enough
// that two plans with one digest can't be searched for.
func (p *Plan) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "kivaform plan 2\n%q %q\n", p.Environment, p.PartnerID)
	for _, d := range p.OwnAddresses() { // the environment's name stands for its preset's
		fmt.Fprintf(h, "%q %q\n", d.Key, d.Value)
	}
	for _, s := range p.Settings {
		fmt.Fprintf(h, "%q %q\n", s.Key, s.Value)
	}
	var line []byte
	for item := range p.Items() {
		if item.Action.Acts() {
			line = append(append(line[:0], item.Action.String()...), ' ')
			line = strconv.AppendQuote(line, string(item.Address()))
			line = append(append(line, ' '), fingerprintOf(item.Resource)...)
			line = strconv.AppendInt(append(line, ' '), int64(numberOf(item.Last)), 10)
			h.Write(append(line, '\n'))
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action.Acts() {
				w := &r.Report.Rows[i]
				fmt.Fprintf(h, "%s %q %q %q %s %d\n", row.Action, r.Report.Period, w.LoanID, w.ClientID, w.Amount, numberOf(row.Last.batch()))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:longDigest]
}

// fingerprintOf returns the [Fingerprint] of a resource: the one that was kept
// with it, where there is one.
func fingerprintOf(r spec.Resource) string {
	kept := ""
	switch r := r.(type) {
	case *spec.LoanDraft:
		kept = r.Fingerprint
	case *spec.Journal:
		kept = r.Fingerprint
	}
	if kept == "" {
		return Fingerprint(r.Address(), field.Values(r))
	}
	return kept
}

// Fingerprint digests what is sent of an item for [Plan.Digest], by a key that
// is no secret. It is what a look asks [load.Workspace] for.
func Fingerprint(a spec.Address, fields []spec.Field) string {
	return planDigester.fingerprint(a, fields, longDigest)
}

var planDigester = NewDigester([]byte("kivaform plan digest"))
