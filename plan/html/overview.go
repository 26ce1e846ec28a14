package html

import "kivaform/plan/view"

// An overview is the top of the page: the plan's summary.
type overview struct {
	*view.Header
	Lang  string
	Kinds []kindView
	Parts []part
	Empty bool // there are no documents
}

// A kindView counts the actions on the items of one kind.
type kindView struct {
	Kind   string
	Sends  int
	Sums   []view.Sum
	Others []actionCount
	Again  int // repayments whose amount has changed
}

// A part is a section of the page, for its list of contents.
type part struct {
	Anchor string
	Key    string // of its title
	Value  string // in its title
	Count  int
}

func (p *page) overview() *overview {
	s := &p.Summary
	o := &overview{Header: &p.Header, Lang: p.Code}
	for _, k := range []struct {
		kind string
		t    *view.Tally
	}{{"loan_draft", &s.LoanDrafts}, {"journal", &s.Journals}, {"repayment", &s.Repayments}} {
		if k.t.Total > 0 {
			o.Kinds = append(o.Kinds, kindView{
				Kind: k.kind, Sends: k.t.Count(view.Action.Sends), Sums: k.t.Sends,
				Others: othersOf(*k.t), Again: k.t.Actions[view.ReportAgain],
			})
		}
	}
	o.Empty = len(o.Kinds) == 0
	o.Parts = p.contents()
	return o
}

// Actions are those of the plan's items, in the order of a plan, for the filter.
func (o *overview) Actions() []view.Action {
	var list []view.Action
	s := &o.Summary
	for _, a := range view.Actions() {
		if s.LoanDrafts.Actions[a]+s.Journals.Actions[a]+s.Repayments.Actions[a] > 0 {
			list = append(list, a)
		}
	}
	return list
}

// contents lists the sections that follow.
func (p *page) contents() []part {
	var list []part
	if !p.first.empty() {
		list = append(list, part{"attention", "attention", "", p.Summary.NeedsPerson + len(p.Faults)})
	}
	for _, k := range []struct {
		kind string
		t    view.Tally
	}{{"loan_draft", p.Summary.LoanDrafts}, {"journal", p.Summary.Journals}} {
		if n := p.listed(k.t); n > 0 {
			list = append(list, part{k.kind, "section." + k.kind, "", n})
		}
	}
	for i := range p.found {
		r := &p.found[i]
		if n := p.listed(r.Tally) + r.Tally.Count(view.Action.NeedsPerson); n+len(r.Gone) > 0 {
			list = append(list, part{string(r.Address), "report", r.Period, n})
		}
	}
	return list
}

// loansNamed is how many loans of a group are named.
const loansNamed = 12

// An attention lists faults, warnings, notes and items that need a person.
type attention struct {
	Faults   []view.Fault
	Warnings []view.Fault
	Reasons  []view.Reason // notes for a person
	Items    int           // that need a person
	Open     []view.Reason // of requests without an answer that the files no longer have
	Rows     []*rowGroup
}

// A rowGroup is rows of a report that need a person for one reason.
type rowGroup struct {
	Report *view.Report
	Action view.Action
	Reason view.Reason
	Count  int
	Loans  []string // the first few
}

func (a *attention) empty() bool {
	return len(a.Faults)+len(a.Warnings)+len(a.Reasons)+len(a.Open)+a.Items+len(a.Rows) == 0
}

func (p *page) attentionOf() *attention {
	a := &attention{
		Faults: p.Faults, Warnings: p.Warnings, Reasons: p.Reasons,
		Items: p.Summary.LoanDrafts.Count(view.Action.NeedsPerson) + p.Summary.Journals.Count(view.Action.NeedsPerson),
	}
	for i := range p.Unanswered {
		a.Open = append(a.Open, p.Unanswered[i].Reason)
	}
	for i := range p.found {
		a.Rows = append(a.Rows, rowGroupsOf(&p.found[i])...)
	}
	return a
}

// rowGroupsOf groups the rows of a report that need a person by their reason.
func rowGroupsOf(r *view.Report) []*rowGroup {
	if r.Tally.Count(view.Action.NeedsPerson) == 0 {
		return nil
	}
	type key struct {
		action view.Action
		why    string
	}
	var list []*rowGroup
	groups := make(map[key]*rowGroup)
	for row := range r.Rows(false) {
		if !row.Action.NeedsPerson() {
			continue
		}
		g := groups[key{row.Action, row.Why}]
		if g == nil {
			g = &rowGroup{Report: r, Action: row.Action, Reason: row.Reason}
			groups[key{row.Action, row.Why}] = g
			list = append(list, g)
		}
		if g.Count++; g.Count <= loansNamed {
			g.Loans = append(g.Loans, row.LoanID)
		}
	}
	return list
}

// More is how many rows of the group aren't named.
func (g *rowGroup) More() int { return g.Count - len(g.Loans) }

type sectionHead struct {
	Kind  string
	Count int
}
