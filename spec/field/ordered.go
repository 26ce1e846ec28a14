package field

import (
	"cmp"
	"slices"

	"kivaform/spec"
)

// AppendOrdered is [Append] for comparisons: in an order that doesn't depend on how
// a file lists them, borrowers by loan id, each with its own not_pictured, and
// instalments by date.
func AppendOrdered(to []spec.Field, r spec.Resource) []spec.Field {
	d, ok := r.(*spec.LoanDraft)
	if !ok || slices.IsSortedFunc(d.Entreps, compareBorrowers) && slices.IsSortedFunc(d.Schedule, compareInstalments) {
		return Append(to, r)
	}
	ordered := *d
	ordered.Schedule = slices.Clone(d.Schedule)
	slices.SortStableFunc(ordered.Schedule, compareInstalments)
	orderBorrowers(&ordered)
	return Append(to, &ordered)
}

// orderBorrowers sorts copies of a draft's borrowers and of what belongs to them.
// Where not_pictured isn't one value for each, it can't be told whose they are.
func orderBorrowers(d *spec.LoanDraft) {
	entreps, pictures := d.Entreps, d.NotPictured
	paired := len(pictures) == len(entreps)
	if !paired && len(pictures) > 0 {
		return
	}
	places := make([]int, len(entreps))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, k int) int { return compareBorrowers(entreps[i], entreps[k]) })
	d.Entreps, d.NotPictured = make([]spec.Entrep, len(places)), nil
	for i, place := range places {
		d.Entreps[i] = entreps[place]
		if paired {
			d.NotPictured = append(d.NotPictured, pictures[place])
		}
	}
}

// compareBorrowers orders by loan id; members of a group may have none.
func compareBorrowers(a, b spec.Entrep) int {
	return cmp.Or(
		cmp.Compare(a.LoanID, b.LoanID), cmp.Compare(a.ClientID, b.ClientID),
		cmp.Compare(a.FirstName, b.FirstName), cmp.Compare(a.LastName, b.LastName),
		cmp.Compare(a.Gender, b.Gender), a.Amount.Cmp(b.Amount),
	)
}

func compareInstalments(a, b spec.Instalment) int {
	return cmp.Or(cmp.Compare(a.Date, b.Date), a.Principal.Cmp(b.Principal), a.Interest.Cmp(b.Interest))
}
