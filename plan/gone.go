package plan

import "slices"

// gone returns the loan ids of the rows that were reported for a report's period
// and that its file no longer has, in order. Kiva keeps them.
func gone(r Report, past map[string]*RowAttempt) []string {
	known := 0
	for i := range r.Rows {
		if r.Rows[i].Last != nil {
			known++
		}
	}
	if known == len(past) { // all that was attempted is still there, as in most reports
		return nil
	}
	there := make(map[string]bool, known)
	for i := range r.Rows {
		if r.Rows[i].Last != nil {
			there[r.Report.Rows[i].LoanID] = true
		}
	}
	var ids []string
	for id, last := range past {
		if last.WasReported && !there[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
