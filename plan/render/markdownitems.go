package render

import (
	"fmt"
	"slices"
	"strings"

	"kivaform/plan"
	"kivaform/spec"
)

// items is the section of loan drafts or of journals.
func (m *markdown) items(title, what string, items []plan.Item) *section {
	found := groupItems(items, inLists)
	p := &itemPart{m, items, found}
	return &section{
		total: found.count(inLists), what: what, detail: fieldsOf(count(found.count(plan.Action.Sends), what)),
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

// inLists reports whether an action belongs into the list of its kind.
func inLists(a plan.Action) bool { return !a.NeedsPerson() && a != plan.Unchanged }

// count counts the members whose action is wanted.
func (g groups) count(wanted func(plan.Action) bool) (n int) {
	for a, list := range g.of {
		for _, group := range list {
			if wanted(a) {
				n += len(group.members)
			}
		}
	}
	return n
}

// together puts groups of one member into one, whose members have reasons of
// their own.
func together(list []*group) []*group {
	var some []*group
	alone := new(group)
	for _, g := range list {
		if len(g.members) == 1 {
			alone.members = append(alone.members, g.members...)
		} else {
			some = append(some, g)
		}
	}
	if len(alone.members) > 0 {
		some = append(some, alone)
	}
	return some
}

// An itemPart is items, as groups of one action for one reason.
type itemPart struct {
	*markdown
	all   []plan.Item
	found groups
}

// groups shows the groups in the order of a plan's actions, and returns how
// many items have no room.
func (p *itemPart) groups(s *sheet, whole bool) (left int) {
	for _, a := range plan.Actions {
		for _, g := range together(p.found.of[a]) {
			switch {
			case whole && a == plan.Edited:
				left += p.edited(s, g)
			case whole && a.Sends():
				for k := 0; k < len(g.members) && !s.over; k++ {
					p.details(s, &p.all[g.members[k]])
				}
			default:
				left += p.table(s, a, g, whole)
			}
		}
	}
	return left
}

// details shows an item that is sent, with all that is sent of it.
func (p *itemPart) details(s *sheet, item *plan.Item) {
	v := p.item(item)
	parts := []string{code(s.text(string(v.Address))), sumText(&v), code(s.text(v.Place.Short()))}
	s.add("\n<details><summary>", string(item.Action), " ", strings.Join(nonEmpty(parts), " · "), "</summary>\n\n")
	if v.Why != "" {
		s.add(inline(s.text(v.Why)), "\n\n")
	}
	if len(v.Lacking) > 0 {
		s.add("A person must add in PA2 before it can be published: ", inline(strings.Join(v.Lacking, "; ")), "\n\n")
	}
	s.add("| Field | Value |\n|---|---|\n")
	for _, pair := range p.fields(s, item, &v) {
		s.add("| ", code(pair.label), " | ", inlineLines(strings.Join(pair.words, " ")), " |\n")
	}
	s.add("\n</details>\n")
}

// fields shows the fields of an item as the text view does.
func (p *itemPart) fields(s *sheet, item *plan.Item, v *Item) []pair {
	list := item.Resource.Fields()
	for i, f := range v.Fields {
		list[i].Value, list[i].Show = s.text(f.Value), s.text(f.Show) // as masked
	}
	return p.text.describe(list)
}

// sumText says "KES 50,000"; "" for a journal.
func sumText(v *Item) string {
	if v.Sum == nil {
		return ""
	}
	return inline(v.Sum.Currency + " " + v.Sum.Amount.Format())
}

// table shows a line for each item of a group, below the reason that they have
// in common.
func (p *itemPart) table(s *sheet, a plan.Action, g *group, whole bool) (left int) {
	heading := p.reason(s, g, whole) + "\n| | Item | Amount | File |\n|---|---|--:|---|\n"
	if g.why == "" {
		heading = "\n| | Item | Amount | File | Remark |\n|---|---|--:|---|---|\n"
	}
	return s.list(heading, len(g.members), func(i int) {
		v := p.item(&p.all[g.members[i]])
		s.add("| ", strings.TrimSpace(string(a)), " | ", code(s.brief(string(v.Address), whole)), " | ", sumText(&v), " | ",
			code(s.brief(v.Place.Short(), whole)), " |")
		if g.why == "" {
			s.add(" ", inline(s.brief(remark(&v), whole)), " |")
		}
		s.add("\n")
	})
}

func remark(v *Item) string {
	return strings.Join(nonEmpty(append([]string{v.Why}, v.Lacking...)), "; ")
}

// reason says why those that follow are where they are.
func (p *itemPart) reason(s *sheet, g *group, whole bool) string {
	if g.why == "" {
		return ""
	}
	return "\n" + kinds(p.all, g.members).String() + ": " + inline(s.brief(g.why, whole)) + "\n"
}

// edited shows side by side what was sent and what the files say now.
func (p *itemPart) edited(s *sheet, g *group) (left int) {
	heading := p.reason(s, g, true) + "\n| | Item | Field | Sent | Now |\n|---|---|---|---|---|\n"
	return s.list(heading, len(g.members), func(i int) {
		v := p.item(&p.all[g.members[i]])
		s.add("| ", string(plan.Edited), " | ", code(s.text(string(v.Address))), "<br>", code(s.text(v.Place.Short())))
		if g.why == "" && v.Why != "" {
			s.add("<br>", inline(s.text(v.Why)))
		}
		s.add(" |")
		for k := range v.Changes {
			if k > 0 {
				s.add("| | |")
			}
			c := &v.Changes[k]
			s.add(" ", code(s.text(c.Path)), " | ", valueBefore(s, c), " | ", valueAfter(s, c), " |\n")
		}
		if len(v.Changes) == 0 {
			s.add(" | | |\n")
		}
	})
}

func valueBefore(s *sheet, c *Change) string {
	switch {
	case !c.Was:
		return none
	case c.Old == nil:
		return "(not kept)"
	}
	return changeText(s, c.Type, *c.Old)
}

func valueAfter(s *sheet, c *Change) string {
	switch {
	case !c.Is:
		return none
	case c.New == nil:
		return "(unknown)"
	}
	return changeText(s, c.Type, *c.New)
}

func changeText(s *sheet, kind, value string) string {
	if kind == typeNames[spec.Money] {
		value = amount(value)
	}
	return inlineLines(s.text(value))
}

// person is the section of what goes nowhere until somebody has decided.
func (m *markdown) person() *section {
	items := slices.Collect(m.plan.Items())
	found := groupItems(items, plan.Action.NeedsPerson)
	p := &itemPart{m, items, found}
	show := func(s *sheet, whole bool) (left int) {
		s.reserve(moreRoom, func() { s.add("\n### Needs a person\n") })
		left = p.groups(s, whole)
		for _, r := range m.plan.Reports {
			left += m.rows(s, r, groupRows(r, plan.Action.NeedsPerson), whole)
		}
		return left
	}
	return &section{
		needsPerson: true, total: m.Summary.NeedsPerson, what: "decision", detail: changesOf(found),
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}

func changesOf(found groups) string {
	if n := found.count(func(a plan.Action) bool { return a == plan.Edited }); n > 0 {
		return fmt.Sprintf("old and new values of %d that changed", n)
	}
	return ""
}

// notes is the section of what a person should know.
func (m *markdown) notes() *section {
	show := func(s *sheet, whole bool) int {
		return s.list("\n### Notes\n\n", len(m.Notes), func(i int) {
			s.add("- ", inline(s.brief(m.Notes[i], whole)), "\n")
		})
	}
	return &section{
		total: len(m.Notes), what: "note",
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}
