package send

import (
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/plan/view"
)

// accountAnnotations say beside the lines of the files what wasn't sent.
func accountAnnotations(acc *view.Account) []cli.Annotation {
	var out []cli.Annotation
	for _, part := range acc.Parts() {
		for _, e := range part.Entries {
			level := "error"
			if e.Outcome == "sent" || e.Outcome == "not-attempted" {
				level = "warning"
			}
			out = append(out, cli.Annotation{Level: level, File: e.Place.File, Line: e.Place.Line, Column: e.Place.Column, Title: "kivaform: " + strings.ToLower(part.Title), Message: string(e.Address) + cli.Because(e.Message)})
		}
	}
	return out
}
