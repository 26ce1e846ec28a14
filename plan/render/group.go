package render

import "kivaform/plan"

// A group is what has one action for one reason.
type group struct {
	why     string
	members []int // of a list of items, or of a report's rows
}

// groups are the groups of each action, in the order of their first members.
type groups struct {
	of     map[plan.Action][]*group
	reason map[reason]*group

	last  reason // of what was added last
	group *group
}

type reason struct {
	action plan.Action
	why    string
}

func newGroups() groups {
	return groups{of: make(map[plan.Action][]*group), reason: make(map[reason]*group)}
}

func (g *groups) add(a plan.Action, why string, member int) {
	if key := (reason{a, why}); g.group == nil || key != g.last { // most are alike
		g.last, g.group = key, g.find(key)
	}
	g.group.members = append(g.group.members, member)
}

func (g *groups) find(key reason) *group {
	found := g.reason[key]
	if found == nil {
		found = &group{why: key.why}
		g.reason[key] = found
		g.of[key.action] = append(g.of[key.action], found)
	}
	return found
}

// groupItems groups the items whose action is wanted. What is sent isn't
// grouped by reason: each is shown by itself, in the order of the plan.
func groupItems(items []plan.Item, wanted func(plan.Action) bool) groups {
	g := newGroups()
	for i := range items {
		switch a := items[i].Action; {
		case !wanted(a):
		case a.Sends():
			g.add(a, "", i)
		default:
			g.add(a, english(items[i].Reason), i)
		}
	}
	return g
}

// groupRows groups the rows whose action is wanted.
func groupRows(r plan.Report, wanted func(plan.Action) bool) groups {
	g := newGroups()
	for i := range r.Rows {
		if row := &r.Rows[i]; wanted(row.Action) {
			g.add(row.Action, english(row.Reason), i)
		}
	}
	return g
}

// each shows groups in the order of a plan's actions: of each action the first
// few, where not all are asked for.
func (t *text) each(found groups, show func(plan.Action, *group)) {
	for _, a := range plan.Actions {
		list := found.of[a]
		n := t.limit(len(list))
		for _, g := range list[:n] {
			show(a, g)
		}
		left := 0
		for _, g := range list[n:] {
			left += len(g.members)
		}
		t.leftOut(left, " for other reasons")
	}
}
