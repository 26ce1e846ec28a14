package identity

import "kivaform/spec"

// A Thing is a loan draft or a journal, as far as it is compared.
type Thing struct {
	Address spec.Address
	LoanID  string
	Members []string // the loan ids of a group's borrowers
	Key     string   // of a journal; "" of a draft

	// Undecided says that the outcome isn't known and no file has the thing any more:
	// another one of the same client, or of the same loan, may be it, corrected.
	Undecided bool

	Contents Contents
	Resource spec.Resource // of a wanted thing
	OwnID    uint64        // the digest of a draft's loan id; 0 if it isn't compared
}

// ItemAddress returns the thing's address. That of a draft may be empty in Address.
func (t *Thing) ItemAddress() spec.Address {
	if t.Address == "" {
		return spec.DraftAddress(t.LoanID)
	}
	return t.Address
}

// NewThing returns a draft or a journal without its contents.
func NewThing(a spec.Address, r spec.Resource) Thing {
	switch r := r.(type) {
	case *spec.LoanDraft:
		t := Thing{Address: a, LoanID: r.LoanID()}
		t.AddMembers(r)
		return t
	case *spec.Journal:
		return Thing{Address: a, LoanID: r.LoanID, Key: r.Key}
	}
	return Thing{Address: a}
}

// AddMembers adds the loan ids of a draft's borrowers, without the thing's own.
func (t *Thing) AddMembers(d *spec.LoanDraft) {
	for i := range d.Entreps {
		if id := d.Entreps[i].LoanID; id != "" && id != t.LoanID {
			t.Members = append(t.Members, id)
		}
	}
}

// ThingOf returns the draft or the journal of an address, with its ids alone.
func ThingOf(a spec.Address) Thing {
	t := Thing{Address: a}
	switch parts := a.Parts(); {
	case parts[0] == "loan_draft" && len(parts) == 2:
		t.LoanID = parts[1]
	case parts[0] == "journal" && len(parts) == 3:
		t.LoanID, t.Key = parts[1], parts[2]
	}
	return t
}
