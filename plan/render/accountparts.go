package render

import (
	"fmt"
	"strings"
)

// A Part is what ended alike in a run, and what to do about it.
type Part struct {
	Title   string
	What    string // one of its entries: rejected item
	Next    string // for people: a sentence
	Entries []Entry
}

// Parts returns what wasn't simply accepted, in the order of importance.
func (a *Account) Parts() []Part {
	var parts []Part
	add := func(title, what, next string, list []Entry) {
		if len(list) > 0 {
			parts = append(parts, Part{title, what, next, list})
		}
	}
	ended := make(map[string][]Entry)
	for _, e := range a.Failures {
		ended[e.Outcome] = append(ended[e.Outcome], e)
	}
	add("Unknown", "unknown item", "A person must find out in PA2 whether Kiva has these. Until then they are not sent again.", ended["unknown"])
	add("Rejected", "rejected item", "Kiva refused these. Mend the files and apply again; what was sent stays sent.", ended["rejected"])
	add("Taken", "taken item", "Another run has these. Plan again when it has ended.", ended["taken"])
	add("Not sent", "unsent item", "These did not leave. The next apply tries again.", ended["not-sent"])
	add("Not attempted", "unattempted item", "These were not begun. The next apply goes on with them.", ended["not-attempted"])
	add("Kiva remarks", "remark", "These were taken; look at them in PA2.", a.Remarks)
	return parts
}

// Text says what people must do, without the address where they do it.
func (t Task) Text() string {
	switch t.Kind {
	case "publish":
		return "complete and publish " + count(t.Items, "loan draft")
	case "confirm":
		return "read and publish " + count(t.Items, "journal")
	}
	return "finalise the repayment report " + strings.TrimPrefix(string(t.Address), "repayments/")
}

// title says how many items ended how: "sent 41, rejected 1, not attempted 7".
func (a *Account) title() string {
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
