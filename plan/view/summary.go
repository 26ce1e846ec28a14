package view

import "fmt"

// A SummaryLine says in English one thing that a plan comes to.
type SummaryLine struct {
	Label string // needs you, to send, …; several lines may have one
	What  string // how many
	More  string // about them; may be empty
}

// A summaryText is a summary, line by line.
type summaryText []SummaryLine

// add adds a line unless its count is empty.
func (s *summaryText) add(label, what, more string) {
	if what != "" {
		*s = append(*s, SummaryLine{label, what, more})
	}
}

// SummaryLines counts the plan's items and adds up their money, line by line.
// Items that need a person come first.
func (v *View) SummaryLines() []SummaryLine {
	var s summaryText
	s.add("needs you", v.countKinds(Unknown).String(), "sent, with no answer known")
	gone := 0
	for i := range v.Unanswered {
		gone += len(v.Unanswered[i].Items)
	}
	s.add("needs you", Count(gone, "item"), "sent, no answer known, in no file")
	s.add("needs you", v.countKinds(Edited).String(), "changed after being sent")
	s.add("needs you", v.countKinds(Alike).String(), "maybe sent under another id")
	s.add("to mend", v.countKinds(Rejected).String(), "rejected by Kiva as they are")
	v.addSent(&s)
	s.add("to record", v.countKinds(Adopt).String(), "which Kiva lists already")
	s.add("waiting", v.countKinds(Waiting).String(), "not possible yet")
	unchanged := v.countKinds(Unchanged)
	s.add("unchanged", Count(unchanged.drafts+unchanged.journals+unchanged.rows, "item"), "")
	if len(s) == 0 {
		s.add("empty", "no documents", "")
	}
	return s
}

// addSent adds the items that are sent, with the money of each kind.
func (v *View) addSent(s *summaryText) {
	const label = "to send"
	drafts, journals := &v.Summary.LoanDrafts, &v.Summary.Journals
	s.add(label, Count(drafts.Count(Action.Sends), "loan draft"), sumsText(drafts.Sends))
	s.add(label, ofThemAgain(v.again.drafts), "on a person's word")
	s.add(label, Count(journals.Count(Action.Sends), "journal"), "")
	s.add(label, ofThemAgain(v.again.journals), "on a person's word")
	for r := range v.Reports() {
		if n := r.Tally.Count(Action.Sends); n > 0 {
			s.add(label, Count(n, "repayment")+" of "+Harmless(r.Period), sumsText(r.Tally.Sends))
		}
		s.add(label, ofThemAgain(r.Tally.Actions[ReportAgain]), "with a changed amount")
	}
}

func ofThemAgain(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of them again", n)
}

// countKinds counts the items of each kind that have an action.
func (v *View) countKinds(a Action) kindCount {
	s := &v.Summary
	return kindCount{s.LoanDrafts.Actions[a], s.Journals.Actions[a], s.Repayments.Actions[a]}
}
