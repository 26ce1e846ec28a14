package view

import "kivaform/plan"

// A Group is the items, or rows, of one action and one reason.
type Group struct {
	Why     string // the reason, in English; empty where each member has its own, or none
	Members []int  // for View.Item, or for Report.Row
}

// Groups are the groups of each action, in the order of their first members.
type Groups map[Action][]*Group

// Count counts the members whose action is one of those for which is holds.
func (g Groups) Count(is func(Action) bool) (n int) {
	for a, list := range g {
		for _, group := range list {
			if is(a) {
				n += len(group.Members)
			}
		}
	}
	return n
}

// A grouping is groups under way.
type grouping struct {
	groups Groups
	found  map[groupKey]*Group

	last  groupKey // of the item added last: most are alike
	group *Group
}

type groupKey struct {
	action Action
	why    string
}

func newGrouping() *grouping {
	return &grouping{groups: make(Groups), found: make(map[groupKey]*Group)}
}

func (g *grouping) add(a Action, why string, member int) {
	if key := (groupKey{a, why}); g.group == nil || key != g.last {
		g.last, g.group = key, g.findGroup(key)
	}
	g.group.Members = append(g.group.Members, member)
}

func (g *grouping) findGroup(key groupKey) *Group {
	group := g.found[key]
	if group == nil {
		group = &Group{Why: key.why}
		g.found[key] = group
		g.groups[key.action] = append(g.groups[key.action], group)
	}
	return group
}

// GroupDrafts groups the loan drafts whose action is one of those for which is
// holds. What is sent isn't grouped by reason.
func (v *View) GroupDrafts(is func(Action) bool) Groups {
	g := newGrouping()
	g.addItems(v.plan.Drafts, 0, is)
	return g.groups
}

// GroupJournals groups journals, as GroupDrafts does drafts.
func (v *View) GroupJournals(is func(Action) bool) Groups {
	g := newGrouping()
	g.addItems(v.plan.Journals, len(v.plan.Drafts), is)
	return g.groups
}

// GroupItems groups loan drafts and journals together.
func (v *View) GroupItems(is func(Action) bool) Groups {
	g := newGrouping()
	g.addItems(v.plan.Drafts, 0, is)
	g.addItems(v.plan.Journals, len(v.plan.Drafts), is)
	return g.groups
}

func (g *grouping) addItems(items []plan.Item, first int, is func(Action) bool) {
	for i := range items {
		switch a := items[i].Action; {
		case !is(a):
		case a.Sends():
			g.add(a, "", first+i)
		default:
			g.add(a, inEnglish(items[i].Reason), first+i)
		}
	}
}

// KindsOf says of which kinds some items are: "2 loan drafts, 1 journal".
func (v *View) KindsOf(members []int) string {
	var c kindCount
	for _, i := range members {
		if i < len(v.plan.Drafts) {
			c.drafts++
		} else {
			c.journals++
		}
	}
	return c.String()
}

// GroupRows groups the rows whose action is one of those for which is holds.
func (r *Report) GroupRows(is func(Action) bool) Groups {
	g := newGrouping()
	for i := range r.report.Rows {
		if row := &r.report.Rows[i]; is(row.Action) {
			g.add(row.Action, inEnglish(row.Reason), i)
		}
	}
	return g.groups
}
