package main

import (
	"strings"

	"kivaform/plan/view"
)

// accountAnnotations say beside the lines of the files what wasn't sent.
func accountAnnotations(acc *view.Account) []annotation {
	var out []annotation
	for _, part := range acc.Parts() {
		for _, e := range part.Entries {
			level := "error"
			if e.Outcome == "sent" || e.Outcome == "not-attempted" {
				level = "warning"
			}
			out = append(out, annotation{level: level, file: e.Place.File, line: e.Place.Line, column: e.Place.Column, title: "kivaform: " + strings.ToLower(part.Title), message: string(e.Address) + because(e.Message)})
		}
	}
	return out
}
