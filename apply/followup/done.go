package followup

import (
	"fmt"
	"slices"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/spec"
)

// A Claim is an address of which somebody says that its work in PA2 is
// finished, and what the ledger has of it.
type Claim struct {
	Given   string // as it was typed
	address plan.Address
	named   []*ledger.Attempt // have the address, or are of the draft or report that has it
	batches []*ledger.Attempt // of journals, where all of them are named
	batch   plan.Address      // that it was sent in with others; "" where it has its own name
}

// NewClaim returns the claim of an address.
func NewClaim(given string) *Claim { return &Claim{Given: given, address: spec.ParseAddress(given)} }

// Claims are those of one command.
type Claims []*Claim

// NewClaims returns the claims of some addresses.
func NewClaims(given []string) Claims {
	claims := make(Claims, len(given))
	for i, address := range given {
		claims[i] = NewClaim(address)
	}
	return claims
}

// Concern reports whether an attempt has to do with any of the addresses.
func (all Claims) Concern(a *ledger.Attempt) bool {
	return slices.ContainsFunc(all, func(c *Claim) bool { return a.Concerns(c.address) })
}

// Add adds an attempt to each claim. Those of one stream come in the order of
// their numbers.
func (all Claims) Add(a *ledger.Attempt) {
	for _, c := range all {
		c.Add(a)
	}
}

// Add notes an attempt if it has to do with the address.
func (c *Claim) Add(a *ledger.Attempt) {
	stream := a.Intent.Stream
	switch {
	case c.address == spec.Journals && stream == spec.Journals:
		c.batches = append(c.batches, a)
	case c.address == stream || c.address == a.Numbered():
		c.named = append(c.named, a)
	case sentToKiva(a) && a.Concerns(c.address):
		if c.batch = a.Address(); stream.Kind() == "repayments" {
			c.batch = stream // a report is finalised as a whole
		}
	}
}

// A Refusal says why a claim marks nothing as finished.
type Refusal struct {
	Why     Why
	Batches []plan.Address // of NamesSeveral: those that are left to people; of SentTogether: the one
	Attempt *ledger.Attempt
}

// Error says it in words, without what to do.
func (r *Refusal) Error() string {
	switch r.Why {
	case NamesSeveral:
		return "names every batch of journals, and each is confirmed by itself"
	case SentTogether:
		return "was sent together with others"
	case NothingSent:
		return "nothing of that name was sent"
	case FilesUnknown:
		return "a draft is done only where no document has it any more, and nobody knows that while files are faulty"
	case HasDocument:
		return "a loan draft leaves the list when Kiva lists its loan, so --done doesn't take it"
	case NoAnswer:
		return "no answer to it is known"
	}
	return fmt.Sprintf("not at Kiva: it is %s", r.Attempt.Outcome())
}

// A Why is the reason of a [Refusal].
type Why int

// The reasons.
const (
	NamesSeveral Why = iota // batches, of which nobody says which were read
	SentTogether            // its batch can be marked
	NothingSent
	FilesUnknown // a draft, and some documents can't be read
	HasDocument  // a draft that isn't given up
	NoAnswer     // a person must look for it first
	NotAtKiva
)

// Marks returns the attempts that are finished by a person's word, or a
// *Refusal. The files of the workspace say whether a draft is given up.
func (c *Claim) Marks(files *spec.Set) ([]*ledger.Attempt, error) {
	switch {
	case len(c.batches) > 0:
		return nil, c.refuseBatches()
	case len(c.named) > 0:
	case c.batch != "":
		return nil, &Refusal{Why: SentTogether, Batches: []plan.Address{c.batch}}
	default:
		return nil, &Refusal{Why: NothingSent}
	}
	last := c.named[len(c.named)-1]
	if draft := last.Intent.Stream; draft.Kind() == "loan_draft" {
		if files.Err(func(spec.Address) bool { return true }) != nil {
			return nil, &Refusal{Why: FilesUnknown}
		}
		if slices.ContainsFunc(files.Drafts, func(d *spec.LoanDraft) bool { return d.Address() == draft }) {
			return nil, &Refusal{Why: HasDocument, Attempt: last}
		}
	}
	marks := slices.DeleteFunc(slices.Clone(c.named), func(a *ledger.Attempt) bool { return !isForPeople(a) })
	switch {
	case len(marks) > 0:
		return marks, nil
	case last.Outcome() == plan.OutcomeUnknown:
		return nil, &Refusal{Why: NoAnswer, Attempt: last}
	}
	return nil, &Refusal{Why: NotAtKiva, Attempt: last}
}

// refuseBatches names the batches that are left to people.
func (c *Claim) refuseBatches() error {
	r := &Refusal{Why: NamesSeveral}
	for _, a := range c.batches {
		if LeftToPeople(a) {
			r.Batches = append(r.Batches, a.Address())
		}
	}
	return r
}
