package text

import (
	"strings"

	"kivaform/plan/view"
)

// printReport shows a repayment report: the meaning of its amounts, its coverage
// of the loans that Kiva expects, then its rows.
func (p *printer) printReport(r *view.Report) {
	groups := r.GroupRows(p.isListed)
	if len(groups)+len(r.Gone) == 0 {
		return
	}
	p.printReportHeading("Repayment report ", r)
	p.println("  amounts are ", r.AmountsText())
	p.printSentence(r.CoverageText(p.limit()))
	p.printOddRows(r)
	p.printSentence(r.GoneText(p.limit()))
	p.printSentence(r.DuplicateText())
	p.printRowGroups(r, groups)
	p.println()
}

func (p *printer) printReportHeading(title string, r *view.Report) {
	p.println(p.bold(title+view.Harmless(r.Period)), "  ", p.dim(view.Harmless(r.File)))
}

func (p *printer) printSentence(s string) {
	if s != "" {
		p.print("  ")
		p.flow("    ", strings.Fields(s))
	}
}

// printOddRows lists the findings of rows that are sent.
func (p *printer) printOddRows(r *view.Report) {
	list, rows := r.OddRows()
	if len(list) == 0 {
		return
	}
	p.println("  look at ", rows, " before you send:")
	n := min(len(list), p.limit())
	for _, odd := range list[:n] {
		p.print("    ", view.Harmless(odd.Place.Short()), "  ")
		p.flow("      ", strings.Fields(view.Harmless(odd.Text())))
	}
	p.printLeftOut(len(list)-n, "")
}
