// Package markdown shows a plan, and what came of applying it, as Markdown for
// comments and job summaries of GitHub and GitLab. It shows a [view.View]
// or a [view.Account], and knows nothing else.
package markdown

import (
	"io"

	"kivaform/plan/view"
)

// MinBytes is the least that Markdown can be limited to, in bytes.
const MinBytes = 1000

// Options say how to show a plan as Markdown.
type Options struct {
	// MaxBytes is the most that is written, in bytes of UTF-8; 0 means all. It
	// is [MinBytes] at least, and the length of Where. GitHub's comments end
	// at 65,536 characters.
	MaxBytes int
	// Where says where the rest is when something is left out: a sentence in
	// Markdown, of one line, written as it is. If it is empty, commands that
	// show the rest are named.
	Where string
}

// Write writes a plan as Markdown for GitHub and GitLab: a hidden marker by
// which a pipeline finds its comment again (<!-- kivaform plan ENVIRONMENT
// PARTNER -->), what the plan comes to, what needs a person with old and new
// values side by side, then each item. With a limit it shows as much as there
// is room for, what needs a person first: items with their fields, without the
// ends of very long texts where these have no room; or a line for each, or their
// number alone; and it says what it left out. What people typed can't become
// markup, a link or a mention. It returns the first error of w.
func Write(w io.Writer, v *view.View, o Options) error {
	p := &page{View: v}
	d := document{
		head: p.head, sections: p.sections(),
		rest: "<code>kivaform plan --full</code> shows all of it, and <code>kivaform show PLAN --format html</code> a saved plan as a page.",
	}
	return d.write(w, o)
}

// A page is the Markdown of a plan under way.
type page struct{ *view.View }

// sections are the parts of the page below its head, in their order.
func (m *page) sections() []*section {
	all := []*section{
		m.faults("Faults", "fault", "These must be mended before anything is sent.", m.Faults),
		m.person(),
		m.faults("Warnings", "warning", "", m.Warnings),
		m.notes(),
		m.items("Loan drafts", "loan draft", m.GroupDrafts(isListed)),
		m.items("Journals", "journal", m.GroupJournals(isListed)),
		m.reports(),
	}
	var some []*section
	for _, s := range all {
		if s.total > 0 {
			some = append(some, s)
		}
	}
	return some
}
