package history

import (
	"strings"

	"kivaform/plan"
)

// Rejects reports whether the problem says that Kiva didn't take a row.
func (p Problem) Rejects() bool { return p.Severity == "error" }

// Remarks reports whether the problem is surely no more than a remark about a row
// that Kiva took.
func (p Problem) Remarks() bool { return p.Severity == "warning" }

// A verdict is what the problems of an upload say of one row.
type verdict struct {
	outcome plan.Outcome // rejected or unknown
	problem *Problem
}

// verdicts returns what the problems of an upload mean for its rows, by index; a
// row that isn't there was taken. A problem that isn't surely a remark and names
// one row rejects it, if its severity is known; if not, a person has to look. One
// that may name two rows leaves both to a person; one that names none leaves all
// of the upload.
func (a *Attempt) verdicts() map[int]verdict {
	if a.Result == nil || len(a.Result.Problems) == 0 {
		return nil
	}
	verdicts := make(map[int]verdict)
	leave := func(i int, p *Problem) {
		if _, known := verdicts[i]; !known {
			verdicts[i] = verdict{plan.OutcomeUnknown, p}
		}
	}
	rows := a.rowsByID()
	for k := range a.Result.Problems {
		p := &a.Result.Problems[k]
		if p.Remarks() {
			continue
		}
		switch means := rows[foldID(p.LoanID)]; {
		case p.LoanID == "" || len(means) == 0:
			for i := range a.Intent.Rows {
				leave(i, p)
			}
		case len(means) == 1 && p.Rejects():
			verdicts[means[0]] = verdict{plan.OutcomeRejected, p}
		default:
			for _, i := range means {
				leave(i, p)
			}
		}
	}
	return verdicts
}

// rowsByID returns the indexes of an upload's rows by their ids as Kiva may write
// them.
func (a *Attempt) rowsByID() map[string][]int {
	rows := make(map[string][]int, len(a.Intent.Rows))
	for i := range a.Intent.Rows {
		id := foldID(a.Intent.Rows[i].LoanID)
		rows[id] = append(rows[id], i)
	}
	return rows
}

// foldID returns an id as it is compared: Kiva may write it as a number, in other
// capitals or with white space.
func foldID(id string) string {
	return strings.TrimLeft(strings.ToLower(strings.TrimSpace(id)), "0")
}

// RowOf returns the loan id of the row that a problem names, "" where it names
// none, or may mean several.
func (a *Attempt) RowOf(p Problem) string {
	if means := a.rowsByID()[foldID(p.LoanID)]; p.LoanID != "" && len(means) == 1 {
		return a.Intent.Rows[means[0]].LoanID
	}
	return ""
}

// RejectedRows counts the rows of an accepted upload that Kiva didn't take.
func (a *Attempt) RejectedRows() (n int) {
	if !a.Outcome().AtKiva() {
		return 0
	}
	for _, v := range a.verdicts() {
		if v.outcome == plan.OutcomeRejected {
			n++
		}
	}
	return n
}
