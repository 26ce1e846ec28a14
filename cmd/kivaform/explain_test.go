package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/author"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

// A command that an explanation names is one that there is.
func TestExplanationsNameWhatExists(t *testing.T) {
	command := regexp.MustCompile(`kivaform((?: [a-z][a-z-]*)+)`)
	verbs := []string{"doesn", "takes", "that", "speaks"} // kivaform doesn't know…
	for _, e := range author.Explanations() {
		for _, m := range command.FindAllStringSubmatch(e.Means+e.Why+e.Mend, -1) {
			words := strings.Fields(m[1])
			found, _, err := newRoot(new(session.App), new(cli.Profiles)).Find(words)
			if slices.Contains(verbs, words[0]) {
				continue
			}
			if err != nil || !found.HasParent() {
				t.Errorf("%s names %q, which isn't a command", e.Code, m[0])
			}
		}
	}
}
