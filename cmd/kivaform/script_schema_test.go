package main

import (
	"encoding/json"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

// follows plan|events FILE… tells that files follow the published schema: of a
// plan, or of a stream of events, which must be whole.
func doFollows(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) < 2, "follows plan|events FILE...")
	schema := map[string]string{"plan": view.PlanSchema(), "events": view.EventSchema()}[args[0]]
	check, err := viewtest.Strict(schema)
	ts.Check(err)
	for _, file := range args[1:] {
		text := ts.ReadFile(file)
		if args[0] == "plan" {
			ts.Check(check([]byte(text)))
			continue
		}
		var types []string
		for line := range strings.Lines(text) {
			var e struct{ Type string }
			ts.Check(json.Unmarshal([]byte(line), &e))
			types = append(types, e.Type)
			if err := check([]byte(line)); err != nil {
				ts.Fatalf("%s: %v\n%s", file, err, line)
			}
		}
		if n := len(types); n < 2 || types[0] != "start" || types[n-1] != "end" {
			ts.Fatalf("%s isn't whole: %v", file, types)
		}
	}
}
