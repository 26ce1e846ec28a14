package plan

import (
	"strings"

	"kivaform/spec"
)

// notListed is why a row waits whose loan Kiva doesn't list.
const notListed = "Kiva doesn't list this loan as payingBack or defaulted"

// whyNotListed says also which loan is meant, where a row has the id of a
// group's borrower, or an id that has lost its zeros.
func (s computer) whyNotListed(loanID string) string {
	k := s.knownIDs()
	if group := k.groups[loanID]; group != "" {
		return notListed + ": this is a borrower's id in a group; report the group's loan, " + group + ", in one row"
	}
	if id := k.withZeros(loanID); id != "" {
		return notListed + ", but " + id + " is known: a spreadsheet has probably dropped the zeros; format the column as text and export it again"
	}
	return notListed
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
