package main

import "testing"

// Every place that is completed is one that there is.
func TestCompletionsAreOfPlacesThatThereAre(t *testing.T) {
	a := new(app)
	root := newRoot(a, new(profiles))
	for place := range (&completer{app: a}).completions() {
		c, flag := placeOf(root, place)
		if c == nil {
			t.Errorf("%s: there is no such command", place)
		} else if flag != "" && c.Flag(flag) == nil {
			t.Errorf("%s: there is no such flag", place)
		}
	}
}
