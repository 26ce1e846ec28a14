package render

import "io"

// AccountMarkdown writes what a run of apply did as Markdown: the count of
// everything, what went wrong beside its line, and what people must do now. A
// limit and what people typed are treated as by [Markdown].
func AccountMarkdown(w io.Writer, a *Account, o MarkdownOptions) error {
	p := markdownPage{head: a.head, rest: "The log of the run says more, and <code>kivaform status</code> shows each item."}
	for _, part := range a.Parts() {
		p.sections = append(p.sections, part.section())
	}
	if len(a.Todo) > 0 {
		p.sections = append(p.sections, a.todo())
	}
	return p.write(w, o)
}

func (a *Account) head(s *sheet, size headSize) {
	s.add("## Applied: ", a.title(), "\n")
	if a.Stop != nil {
		s.add("\n**Stopped early:** ", inline(shortened(clean(a.Stop.Message), size.cell)), "\n")
	}
}

func (p Part) section() *section {
	heading := "\n### " + p.Title + "\n\n" + inline(p.Next) + "\n\n| Item | File | Message |\n|---|---|---|\n"
	show := func(s *sheet, whole bool) int {
		return s.list(heading, len(p.Entries), func(i int) {
			e := p.Entries[i]
			s.add("| ", code(s.brief(string(e.Address), whole)), " | ", code(s.brief(e.Place.Short(), whole)), " | ", inline(s.brief(e.Message, whole)), " |\n")
		})
	}
	return &section{
		needsPerson: p.NeedsPerson, total: len(p.Entries), what: p.What,
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}

// todo is the section of what people must do in PA2.
func (a *Account) todo() *section {
	const heading = "\n### What people must do now in PA2\n\n<code>kivaform todo</code> lists it again.\n\n"
	show := func(s *sheet) int {
		return s.list(heading, len(a.Todo), func(i int) {
			s.add("- ", inline(a.Todo[i].Text()), a.Todo[i].address(), "\n")
		})
	}
	return &section{
		total: len(a.Todo), what: "task",
		whole: func(s *sheet) { show(s) },
		lines: show,
	}
}

// address says where journals are confirmed: whoever has the address can
// publish, so that it is shown only if it isn't masked.
func (t Task) address() string {
	switch {
	case t.Kind != TaskConfirm:
		return ""
	case t.ConfirmURL == "":
		return ": Kiva gave no address; look under Journals"
	case t.ConfirmURL == mask:
		return ": the address is shown on a terminal, or with <code>--personal&#61;show</code>"
	}
	return ": " + code(t.ConfirmURL)
}
