package identity

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"kivaform/spec"
)

// Contents are digests of parts of a draft or a journal, whatever its address. The
// digest of an absent part is 0.
type Contents struct {
	Client  uint64
	Terms   uint64 // amount, currency and date of disbursal
	Story   uint64 // or a journal's subject and body
	Photo   uint64
	Members []uint64 // of the loan ids of a group's borrowers
	Cut     bool     // there are more members than Members holds
}

// The kinds of parts, as they are digested.
const (
	clientPart = "client"
	termsPart  = "terms"
	storyPart  = "story"
	photoPart  = "photo"
	idPart     = "loan id"
)

// A DigestFunc returns the first 8 bytes of the digest of a part.
type DigestFunc func(kind, text string) uint64

// NewContents digests the contents of a draft or a journal. Slips in a client's id
// and white space in a text make no difference.
func NewContents(r spec.Resource, digest DigestFunc) (c Contents) {
	switch r := r.(type) {
	case *spec.LoanDraft:
		c.Client = digest.part(clientPart, clientOf(r))
		c.Terms = digest.part(termsPart, termsOf(r))
		c.Story = digest.part(storyPart, evenText(r.Description))
		c.Photo = digest.part(photoPart, photoOf(r))
		if r.IsGroup() {
			for i := range r.Entreps {
				c.Members = append(c.Members, digest.LoanID(r.Entreps[i].LoanID))
			}
		}
	case *spec.Journal:
		c.Story = digest.part(storyPart, evenText(r.Subject)+"\x00"+evenText(r.Body))
	}
	return c
}

// LoanID digests a loan id. Slips in it make no difference.
func (d DigestFunc) LoanID(id string) uint64 { return d.part(idPart, looseKey(id)) }

func (d DigestFunc) part(kind, text string) uint64 {
	if text == "" {
		return 0
	}
	return d(kind, text) >> (64 - 4*partDigits)
}

// clientOf identifies a draft's client: by the partner's id of the client, else by
// name.
func clientOf(d *spec.LoanDraft) string {
	id, name := d.InternalClientID, d.GroupName
	if !d.IsGroup() && len(d.Entreps) > 0 {
		e := &d.Entreps[0]
		id, name = e.ClientID, ""
		if e.LastName != "" {
			name = e.FirstName + " " + e.LastName
		}
	}
	if key := looseKey(id); key != "" {
		return "id " + key
	}
	if name = strings.ToLower(evenText(name)); name != "" {
		return "name " + name
	}
	return ""
}

func termsOf(d *spec.LoanDraft) string {
	amount := d.Amount()
	if d.DisburseTime == 0 || amount.IsZero() {
		return ""
	}
	return amount.String() + " " + d.Currency + " " + d.DisburseTime.String()
}

func photoOf(d *spec.LoanDraft) string {
	switch {
	case d.Image != nil && d.Image.Picture != "":
		return d.Image.Picture
	case d.Image != nil:
		return d.Image.Digest
	case d.ImageEncoded != "":
		return d.ImageEncoded
	}
	return d.ImageURL
}

// evenText returns a text in NFC, with one space for each run of white space.
func evenText(s string) string {
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// Parts are the parts that are the same in two contents.
type Parts struct{ Client, Terms, Story, Photo bool }

// sameParts compares two contents.
func (c *Contents) sameParts(with *Contents) Parts {
	same := func(a, b uint64) bool { return a == b && a != 0 }
	return Parts{same(c.Client, with.Client), same(c.Terms, with.Terms), same(c.Story, with.Story), same(c.Photo, with.Photo)}
}

// IsAlike reports whether two drafts with these parts in common are alike: client
// and one more, or story and photo.
func (p Parts) IsAlike() bool {
	return p.Client && (p.Terms || p.Story || p.Photo) || p.Story && p.Photo
}

const (
	partDigits = 10 // hex digits of a digest: 40 bits
	shortMost  = 6  // members in a short text
	cutMark    = "f"
)

// String returns the contents in hex digits, "" for zero contents.
func (c *Contents) String() string { return c.encode(len(c.Members)) }

// Short returns the contents with at most 6 members, short enough for a key.
func (c *Contents) Short() string { return c.encode(min(len(c.Members), shortMost)) }

func (c *Contents) encode(members int) string {
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

// ParseContents parses the text of String or Short. It returns zero for any other
// text.
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

// ShortText shortens the text of String to that of Short.
func ShortText(s string) string {
	if len(s) <= (4+shortMost)*partDigits {
		return s
	}
	return s[:(4+shortMost)*partDigits] + cutMark
}
