package render

import (
	"fmt"
	"strings"

	"kivaform/plan"
)

// faults is the section of faults, or of warnings.
func (m *markdown) faults(title, what, meaning string, list []Fault) *section {
	show := func(s *sheet, whole bool) int {
		heading := "\n### " + title + "\n\n"
		if meaning != "" {
			heading += meaning + "\n\n"
		}
		return s.list(heading, len(list), func(i int) { s.add("- ", faultText(s, &list[i], whole), "\n") })
	}
	return &section{
		needsPerson: what == "fault", total: len(list), what: what,
		whole: func(s *sheet) { show(s, true) },
		lines: func(s *sheet) int { return show(s, false) },
	}
}

func faultText(s *sheet, f *Fault, whole bool) string {
	text := f.Message
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return code(f.Code) + " " + code(s.brief(f.Place.Short(), whole)) + " " + inline(s.brief(text, whole))
}

// reports is the section of repayment reports: each with its rows, or with
// their numbers alone.
func (m *markdown) reports() *section {
	type listed struct {
		plan.Report
		rows groups
	}
	var list []listed
	rows, detail := 0, ""
	for _, r := range m.plan.Reports {
		if found := groupRows(r, inLists); len(found.of)+len(r.Gone) > 0 {
			list = append(list, listed{r, found})
			rows += found.count(inLists)
		}
	}
	if rows > 0 {
		detail = count(rows, "repayment") + " one by one"
	}
	return &section{
		total: len(list), what: "repayment report", detail: detail,
		whole: func(s *sheet) {
			for _, r := range list {
				m.reportHead(s, r.Report, true)
				m.rows(s, r.Report, r.rows, true)
			}
		},
		lines: func(s *sheet) int {
			return s.list("", len(list), func(i int) {
				m.reportHead(s, list[i].Report, false)
				m.rowCounts(s, list[i].rows)
			})
		},
	}
}

// reportHead says what a report's amounts mean and how it stands to the loans
// that Kiva expects in it.
func (m *markdown) reportHead(s *sheet, r plan.Report, whole bool) {
	s.add("\n### Repayment report ", code(r.Report.Period), "\n\n", code(s.brief(r.Report.File, whole)), " · amounts are ", modeText(r.Mode), "\n")
	t := *m.text
	t.Full = whole
	if c := r.Coverage; c != nil {
		s.add("\n", inline(strings.Join(t.expected(c), " ")), "\n")
		m.findings(s, r, whole)
	}
	if len(r.Gone) > 0 {
		s.add("\n", inline(strings.Join(t.gone(r.Gone), " ")), "\n")
	}
	if r.Duplicate != nil {
		s.add("\n**", inline(duplicateText(r.Duplicate)), "**\n")
	}
}

// findings lists the odd rows that are sent.
func (m *markdown) findings(s *sheet, r plan.Report, whole bool) {
	list := oddRows(r)
	if len(list) == 0 {
		return
	}
	s.add("\nLook at ", rowsOf(list), " before you send:\n\n")
	n := len(list)
	if !whole {
		n = min(n, few)
	}
	for _, f := range list[:n] {
		s.add("- ", code(r.Report.RowPos(f.Row).Short()), " ", inline(s.brief(r.Report.Rows[f.Row].LoanID+": "+english(f.Reason), whole)), "\n")
	}
	if more := len(list) - n; more > 0 {
		s.add(fmt.Sprintf("- and %d more\n", more))
	}
}

// rowCounts says of each action for each reason how many rows have it.
func (m *markdown) rowCounts(s *sheet, found groups) {
	if len(found.of) == 0 {
		return
	}
	s.add("\n| | Rows | |\n|---|--:|---|\n")
	for _, a := range plan.Actions {
		list := found.of[a]
		for _, g := range list[:min(len(list), few)] {
			s.add(fmt.Sprintf("| %c | %d | %s |\n", a, len(g.members), inline(s.brief(g.why, false))))
		}
		rest := 0
		for _, g := range list[min(len(list), few):] {
			rest += len(g.members)
		}
		if rest > 0 {
			s.add(fmt.Sprintf("| %c | %d | for other reasons |\n", a, rest))
		}
	}
}

// rows shows rows of a report, below the reason that they have in common.
func (m *markdown) rows(s *sheet, r plan.Report, found groups, whole bool) (left int) {
	for _, a := range plan.Actions {
		for _, g := range together(found.of[a]) {
			heading := "\n| | Loan | Client | Was | Amount | File | Remark |\n|---|---|---|--:|--:|---|---|\n"
			if g.why != "" {
				heading = "\n" + count(len(g.members), "repayment") + ": " + inline(s.brief(g.why, whole)) +
					"\n\n| | Loan | Client | Was | Amount | File |\n|---|---|---|--:|--:|---|\n"
			}
			left += s.list(heading, len(g.members), func(i int) {
				k := g.members[i]
				s.add(rowLine(s, a, cellsOf(r, k), whole))
				if g.why == "" {
					s.add(" ", inline(s.brief(english(r.Rows[k].Reason), whole)), " |")
				}
				s.add("\n")
			})
		}
	}
	return left
}

// rowLine is a row but for its end.
func rowLine(s *sheet, a plan.Action, c rowCells, whole bool) string {
	cells := []string{string(a), code(s.brief(c.loan, whole)), code(s.brief(c.client, whole)), c.was, inline(s.brief(c.currency+" "+c.now, whole)), code(s.brief(c.place, whole))}
	return "| " + strings.Join(cells, " | ") + " |"
}
