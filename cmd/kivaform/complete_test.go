package main

import (
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/cmd/kivaform/internal/setup"
)

// Every place that is completed is one that there is.
func TestCompletionsAreOfPlacesThatThereAre(t *testing.T) {
	a := new(session.App)
	root := newRoot(a, new(cli.Profiles))
	for place := range (&setup.Completer{App: a}).Completions() {
		c, flag := setup.PlaceOf(root, place)
		if c == nil {
			t.Errorf("%s: there is no such command", place)
		} else if flag != "" && c.Flag(flag) == nil {
			t.Errorf("%s: there is no such flag", place)
		}
	}
}
