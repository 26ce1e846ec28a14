package view

import (
	"fmt"
	"strings"
)

// A Part is the items of a run that ended alike, with the next step for them.
type Part struct {
	Title       string
	What        string // one of its entries: rejected item
	Next        string // for people: a sentence
	NeedsPerson bool   // nothing more happens to its items until a person acts
	Undecided   bool   // a person must decide whether Kiva has its items
	Entries     []Entry
}

// accountParts are the parts of an account by the outcome of their entries, in
// the order of importance.
var accountParts = []struct {
	outcome string
	part    Part
}{
	{"unknown", Part{
		Title: "Unknown", What: "unknown item", NeedsPerson: true, Undecided: true,
		Next: "A person must find out in PA2 whether Kiva has these. Until then they are not sent again.",
	}},
	{"rejected", Part{
		Title: "Rejected", What: "rejected item", NeedsPerson: true,
		Next: "Kiva refused these. Mend the files and apply again; what was sent stays sent.",
	}},
	{"taken", Part{Title: "Taken", What: "taken item", Next: "Another run has these. Plan again when it has ended."}},
	{"not-sent", Part{Title: "Not sent", What: "unsent item", Next: "These did not leave. The next apply tries again."}},
	{"not-attempted", Part{Title: "Not attempted", What: "unattempted item", Next: "These were not begun. The next apply goes on with them."}},
}

// Parts returns the entries that weren't simply accepted, in the order of importance; Kiva's
// remarks come last.
func (a *Account) Parts() []Part {
	ended := make(map[string][]Entry)
	for _, e := range a.Failures {
		ended[e.Outcome] = append(ended[e.Outcome], e)
	}
	var parts []Part
	for _, p := range accountParts {
		if p.part.Entries = ended[p.outcome]; len(p.part.Entries) > 0 {
			parts = append(parts, p.part)
		}
	}
	if len(a.Remarks) > 0 {
		parts = append(parts, Part{Title: "Kiva remarks", What: "remark", Next: "These were taken; look at them in PA2.", Entries: a.Remarks})
	}
	return parts
}

// Text words the next step, without the address where it is done.
func (t Task) Text() string {
	switch t.Kind {
	case TaskPublish:
		return "complete and publish " + Count(t.Items, "loan draft")
	case TaskConfirm:
		return "read and publish " + Count(t.Items, "journal")
	}
	return "finalise the repayment report " + strings.TrimPrefix(string(t.Address), "repayments/")
}

// Title says how many items ended how: "sent 41, rejected 1, not attempted 7".
func (a *Account) Title() string {
	var parts []string
	for _, outcome := range []string{"sent", "adopted", "rejected", "unknown", "not-sent", "not-attempted", "taken"} {
		if n := a.Counts[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ReplaceAll(outcome, "-", " "), n))
		}
	}
	if len(parts) == 0 {
		return "sent nothing"
	}
	return strings.Join(parts, ", ")
}
