package plan

import (
	"strings"

	"kivaform/spec"
)

// whyNotListed is the reason of a row whose loan Kiva doesn't list. It names the
// loan that is meant, where the row has the id of a group's borrower, or an id
// that has lost its zeros.
func (s computer) whyNotListed(loanID string) Reason {
	k := s.knownIDs()
	if group := k.groups[loanID]; group != "" {
		return NewReason(ReasonBorrowerOfGroup, "loan_id", group)
	}
	if id := k.withZeros(loanID); id != "" {
		return NewReason(ReasonZerosLost, "loan_id", id)
	}
	return NewReason(ReasonNotListed)
}

// knownIDs finds the loans that rows may mean which name another.
type knownIDs struct {
	groups map[string]string // the loan ids of groups, by those of their borrowers

	// Loan ids with zeros at their beginning, by what a spreadsheet leaves of
	// them: of the loans that Kiva expects in a report, and of others.
	expected, others map[string]string
}

func newKnownIDs(have *State, want *spec.Set) *knownIDs {
	k := &knownIDs{make(map[string]string), make(map[string]string), make(map[string]string)}
	for id, loan := range have.Loans {
		if loan != nil && takesRepayment(loan.Status) {
			addZeros(k.expected, id)
		} else {
			addZeros(k.others, id)
		}
	}
	for _, d := range want.Drafts {
		addZeros(k.others, d.LoanID())
		if d.IsGroup() {
			for i := range d.Entreps {
				k.groups[d.Entreps[i].LoanID] = d.LoanID()
			}
		}
	}
	return k
}

// addZeros adds an id that begins with zeros. A spreadsheet takes them from
// numbers only.
func addZeros(to map[string]string, id string) {
	if short := strings.TrimLeft(id, "0"); short != id && strings.Trim(id, "0123456789") == "" {
		to[short] = max(to[short], id) // which of many is an example
	}
}

// withZeros returns the known id that one was before its zeros were lost, ""
// where there is none.
func (k *knownIDs) withZeros(id string) string {
	short := strings.TrimLeft(id, "0")
	for _, known := range []string{k.expected[short], k.others[short]} {
		if len(known) > len(id) {
			return known
		}
	}
	return ""
}
