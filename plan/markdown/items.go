package markdown

import (
	"fmt"
	"slices"
	"strings"

	"kivaform/plan/view"
)

// items is the section of loan drafts or of journals.
func (m *page) items(title, what string, found view.Groups) *section {
	p := &itemPart{m, found}
	return &section{
		total: found.Count(isListed), what: what, detail: fieldsOf(view.Count(found.Count(view.Action.Sends), what)),
		whole: func(s *sheet) {
			s.add("\n### ", title, "\n")
			p.groups(s, true)
		},
		lines: func(s *sheet) (left int) {
			s.reserve(moreRoom, func() { s.add("\n### ", title, "\n") })
			return p.groups(s, false)
		},
	}
}

func fieldsOf(items string) string {
	if items == "" {
		return ""
	}
	return "the fields of " + items
}

// isListed reports whether an action belongs into the list of its kind.
func isListed(a view.Action) bool { return !a.NeedsPerson() && a != view.Unchanged }

// mergeSingles puts groups of one member into one, whose members have reasons of
// their own.
func mergeSingles(list []*view.Group) []*view.Group {
	var some []*view.Group
	alone := new(view.Group)
	for _, g := range list {
		if len(g.Members) == 1 {
			alone.Members = append(alone.Members, g.Members...)
		} else {
			some = append(some, g)
		}
	}
	if len(alone.Members) > 0 {
		some = append(some, alone)
	}
	return some
}

// An itemPart is items, as groups of one action for one reason.
type itemPart struct {
	*page
	found view.Groups
}

// groups shows the groups in the order of a plan's actions, and returns how
// many items have no room.
func (p *itemPart) groups(s *sheet, whole bool) (left int) {
	for _, a := range view.Actions() {
		for _, g := range mergeSingles(p.found[a]) {
			switch {
			case whole && a == view.Edited:
				left += p.edited(s, g)
			case whole && a.Sends():
				for k := 0; k < len(g.Members) && !s.over; k++ {
					p.details(s, g.Members[k])
				}
			default:
				left += p.table(s, a, g, whole)
			}
		}
	}
	return left
}

// details shows an item that is sent, with all that is sent of it.
func (p *itemPart) details(s *sheet, n int) {
	v := p.Item(n)
	parts := []string{codeSpan(s.text(string(v.Address))), sumText(&v), codeSpan(s.text(v.Place.Short()))}
	s.add("\n<details><summary>", string(v.Action), " ", strings.Join(nonEmpty(parts), " · "), "</summary>\n\n")
	if v.Why != "" {
		s.add(inlineText(s.text(v.Why)), "\n\n")
	}
	if len(v.Lacking) > 0 {
		s.add("A person must add in PA2 before it can be published: ", inlineText(strings.Join(v.Lacking, "; ")), "\n\n")
	}
	s.add("| Field | Value |\n|---|---|\n")
	for _, line := range view.Describe(shortenFields(s, v.Fields)) {
		s.add("| ", codeSpan(line.Label), " | ", inlineLines(strings.Join(line.Words, " ")), " |\n")
	}
	s.add("\n</details>\n")
}

// shortenFields returns the fields of an item with their texts as the sheet shows
// them.
func shortenFields(s *sheet, fields []view.Field) []view.Field {
	list := slices.Clone(fields)
	for i := range list {
		list[i].Value, list[i].Show = s.text(list[i].Value), s.text(list[i].Show)
	}
	return list
}

// sumText says "KES 50,000"; "" for a journal.
func sumText(v *view.Item) string {
	if v.Sum == nil {
		return ""
	}
	return inlineText(v.Sum.Currency + " " + v.Sum.Amount.Format())
}

// table shows a line for each item of a group, below the reason that they have
// in common.
func (p *itemPart) table(s *sheet, a view.Action, g *view.Group, whole bool) (left int) {
	heading := p.reason(s, g, whole) + "\n| | Item | Amount | File |\n|---|---|--:|---|\n"
	if g.Why == "" {
		heading = "\n| | Item | Amount | File | Remark |\n|---|---|--:|---|---|\n"
	}
	return s.list(heading, len(g.Members), func(i int) {
		v := p.Item(g.Members[i])
		s.add("| ", strings.TrimSpace(string(a)), " | ", codeSpan(s.brief(string(v.Address), whole)), " | ", sumText(&v), " | ",
			codeSpan(s.brief(v.Place.Short(), whole)), " |")
		if g.Why == "" {
			s.add(" ", inlineText(s.brief(itemRemark(&v), whole)), " |")
		}
		s.add("\n")
	})
}

func itemRemark(v *view.Item) string {
	return strings.Join(nonEmpty(append([]string{v.Why}, v.Lacking...)), "; ")
}

// reason says why those that follow are where they are.
func (p *itemPart) reason(s *sheet, g *view.Group, whole bool) string {
	if g.Why == "" {
		return ""
	}
	return "\n" + p.KindsOf(g.Members) + ": " + inlineText(s.brief(g.Why, whole)) + "\n"
}

// edited shows sent values beside those of the files.
func (p *itemPart) edited(s *sheet, g *view.Group) (left int) {
	heading := p.reason(s, g, true) + "\n| | Item | Field | Sent | Now |\n|---|---|---|---|---|\n"
	return s.list(heading, len(g.Members), func(i int) {
		v := p.Item(g.Members[i])
		s.add("| ", string(view.Edited), " | ", codeSpan(s.text(string(v.Address))), "<br>", codeSpan(s.text(v.Place.Short())))
		if g.Why == "" && v.Why != "" {
			s.add("<br>", inlineText(s.text(v.Why)))
		}
		s.add(" |")
		for k := range v.Changes {
			if k > 0 {
				s.add("| | |")
			}
			c := &v.Changes[k]
			s.add(" ", codeSpan(s.text(c.Path)), " | ", valueBefore(s, c), " | ", valueAfter(s, c), " |\n")
		}
		if len(v.Changes) == 0 {
			s.add(" | | |\n")
		}
	})
}

func valueBefore(s *sheet, c *view.Change) string {
	switch {
	case !c.Was:
		return view.None
	case c.Old == nil:
		return "(not kept)"
	}
	return changeText(s, c.Type, *c.Old)
}

func valueAfter(s *sheet, c *view.Change) string {
	switch {
	case !c.Is:
		return view.None
	case c.New == nil:
		return "(unknown)"
	}
	return changeText(s, c.Type, *c.New)
}

func changeText(s *sheet, kind, value string) string {
	if kind == "money" {
		value = view.AmountText(value)
	}
	return inlineLines(s.text(value))
}

// person is the section of items that wait for a person's decision.
func (m *page) person() *section {
	found := m.GroupItems(view.Action.NeedsPerson)
	p := &itemPart{m, found}
	show := func(s *sheet, whole bool) (left int) {
		s.reserve(moreRoom, func() { s.add("\n### Needs a person\n") })
		left = p.groups(s, whole)
		for r := range m.Reports() {
			left += m.rows(s, &r, r.GroupRows(view.Action.NeedsPerson), whole)
		}
		left += s.list("\n", len(m.Unanswered), func(i int) {
			s.add("- ", string(view.Unknown), " ", inlineText(s.brief(m.Unanswered[i].Why, whole)), "\n")
		})
		return left
	}
	return &section{
		needsPerson: true, total: m.Summary.NeedsPerson, what: "decision", detail: changesOf(found),
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}

func changesOf(found view.Groups) string {
	if n := found.Count(func(a view.Action) bool { return a == view.Edited }); n > 0 {
		return fmt.Sprintf("old and new values of %d that changed", n)
	}
	return ""
}

// notes is the section of the plan's notes.
func (m *page) notes() *section {
	show := func(s *sheet, whole bool) int {
		return s.list("\n### Notes\n\n", len(m.Notes), func(i int) {
			s.add("- ", inlineText(s.brief(m.Notes[i], whole)), "\n")
		})
	}
	return &section{
		total: len(m.Notes), what: "note",
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}
