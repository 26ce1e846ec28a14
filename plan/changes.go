package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kivaform/spec"
	"kivaform/spec/field"
)

// Changes compares an item with what the ledger recorded under an address.
func Changes(past Past, a spec.Address, was Recorded, r spec.Resource) []Change {
	return computer{State: &State{Past: past}}.changes(a, was, r)
}

// changes compares an item with what the ledger recorded of it, in the order of the
// wanted fields; what is no longer wanted comes last. Order and white space make no
// change.
func (s computer) changes(a spec.Address, was Recorded, r spec.Resource) []Change {
	var list []Change
	left := make(map[string]bool, len(was.Values)+len(was.Digests))
	for path := range was.Values {
		left[path] = true
	}
	for path := range was.Digests {
		left[path] = true
	}
	recordedPath := s.pairElements(a, was, r)
	for _, f := range field.Values(r) {
		path := recordedPath(f.Path)
		delete(left, path)
		old, plain := was.Values[path]
		_, digested := was.Digests[path]
		if !s.isRecorded(a, was, path, f) {
			list = append(list, Change{Path: f.Path, Kind: f.Kind, Personal: f.Personal, Old: old, New: shown(f), Was: plain || digested, Is: true})
		}
	}
	gone := make([]Change, 0, len(left))
	for path := range left {
		_, digested := was.Digests[path]
		gone = append(gone, Change{Path: path, Personal: digested, Old: was.Values[path], Was: true})
	}
	slices.SortFunc(gone, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return append(list, gone...)
}

// isRecorded reports whether the ledger recorded a field under a path with the value
// that is wanted.
func (s computer) isRecorded(a spec.Address, was Recorded, path string, f spec.Field) bool {
	if old, plain := was.Values[path]; plain && (old == f.Value || f.Kind == spec.Text && isSameText(old, f.Value)) {
		return true
	}
	digest, digested := was.Digests[path]
	f.Path = path
	return digested && s.Past.MatchesField(digest, a, f)
}

// pairElements pairs borrowers and instalments with those that were recorded, and
// returns the path under which a wanted field was recorded, had it been.
func (s computer) pairElements(a spec.Address, was Recorded, r spec.Resource) func(path string) string {
	d, ok := r.(*spec.LoanDraft)
	if !ok {
		return func(path string) string { return path }
	}
	value := func(list string, i int, name string) string {
		return was.Values[spec.ElementPath(list, i)+"."+name]
	}
	borrowers := pairLists(len(d.Entreps), countElements(was, "entreps"),
		func(i, k int) bool {
			return d.Entreps[i].LoanID != "" && d.Entreps[i].LoanID == value("entreps", k, "loan_id")
		},
		func(i, k int) bool {
			path := spec.ElementPath("entreps", k) + ".first_name"
			named := spec.Field{Path: path, Value: d.Entreps[i].FirstName, Personal: true}
			return named.Value != "" && value("entreps", k, "amount") == d.Entreps[i].Amount.String() && s.isRecorded(a, was, path, named)
		})
	sameDate := func(i, k int) bool { return d.Schedule[i].Date.String() == value("schedule", k, "date") }
	instalments := pairLists(len(d.Schedule), countElements(was, "schedule"),
		func(i, k int) bool {
			return sameDate(i, k) && d.Schedule[i].Principal.String() == value("schedule", k, "principal")
		}, sameDate)
	return func(path string) string {
		list, i, rest, ok := cutElement(path)
		switch {
		case !ok:
		case list == "schedule" && i < len(instalments):
			return spec.ElementPath(list, instalments[i]) + rest
		case list != "schedule" && i < len(borrowers): // not_pictured, too
			return spec.ElementPath(list, borrowers[i]) + rest
		}
		return path
	}
}

// pairLists gives each of n wanted elements one of so many recorded ones: the first
// that is the same by the first rule that finds one, else the one in its place, else
// any that is left. More than were recorded get numbers of their own.
func pairLists(n, recorded int, rules ...func(i, k int) bool) []int {
	pairs, taken := make([]int, n), make([]bool, recorded)
	for i := range pairs {
		pairs[i] = -1
	}
	take := func(i, k int) {
		if k < recorded {
			taken[k] = true
		}
		pairs[i] = k
	}
	inPlace := func(i, k int) bool { return i == k }
	left := func(int, int) bool { return true }
	for _, same := range append(rules, inPlace, left) {
		for i := range pairs {
			for k := 0; k < recorded && pairs[i] < 0; k++ {
				if !taken[k] && same(i, k) {
					take(i, k)
				}
			}
		}
	}
	for i, next := 0, recorded; i < n; i++ {
		if pairs[i] < 0 {
			take(i, next)
			next++
		}
	}
	return pairs
}

// countElements counts the elements of a list in a record. Each has a field, so a
// number beyond the number of fields isn't one.
func countElements(was Recorded, list string) int {
	n, fields := 0, len(was.Values)+len(was.Digests)
	count := func(path string) {
		if of, i, _, ok := cutElement(path); ok && of == list && i < fields {
			n = max(n, i+1)
		}
	}
	for path := range was.Values {
		count(path)
	}
	for path := range was.Digests {
		count(path)
	}
	return n
}

// cutElement cuts schedule[2].date into schedule, 2 and .date.
func cutElement(path string) (list string, i int, rest string, ok bool) {
	list, rest, ok = strings.Cut(path, "[")
	digits, rest, closed := strings.Cut(rest, "]")
	i, err := strconv.Atoi(digits)
	return list, i, rest, ok && closed && err == nil && i >= 0 && fmt.Sprint(i) == digits
}

// shown is a wanted value beside the recorded one, which has no name.
func shown(f spec.Field) string {
	switch {
	case f.Kind == spec.Choice && f.Show != "" && f.Show != f.Value:
		return f.Value + " (" + f.Show + ")"
	case f.Show != "":
		return f.Show
	}
	return f.Value
}
