package plan

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"kivaform/plan/identity"
	"kivaform/spec"
)

const contentsForm = "kivaform contents 1"

// The kinds of contents, as they are digested.
const (
	clientContents = "client"
	termsContents  = "terms"
	storyContents  = "story"
	photoContents  = "photo"
	idContents     = "loan id"
)

// Contents digests what a draft or a journal says, whatever its address is. A
// client's id counts however it is typed, a text however it is spaced.
func (d Digester) Contents(r spec.Resource) (c identity.Contents) {
	switch r := r.(type) {
	case *spec.LoanDraft:
		c.Client = d.contents(clientContents, clientOf(r))
		c.Terms = d.contents(termsContents, termsOf(r))
		c.Story = d.contents(storyContents, evenText(r.Description))
		c.Photo = d.contents(photoContents, photoOf(r))
		if r.IsGroup() {
			for i := range r.Entreps {
				c.Members = append(c.Members, d.LoanIDDigest(r.Entreps[i].LoanID))
			}
		}
	case *spec.Journal:
		c.Story = d.contents(storyContents, evenText(r.Subject)+"\x00"+evenText(r.Body))
	}
	return c
}

// LoanIDDigest digests a loan id, however it is typed.
func (d Digester) LoanIDDigest(id string) uint64 {
	return d.contents(idContents, identity.LooseKey(id))
}

// contents digests one part; 0 for none. The digester of a ledger that isn't begun
// has no key: there is nothing to compare with.
func (d Digester) contents(kind, text string) (digest uint64) {
	if text == "" || d.machines == nil {
		return 0
	}
	m := d.machine(contentsForm, spec.Address(kind))
	m.text = appendText(m.text, text)
	m.mac.Reset()
	m.mac.Write(m.text)
	for _, b := range m.mac.Sum(m.sum[:0])[:identity.DigestBytes] {
		digest = digest<<8 | uint64(b)
	}
	d.machines.Put(m)
	return digest
}

// clientOf tells a draft's client: by the partner's id of the client, else by name.
func clientOf(d *spec.LoanDraft) string {
	id, name := d.InternalClientID, d.GroupName
	if !d.IsGroup() && len(d.Entreps) > 0 {
		e := &d.Entreps[0]
		id, name = e.ClientID, ""
		if e.LastName != "" {
			name = e.FirstName + " " + e.LastName
		}
	}
	if key := identity.LooseKey(id); key != "" {
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
