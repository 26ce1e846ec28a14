// Package identity says when two ids, or two contents, are probably the same loan
// or journal: an id is only a text, and people retype it.
//
// It compares and decides nothing: a person judges a likeness.
package identity

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kivaform/spec"
)

// Rules say which differences between two ids are real for a partner. The zero
// Rules have none.
type Rules spec.IDs

// Alike reports whether two ids are probably the same: they differ in white space,
// dashes, capitals, leading zeros, or characters that look alike.
func (r Rules) Alike(a, b string) bool {
	if a == b {
		return true
	}
	of, with := newFolding(r), newFolding(r)
	of.fold(a)
	with.fold(b)
	for i := range of.count {
		for k := range with.count {
			if string(of.keys[i]) == string(with.keys[k]) {
				return !r.dividedOtherwise(a, b)
			}
		}
	}
	return false
}

// Twins maps the index of each id that is alike to another one of the list to the
// index of the first such.
func (r Rules) Twins(ids []string) map[int]int {
	first := make(map[string]int, len(ids))
	twins := make(map[int]int)
	f := newFolding(r)
	for i, id := range ids {
		f.fold(id)
		for _, key := range f.keys[:f.count] {
			k, there := first[string(key)]
			switch {
			case !there:
				first[string(key)] = i
			case k != i && !r.dividedOtherwise(ids[k], id):
				twins[i] = k
				if _, known := twins[k]; !known {
					twins[k] = i
				}
			}
		}
	}
	return twins
}

// looseKey returns the key of an id under the zero Rules: its digest in the ledger
// outlasts the partner's setting.
func looseKey(id string) string {
	return string(appendFolded(nil, Rules{}.appendChars(nil, id), cutInParts))
}

// A folding makes the keys of one id after the other without allocation. Two ids
// can only be alike if they share a key. Most ids have one or two keys, an id without
// letters and digits none.
type folding struct {
	rules Rules
	chars []char
	keys  [3][]byte
	count int
}

func newFolding(r Rules) *folding { return &folding{rules: r} }

func (f *folding) fold(id string) {
	f.count = 0
	f.chars = f.rules.appendChars(f.chars[:0], id)
	f.addKey(keepZeros)
	if !f.rules.Zeros {
		f.addKey(cutInNumbers)
		f.addKey(cutInParts)
	}
}

func (f *folding) addKey(z zeros) {
	key := appendFolded(f.keys[f.count][:0], f.chars, z)
	f.keys[f.count] = key
	for _, k := range f.keys[:f.count] {
		if bytes.Equal(k, key) {
			return
		}
	}
	if len(key) > 0 {
		f.count++
	}
}

// A char is a letter or a digit of an id, and whether a space or a dash stands
// before it.
type char struct {
	r     rune
	apart bool
}

// appendChars appends the letters and digits of an id, in the form in which they
// are compared, but for zeros.
func (r Rules) appendChars(chars []char, id string) []char {
	if !isASCII(id) {
		id = norm.NFKC.String(id)
	}
	apart := false
	for _, c := range id {
		switch {
		case isGap(c):
			apart = true
			continue
		case c > unicode.MaxASCII && unicode.In(c, unicode.Cf, unicode.Variation_Selector): // can't be seen
			continue
		}
		if c = latinOf(c); !r.Case {
			c = unicode.ToLower(c)
		}
		chars = append(chars, char{c, apart})
		apart = false
	}
	return chars
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}

// isGap reports whether a character stands between the parts of an id: white
// space, a dash of any script, or a mark that people type for one.
func isGap(c rune) bool {
	switch c {
	case '-', ' ', '_', '.', '/', '\\', ':':
		return true
	case '\u00AD', '\u02D7', '\u2043', '\u2212', '\u2796': // hyphens and minus signs
		return true
	}
	return c > unicode.MaxASCII && unicode.In(c, unicode.Pd, unicode.White_Space) || c < ' '
}

// How zeros are kept or cut.
type zeros int

const (
	keepZeros    zeros = iota
	cutInNumbers       // at the beginning of each number, where dashes don't count
	cutInParts         // at the beginning of each number of each part
)

// appendFolded appends the skeletons of characters, without the zeros that z cuts.
func appendFolded(to []byte, chars []char, z zeros) []byte {
	inNumber := false // a digit that isn't cut stands before
	for i, c := range chars {
		if c.apart && z == cutInParts {
			inNumber = false
		}
		if c.r == '0' && z != keepZeros && !inNumber && i+1 < len(chars) && isDigit(chars[i+1].r) && !(z == cutInParts && chars[i+1].apart) {
			continue
		}
		inNumber = isDigit(c.r)
		to = utf8.AppendRune(to, skeletonOf(c.r))
	}
	return to
}

// skeletonOf returns one character for those of ASCII that look alike.
func skeletonOf(c rune) rune {
	switch c {
	case 'o', 'O':
		return '0'
	case 'i', 'l', 'I', '|':
		return '1'
	}
	return c
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

// dividedOtherwise reports whether both ids divide their digits by as many dashes
// or spaces, at other places: 12-3 isn't a slip for 1-23.
func (r Rules) dividedOtherwise(a, b string) bool {
	as, bs := r.divide(a), r.divide(b)
	return len(as) > 1 && len(as) == len(bs) && !slices.Equal(as, bs)
}

// divide cuts an id where a space or a dash stands between two digits.
func (r Rules) divide(id string) []string {
	z := cutInParts
	if r.Zeros {
		z = keepZeros
	}
	chars := r.appendChars(nil, id)
	var parts []string
	begin := 0
	for i := 1; i <= len(chars); i++ {
		if i == len(chars) || chars[i].apart && isDigit(chars[i].r) && isDigit(chars[i-1].r) {
			parts = append(parts, string(appendFolded(nil, chars[begin:i], z)))
			begin = i
		}
	}
	return parts
}
