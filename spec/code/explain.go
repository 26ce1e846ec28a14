package code

import (
	"maps"
	"slices"

	"kivaform/spec"
)

// An Explanation gives the meaning of a fault code, the reason for the check, and how to
// mend it, in plain sentences.
type Explanation struct {
	Code         string // "KF021"
	Severity     spec.Severity
	Title        string // in a few words
	Means        string
	Why          string // with the source of what is said about Kiva
	Mend         string
	Wrong, Right string // an example, in YAML or CSV; both may be empty
}

// An explanation has the texts that [Explanation] adds to a code's [rule].
type explanation struct{ means, why, mend, wrong, right string }

// Explanations returns the explanations of the faults that this package finds,
// in the order of their codes.
func Explanations() []Explanation {
	texts := map[Code]explanation{}
	for _, group := range []map[Code]explanation{explainedFiles, explainedValues, explainedSettings, explainedDrafts, explainedBatches} {
		maps.Copy(texts, group)
	}
	var all []Explanation
	for _, c := range slices.Sorted(maps.Keys(rules)) {
		t := texts[c]
		all = append(all, Explanation{
			Code: c.String(), Severity: rules[c].severity, Title: rules[c].title,
			Means: t.means, Why: t.why, Mend: t.mend, Wrong: t.wrong, Right: t.right,
		})
	}
	return all
}
