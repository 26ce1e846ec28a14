package spec

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Address names a thing by its natural key, in one line of text that can
// stand on a command line: loan_draft/L-1042, journal/L-0871/2026-11-visit,
// repayment/2026-11/L-0871. In each part, a slash, a percent sign, white space
// and what can't be seen are percent-encoded, everything else is as the
// partner wrote it.
type Address string

// DraftAddress returns loan_draft/<loan id>.
func DraftAddress(loanID string) Address { return joinParts("loan_draft", loanID) }

// JournalAddress returns journal/<loan id>/<key>.
func JournalAddress(loanID, key string) Address { return joinParts("journal", loanID, key) }

// RepaymentAddress returns repayment/<period>/<loan id>.
func RepaymentAddress(period, loanID string) Address { return joinParts("repayment", period, loanID) }

// ReportAddress returns repayments/<period>, the address of a report's batches.
func ReportAddress(period string) Address { return joinParts("repayments", period) }

// Journals is the address of the batches that journals are sent in.
const Journals Address = "journals"

// ParseAddress reads an address as people type it. A loan draft's id may stand
// there as the partner writes it, slashes and all.
func ParseAddress(s string) Address {
	id, ok := strings.CutPrefix(s, "loan_draft/")
	if !ok {
		return Address(s)
	}
	if strings.ContainsAny(id, "/ ") {
		return DraftAddress(id)
	}
	if plain, err := url.PathUnescape(id); err == nil {
		return DraftAddress(plain)
	}
	return DraftAddress(id)
}

// Parts returns the kind and the unescaped parts of the key.
func (a Address) Parts() []string {
	parts := strings.Split(string(a), "/")
	for i, p := range parts {
		if u, err := url.PathUnescape(p); err == nil {
			parts[i] = u
		}
	}
	return parts
}

// Kind returns what the address begins with: "loan_draft", "journal",
// "repayment", "repayments" or "journals".
func (a Address) Kind() string {
	kind, _, _ := strings.Cut(string(a), "/")
	return kind
}

func joinParts(parts ...string) Address {
	if !slices.ContainsFunc(parts, func(p string) bool { return !isPlainPart(p) }) {
		return Address(strings.Join(parts, "/"))
	}
	n := len(parts)
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for i, p := range parts {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendPart(b, p)
	}
	return Address(b)
}

func appendPart(b []byte, part string) []byte {
	if isPlainPart(part) {
		return append(b, part...)
	}
	for _, r := range part {
		if r != '/' && r != '%' && r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r) {
			b = utf8.AppendRune(b, r)
			continue
		}
		var buf [utf8.UTFMax]byte
		for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return b
}

// isPlainPart reports whether a part needs no look at its characters, as nearly
// all do: it is of visible ASCII, without a slash or a percent sign.
func isPlainPart(part string) bool {
	for _, c := range []byte(part) {
		if c <= ' ' || c >= 0x7F || c == '/' || c == '%' {
			return false
		}
	}
	return true
}
