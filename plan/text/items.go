package text

import (
	"strings"

	"kivaform/plan/view"
)

const (
	detailIndent   = "      " // below an item's address
	positionColumn = 100      // positions stand no further to the right
)

// printGroups shows items, and the reason that many have in common once.
func (p *printer) printGroups(groups view.Groups) {
	p.eachGroup(groups, func(a view.Action, g *view.Group) {
		n := len(g.Members)
		together := n > 1 && g.Why != ""
		if together {
			p.printReason(p.view.KindsOf(g.Members), g.Why)
		}
		if !a.Sends() { // items that are sent are never left out
			n = min(n, p.limit())
		}
		p.sideBySide(n, func(p *printer, i int) {
			p.view.ReadItem(g.Members[i], &p.item)
			p.printItem(&p.item, !together)
		})
		p.printLeftOut(len(g.Members)-n, "")
	})
}

// printReason says the reason of those that follow.
func (p *printer) printReason(who, reason string) {
	p.print("  ")
	p.flow("    ", strings.Fields(who+": "+view.Harmless(reason)))
}

// printItem shows an item, and its reason unless that was said already.
func (p *printer) printItem(item *view.Item, withReason bool) {
	p.printHeading(item)
	if withReason && item.Why != "" {
		p.print(detailIndent)
		p.flow(detailIndent, strings.Fields(view.Harmless(item.Why)))
	}
	switch {
	case item.Action == view.Edited:
		p.printColumns(changeLines(item.Changes))
	case item.Action.Sends():
		p.printColumns(view.Describe(item.Fields))
	}
}

// printHeading writes mark, address, money and position. The position goes to
// the right, or into a line of its own if it doesn't fit.
func (p *printer) printHeading(item *view.Item) {
	mark, address, sum := string(item.Action), view.Harmless(string(item.Address)), ""
	if item.Sum != nil && item.Action.Sends() {
		sum = "  " + item.Sum.String()
	}
	position := view.Harmless(item.Place.Short())
	used := len("  ") + widthOf(mark) + len(" ") + widthOf(address) + widthOf(sum) + widthOf(position) + 1
	before, after := p.around(colorOf(item.Action))
	p.print(before, "  ", mark, " ", address, after, sum)
	if gap := min(p.Width, positionColumn) - used; gap >= 2 {
		p.print(spaces(gap))
	} else {
		p.println()
		p.print(detailIndent)
	}
	p.println(p.dim(position))
}

// changeLines shows the sent and the wanted value of each field that differs.
func changeLines(changes []view.Change) []view.Line {
	lines := make([]view.Line, len(changes))
	for i := range changes {
		lines[i] = view.Line{Label: view.Harmless(changes[i].Path), Words: changeWords(&changes[i])}
	}
	return lines
}

func changeWords(c *view.Change) []string {
	switch {
	case !c.Personal:
		return strings.Fields(valueText(c.Type, c.Old) + view.Arrow + valueText(c.Type, c.New))
	case !c.Is:
		return []string{"removed"}
	case !c.Was:
		return append([]string{"added:"}, view.Prose(*c.New)...)
	}
	return append([]string{"changed, now:"}, view.Prose(*c.New)...)
}

// valueText shows a value before or after.
func valueText(kind string, value *string) string {
	switch {
	case value == nil:
		return view.None
	case kind == "money":
		return view.AmountText(*value)
	}
	return view.Harmless(*value)
}
