package pa2

import (
	"strconv"

	"kivaform/kiva"
)

// Upload returns the upload with the id, or nil.
func (st *State) Upload(id string) *Upload {
	n, err := strconv.Atoi(id)
	if i := n - FirstUpload; err == nil && i >= 0 && i < len(st.Uploads) {
		return st.Uploads[i]
	}
	return nil
}

// StatusCount is the number of loans with a status.
type StatusCount struct {
	Status kiva.Status
	N      int
}

// UploadsOf counts the uploads of a period.
func (st *State) UploadsOf(period string) (n int) {
	for _, u := range st.Uploads {
		if u.Period == period {
			n++
		}
	}
	return n
}

// LoansByStatus counts the loans by status, in the order of a loan's life.
func (st *State) LoansByStatus() (found []StatusCount) {
	counts := map[kiva.Status]int{}
	for _, l := range st.Loans {
		counts[l.Status]++
	}
	for _, s := range Statuses {
		if counts[s] > 0 {
			found = append(found, StatusCount{s, counts[s]})
		}
	}
	return found
}

// CanAdvance counts the loans that would advance to each status.
func (st *State) CanAdvance() (counts []StatusCount) {
	for _, to := range mainLine[1:] {
		n := 0
		for _, l := range st.Loans {
			if isAhead(l.Status, to) {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, StatusCount{to, n})
		}
	}
	return counts
}
