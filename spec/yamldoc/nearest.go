package yamldoc

import (
	"cmp"
	"slices"
	"strings"
)

// MaxSuggested bounds the length, in bytes, of a text that Nearest compares.
const MaxSuggested = 200

// Nearest returns the word that most resembles given, or "" if even that one
// differs in more than a quarter of its letters.
func Nearest(given string, words []string) string {
	if len(given) > MaxSuggested {
		return ""
	}
	best, bestDistance := "", max(1, len(given)/4)+1
	given = strings.ToLower(given)
	for _, w := range words {
		if d := editDistance(given, strings.ToLower(w), bestDistance); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// NearestThree returns the three folded names that most resemble given. Names
// that contain it, or that it contains, come first.
func NearestThree(given string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	all := make([]candidate, len(names))
	for i, name := range names {
		all[i] = candidate{name, editDistance(given, name, 1<<30)}
		if given != "" && (strings.Contains(name, given) || strings.Contains(given, name)) {
			all[i].far = 0
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name))
	})
	var near []string
	for _, c := range all[:min(3, len(all))] {
		near = append(near, c.name)
	}
	return near
}

// editDistance returns the number of letters to insert, delete, replace or swap
// with a neighbour to turn a into b. It gives up at limit.
func editDistance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if d := len(s) - len(t); max(d, -d) >= limit {
		return limit
	}
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	row := make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			change := last[j]
			if s[i] != t[j] {
				change++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, change)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
