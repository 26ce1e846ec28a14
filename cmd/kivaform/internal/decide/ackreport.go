package decide

import (
	"kivaform/plan"
	"kivaform/spec"
)

// expandReports puts the rows of a report that a person must decide about in the place
// of the report's address: repayments/2026-11.
func expandReports(p *plan.Plan, addresses []string) []string {
	var all []string
	for _, address := range addresses {
		rows := undecidedRows(p, spec.ParseAddress(address))
		if rows == nil {
			rows = []string{address}
		}
		all = append(all, rows...)
	}
	return all
}

// undecidedRows returns the addresses of a report's rows that are held as alike.
func undecidedRows(p *plan.Plan, report plan.Address) (rows []string) {
	for _, r := range p.Reports {
		for i := range r.Rows {
			if r.Address() == report && r.Rows[i].Action == plan.Alike {
				rows = append(rows, string(r.RowAddress(i)))
			}
		}
	}
	return rows
}
