package render

import (
	"strings"

	"kivaform/plan"
	"kivaform/spec"
)

const (
	detailIndent = "      " // below an item's address
	placeColumn  = 100      // places stand no further to the right
	arrow        = " → "
	none         = "(none)"
)

// itemGroups shows items, and the reason that many have in common once.
func (t *text) itemGroups(items []plan.Item, found groups) {
	t.each(found, func(a plan.Action, g *group) {
		n := len(g.members)
		together := n > 1 && g.why != ""
		if together {
			t.why(kinds(items, g.members).String(), g.why)
		}
		if !a.Sends() { // what is sent is never left out
			n = t.limit(n)
		}
		t.inOrder(n, func(t *text, i int) { t.item(&items[g.members[i]], !together) })
		t.leftOut(len(g.members)-n, "")
	})
}

func kinds(items []plan.Item, members []int) (t tally) {
	for _, i := range members {
		if _, ok := items[i].Resource.(*spec.Journal); ok {
			t.journals++
		} else {
			t.drafts++
		}
	}
	return t
}

// why says the reason of those that follow.
func (t *text) why(who, reason string) {
	t.write("  ")
	t.flow("    ", words(who+": "+clean(reason)))
}

// item shows an item, and its reason unless that was said already.
func (t *text) item(item *plan.Item, withReason bool) {
	t.heading(item)
	if withReason && !item.Reason.IsZero() {
		t.write(detailIndent)
		t.flow(detailIndent, words(clean(english(item.Reason))))
	}
	switch {
	case item.Action == plan.Edited:
		t.columns(t.changes(item.Changes))
	case item.Action.Sends():
		t.fields = item.Resource.AppendFields(t.fields[:0])
		t.columns(t.describe(t.fields))
	}
}

// heading writes mark, address, money and place. The place goes to the right;
// where there is no room, into a line of its own.
func (t *text) heading(item *plan.Item) {
	mark, address := string(item.Action), clean(string(item.Address()))
	sum := sumOf(item)
	place := clean(item.Resource.Position().Short())
	used := len("  ") + width(mark) + len(" ") + width(address) + width(sum) + width(place) + 1
	before, after := t.around(colorOf(item.Action))
	t.write(before, "  ", mark, " ", address, after, sum)
	if gap := min(t.Width, placeColumn) - used; gap >= 2 {
		t.write(spaces(gap))
	} else {
		t.line()
		t.write(detailIndent)
	}
	before, after = t.around(dim)
	t.line(before, place, after)
}

// sumOf returns the amount of a draft that is to be sent, as "  KES 50,000".
func sumOf(item *plan.Item) string {
	d, ok := item.Resource.(*spec.LoanDraft)
	if !ok || !item.Action.Sends() {
		return ""
	}
	return "  " + strings.TrimSpace(clean(d.Currency)+" "+d.Amount().Format())
}

// changes shows what was sent and what is wanted.
func (t *text) changes(list []plan.Change) []pair {
	pairs := make([]pair, len(list))
	for i, c := range list {
		pairs[i] = pair{label: clean(c.Path), words: t.change(c)}
	}
	return pairs
}

func (t *text) change(c plan.Change) []string {
	if !c.Personal {
		return words(changed(c, c.Old, c.Was) + arrow + changed(c, c.New, c.Is))
	}
	switch {
	case !c.Is:
		return []string{"removed"}
	case !c.Was:
		return append([]string{"added:"}, t.changedTo(c)...)
	}
	return append([]string{"changed, now:"}, t.changedTo(c)...)
}

// changed shows a value before or after.
func changed(c plan.Change, value string, there bool) string {
	switch {
	case !there:
		return none
	case c.Kind == spec.Money:
		return amount(value)
	}
	return clean(value)
}

func (t *text) changedTo(c plan.Change) []string {
	if c.Kind != spec.Photo && !t.Personal {
		return []string{mask}
	}
	return prose(c.New)
}
