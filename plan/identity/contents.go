package identity

import "strings"

// Contents are digests of what a draft or a journal says, which don't depend on its
// address. Zero stands for what it doesn't say.
type Contents struct {
	Client  uint64
	Terms   uint64 // amount, currency and date of the disbursal
	Story   uint64 // or a journal's subject and body
	Photo   uint64
	Members []uint64 // of the loan ids of a group's borrowers
	Cut     bool     // there are more members than Members holds
}

// Parts are what two contents have in common.
type Parts struct{ Client, Terms, Story, Photo bool }

// common returns what two contents have in common.
func (c *Contents) common(with *Contents) Parts {
	same := func(a, b uint64) bool { return a == b && a != 0 }
	return Parts{same(c.Client, with.Client), same(c.Terms, with.Terms), same(c.Story, with.Story), same(c.Photo, with.Photo)}
}

// IsAlike reports whether so much makes two drafts alike: the same client's with one
// thing more, or any two with story and photo.
func (p Parts) IsAlike() bool {
	return p.Client && (p.Terms || p.Story || p.Photo) || p.Story && p.Photo
}

const (
	partDigits  = 10 // hex digits of a digest: 40 bits
	shortMost   = 6  // members in a short text
	cutMark     = "f"
	DigestBytes = partDigits / 2
)

// String returns the contents in full, as hex digits; "" where there are none.
func (c *Contents) String() string { return c.text(len(c.Members)) }

// Short returns the contents with few members, so that they fit into a key.
func (c *Contents) Short() string { return c.text(min(len(c.Members), shortMost)) }

func (c *Contents) text(members int) string {
	if c.Client|c.Terms|c.Story|c.Photo == 0 && len(c.Members) == 0 {
		return ""
	}
	b := make([]byte, 0, (4+members)*partDigits+1)
	for _, part := range []uint64{c.Client, c.Terms, c.Story, c.Photo} {
		b = appendPart(b, part)
	}
	for _, m := range c.Members[:members] {
		b = appendPart(b, m)
	}
	if c.Cut || members < len(c.Members) {
		b = append(b, cutMark...)
	}
	return string(b)
}

func appendPart(b []byte, part uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 4 * (partDigits - 1); shift >= 0; shift -= 4 {
		b = append(b, digits[part>>shift&0xF])
	}
	return b
}

// ParseContents reads what String or Short wrote. What isn't that has no contents.
func ParseContents(s string) (c Contents) {
	if len(s)%partDigits == len(cutMark) {
		s, c.Cut = strings.CutSuffix(s, cutMark)
	}
	if len(s)%partDigits != 0 || len(s) < 4*partDigits {
		return Contents{}
	}
	valid := true
	next := func() (part uint64) {
		for _, digit := range []byte(s[:partDigits]) {
			switch {
			case '0' <= digit && digit <= '9':
				part = part<<4 | uint64(digit-'0')
			case 'a' <= digit && digit <= 'f':
				part = part<<4 | uint64(digit-'a'+10)
			default:
				valid = false
			}
		}
		s = s[partDigits:]
		return part
	}
	c.Client, c.Terms, c.Story, c.Photo = next(), next(), next(), next()
	for s != "" {
		c.Members = append(c.Members, next())
	}
	if !valid {
		return Contents{}
	}
	return c
}

// ShortText returns the short form of a text of contents.
func ShortText(s string) string {
	if len(s) <= (4+shortMost)*partDigits {
		return s
	}
	return s[:(4+shortMost)*partDigits] + cutMark
}
