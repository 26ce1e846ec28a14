package markdown

import (
	"io"

	"kivaform/plan/view"
)

// WriteAccount writes an account of apply as Markdown: its counts, its failures
// with their positions, and the tasks that it leaves to people. Limits and
// escaping are those of [Write].
func WriteAccount(w io.Writer, a *view.Account, o Options) error {
	p := document{head: func(s *sheet, size headSize) { accountHead(s, a, size) }, rest: "The log of the run says more, and <code>kivaform status</code> shows each item."}
	for _, part := range a.Parts() {
		p.sections = append(p.sections, partSection(part))
	}
	if len(a.Todo) > 0 {
		p.sections = append(p.sections, todoSection(a.Todo))
	}
	return p.write(w, o)
}

func accountHead(s *sheet, a *view.Account, size headSize) {
	s.add("## Applied: ", a.Title(), "\n")
	if a.Stop != nil {
		s.add("\n**Stopped early:** ", inlineText(shortened(view.Harmless(a.Stop.Message), size.cell)), "\n")
	}
}

func partSection(p view.Part) *section {
	heading := "\n### " + p.Title + "\n\n" + inlineText(p.Next) + "\n\n| Item | File | Message |\n|---|---|---|\n"
	show := func(s *sheet, whole bool) int {
		return s.list(heading, len(p.Entries), func(i int) {
			e := p.Entries[i]
			s.add("| ", codeSpan(s.brief(string(e.Address), whole)), " | ", codeSpan(s.brief(e.Place.Short(), whole)), " | ", inlineText(s.brief(e.Message, whole)), " |\n")
		})
	}
	return &section{
		needsPerson: p.NeedsPerson, total: len(p.Entries), what: p.What,
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}

// todoSection lists the tasks that people have in PA2.
func todoSection(tasks []view.Task) *section {
	const heading = "\n### What people must do now in PA2\n\n<code>kivaform todo</code> lists it again.\n\n"
	show := func(s *sheet) int {
		return s.list(heading, len(tasks), func(i int) {
			s.add("- ", inlineText(tasks[i].Text()), confirmAddress(tasks[i]), "\n")
		})
	}
	return &section{
		total: len(tasks), what: "task",
		whole: func(s *sheet) { show(s) },
		lines: show,
	}
}

// confirmAddress says where journals are confirmed: a person who has the address can
// publish, so that it is shown only if it isn't masked.
func confirmAddress(t view.Task) string {
	switch {
	case t.Kind != view.TaskConfirm:
		return ""
	case t.ConfirmURL == "":
		return ": Kiva gave no address; look under Journals"
	case t.ConfirmURL == view.Mask:
		return ": the address is shown on a terminal, or with <code>--personal&#61;show</code>"
	}
	return ": " + codeSpan(t.ConfirmURL)
}
