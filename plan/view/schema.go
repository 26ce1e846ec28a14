package view

import _ "embed"

//go:embed schema/plan.json
var planSchema string

//go:embed schema/events.json
var eventSchema string

// PlanSchema returns the JSON Schema (2020-12) of [JSON]'s output.
func PlanSchema() string { return planSchema }

// EventSchema returns the JSON Schema (2020-12) of each line of a [Stream].
func EventSchema() string { return eventSchema }
