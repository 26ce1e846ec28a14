package render

import "io"

// MinMarkdown is the least that Markdown can be limited to, in bytes.
const MinMarkdown = 1000

// MarkdownOptions say how to show a plan as Markdown.
type MarkdownOptions struct {
	// MaxBytes is the most that is written, in bytes of UTF-8; 0 means all. It
	// is [MinMarkdown] at least, and the length of Where. GitHub's comments end
	// at 65,536 characters.
	MaxBytes int
	// Where says where the rest is when something is left out: a sentence in
	// Markdown, of one line, written as it is. If it is empty, commands that
	// show the rest are named.
	Where string
}

// Markdown writes a plan as Markdown for GitHub and GitLab: a hidden marker by
// which a pipeline finds its comment again (<!-- kivaform plan ENVIRONMENT
// PARTNER -->), what the plan comes to, what needs a person with old and new
// values side by side, then each item. With a limit it shows as much as there
// is room for, what needs a person first: items with their fields, without the
// ends of very long texts where these have no room; or a line for each, or their
// number alone; and it says what it left out. What people typed can't become
// markup, a link or a mention. It returns the first error of w.
func Markdown(w io.Writer, v *View, o MarkdownOptions) error {
	m := &markdown{View: v, text: &text{Options: Options{Personal: true, Full: true}, plan: v.plan}}
	p := markdownPage{
		head: m.head, sections: m.sections(),
		rest: "<code>kivaform plan --full</code> shows all of it, and <code>kivaform show PLAN --format html</code> a saved plan as a page.",
	}
	return p.write(w, o)
}

// markdown is a Markdown view of a plan under way.
type markdown struct {
	*View
	text *text // shows single things as the text view does; personal values are masked before
}

// sections are the parts of the page below its head, in their order.
func (m *markdown) sections() []*section {
	all := []*section{
		m.faults("Faults", "fault", "These must be mended before anything is sent.", m.Faults),
		m.person(),
		m.faults("Warnings", "warning", "", m.Warnings),
		m.notes(),
		m.items("Loan drafts", "loan draft", m.plan.Drafts),
		m.items("Journals", "journal", m.plan.Journals),
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
