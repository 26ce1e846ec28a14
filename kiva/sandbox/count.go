package sandbox

import (
	"strconv"

	"kivaform/kiva"
)

// upload returns the upload with the id, or nil.
func (st *state) upload(id string) *upload {
	n, err := strconv.Atoi(id)
	if i := n - firstUpload; err == nil && i >= 0 && i < len(st.uploads) {
		return st.uploads[i]
	}
	return nil
}

// statusCount is how many loans have a status.
type statusCount struct {
	Status kiva.Status
	N      int
}

func (st *state) uploadsOf(period string) (n int) {
	for _, u := range st.uploads {
		if u.period == period {
			n++
		}
	}
	return n
}

// loansByStatus returns the statuses that loans have, in the order of a loan's
// life.
func (st *state) loansByStatus() (found []statusCount) {
	counts := map[kiva.Status]int{}
	for _, l := range st.loans {
		counts[l.Status]++
	}
	for _, s := range statuses {
		if counts[s] > 0 {
			found = append(found, statusCount{s, counts[s]})
		}
	}
	return found
}

// canAdvance says how many loans would be moved on to each status.
func (st *state) canAdvance() (counts []statusCount) {
	for _, to := range mainLine[1:] {
		n := 0
		for _, l := range st.loans {
			if ahead(l.Status, to) {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, statusCount{to, n})
		}
	}
	return counts
}
