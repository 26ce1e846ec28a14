package markdown

import (
	"fmt"
	"math"
	"strings"

	"kivaform/plan/view"
)

// faults is the section of faults, or of warnings.
func (m *page) faults(title, what, meaning string, list []view.Fault) *section {
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

func faultText(s *sheet, f *view.Fault, whole bool) string {
	text := f.Message
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return codeSpan(f.Code) + " " + codeSpan(s.brief(f.Place.Short(), whole)) + " " + inlineText(s.brief(text, whole))
}

// few limits a list of similar things where there is little room.
const few = 12

// reports is the section of repayment reports: each with its rows, or with
// their numbers alone.
func (m *page) reports() *section {
	type listed struct {
		view.Report
		rows view.Groups
	}
	var list []listed
	rows, detail := 0, ""
	for r := range m.Reports() {
		if found := r.GroupRows(isListed); len(found)+len(r.Gone) > 0 {
			list = append(list, listed{r, found})
			rows += found.Count(isListed)
		}
	}
	if rows > 0 {
		detail = view.Count(rows, "repayment") + " one by one"
	}
	return &section{
		total: len(list), what: "repayment report", detail: detail,
		whole: func(s *sheet) {
			for i := range list {
				m.reportHead(s, &list[i].Report, true)
				m.rows(s, &list[i].Report, list[i].rows, true)
			}
		},
		lines: func(s *sheet) int {
			return s.list("", len(list), func(i int) {
				m.reportHead(s, &list[i].Report, false)
				m.rowCounts(s, list[i].rows)
			})
		},
	}
}

// reportHead writes the meaning of a report's amounts and its coverage of the
// loans that Kiva expects.
func (m *page) reportHead(s *sheet, r *view.Report, whole bool) {
	most := few
	if whole {
		most = math.MaxInt
	}
	s.add("\n### Repayment report ", codeSpan(r.Period), "\n\n", codeSpan(s.brief(r.File, whole)), " · amounts are ", r.AmountsText(), "\n")
	if text := r.CoverageText(most); text != "" {
		s.add("\n", inlineText(text), "\n")
		m.oddRows(s, r, whole)
	}
	if text := r.GoneText(most); text != "" {
		s.add("\n", inlineText(text), "\n")
	}
	if text := r.DuplicateText(); text != "" {
		s.add("\n**", inlineText(text), "**\n")
	}
}

// oddRows lists the findings of rows that are sent.
func (m *page) oddRows(s *sheet, r *view.Report, whole bool) {
	list, rows := r.OddRows()
	if len(list) == 0 {
		return
	}
	s.add("\nLook at ", rows, " before you send:\n\n")
	n := len(list)
	if !whole {
		n = min(n, few)
	}
	for _, odd := range list[:n] {
		s.add("- ", codeSpan(odd.Place.Short()), " ", inlineText(s.brief(odd.Text(), whole)), "\n")
	}
	if more := len(list) - n; more > 0 {
		s.add(fmt.Sprintf("- and %d more\n", more))
	}
}

// rowCounts says of each action for each reason how many rows have it.
func (m *page) rowCounts(s *sheet, found view.Groups) {
	if len(found) == 0 {
		return
	}
	s.add("\n| | Rows | |\n|---|--:|---|\n")
	for _, a := range view.Actions() {
		list := found[a]
		for _, g := range list[:min(len(list), few)] {
			s.add(fmt.Sprintf("| %c | %d | %s |\n", a, len(g.Members), inlineText(s.brief(g.Why, false))))
		}
		rest := 0
		for _, g := range list[min(len(list), few):] {
			rest += len(g.Members)
		}
		if rest > 0 {
			s.add(fmt.Sprintf("| %c | %d | for other reasons |\n", a, rest))
		}
	}
}

// rows shows rows of a report, below the reason that they have in common.
func (m *page) rows(s *sheet, r *view.Report, found view.Groups, whole bool) (left int) {
	for _, a := range view.Actions() {
		for _, g := range mergeSingles(found[a]) {
			heading := "\n| | Loan | Client | Was | Amount | File | Remark |\n|---|---|---|--:|--:|---|---|\n"
			if g.Why != "" {
				heading = "\n" + view.Count(len(g.Members), "repayment") + ": " + inlineText(s.brief(g.Why, whole)) +
					"\n\n| | Loan | Client | Was | Amount | File |\n|---|---|---|--:|--:|---|\n"
			}
			left += s.list(heading, len(g.Members), func(i int) {
				row := r.Row(g.Members[i])
				s.add(rowLine(s, a, row.Cells(), whole))
				if g.Why == "" {
					s.add(" ", inlineText(s.brief(row.Why, whole)), " |")
				}
				s.add("\n")
			})
		}
	}
	return left
}

// rowLine is a row but for its end.
func rowLine(s *sheet, a view.Action, c view.RowCells, whole bool) string {
	cells := []string{string(a), codeSpan(s.brief(c.Loan, whole)), codeSpan(s.brief(c.Client, whole)), c.Was, inlineText(s.brief(c.Currency+" "+c.Now, whole)), codeSpan(s.brief(c.Place, whole))}
	return "| " + strings.Join(cells, " | ") + " |"
}
