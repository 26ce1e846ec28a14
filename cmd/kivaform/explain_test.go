package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A command that an explanation names is one that there is.
func TestExplanationsNameWhatExists(t *testing.T) {
	command := regexp.MustCompile(`kivaform((?: [a-z][a-z-]*)+)`)
	verbs := []string{"doesn", "takes", "that", "speaks"} // kivaform doesn't know…
	for _, e := range explanations() {
		for _, m := range command.FindAllStringSubmatch(e.Means+e.Why+e.Mend, -1) {
			words := strings.Fields(m[1])
			found, _, err := newRoot(new(app), new(profiles)).Find(words)
			if slices.Contains(verbs, words[0]) {
				continue
			}
			if err != nil || !found.HasParent() {
				t.Errorf("%s names %q, which isn't a command", e.Code, m[0])
			}
		}
	}
}
