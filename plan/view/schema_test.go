package view

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kivaform/plan"
	"kivaform/plan/view/viewtest"
)

func TestJSONFollowsItsSchema(t *testing.T) {
	document, line := strict(t, PlanSchema()), strict(t, EventSchema())
	for name, p := range jsonPlans {
		for _, all := range []bool{true, false} {
			v := New(p(), jsonMeta, all)
			if data := documentOf(t, v, all); document(data) != nil {
				t.Errorf("%s: %v\n%.300s", name, document(data), data)
			}
			for l := range bytes.Lines(streamOf(t, v, all)) {
				if err := line(l); err != nil {
					t.Errorf("%s: %v\n%.300s", name, err, l)
				}
			}
		}
	}
}

func strict(t *testing.T, schema string) func([]byte) error {
	t.Helper()
	check, err := viewtest.Strict(schema)
	if err != nil {
		t.Fatal(err)
	}
	return check
}

// A definition is an object of a schema.
type definition struct {
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func definitionsOf(t *testing.T, schema string) (root definition, defs map[string]json.RawMessage) {
	t.Helper()
	var s struct {
		definition
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(schema), &s); err != nil {
		t.Fatal(err)
	}
	return s.definition, s.Defs
}

// The schemas have just the members that the program writes, and require those
// that it always writes.
func TestSchemaHasEveryMember(t *testing.T) {
	root, plans := definitionsOf(t, PlanSchema())
	_, events := definitionsOf(t, EventSchema())
	compare(t, "document", root, document{})
	for name, v := range map[string]any{
		"sum": Sum{}, "tally": Tally{}, "summary": Summary{}, "place": Place{}, "field": Field{}, "change": Change{}, "attempt": Attempt{},
		"loan": Loan{}, "coverage": Coverage{}, "duplicate": Duplicate{}, "finding": Finding{}, "reason": Reason{}, "fault": Fault{}, "item": Item{}, "row": Row{},
		"report": document{}.Reports,
	} {
		compare(t, name, parse(t, plans[name]), v)
	}
	for name, v := range map[string]any{"entry": Entry{}, "receipt": Receipt{}, "given": Given{}, "stop": Stop{}, "task": Task{}} {
		compare(t, name, parse(t, events[name]), v)
	}
	for _, e := range append(everyOtherEvent(), Header{}, Item{}, Report{}, Row{}) {
		compare(t, "event-"+e.event(), withoutType(t, parse(t, events["event-"+e.event()])), e)
	}
}

func parse(t *testing.T, data []byte) (d definition) {
	t.Helper()
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatalf("no such definition: %v", err)
	}
	return d
}

func withoutType(t *testing.T, d definition) definition {
	t.Helper()
	if !slices.Contains(d.Required, "type") {
		t.Error("an event doesn't need its type")
	}
	delete(d.Properties, "type")
	d.Required = slices.DeleteFunc(d.Required, func(s string) bool { return s == "type" })
	return d
}

func compare(t *testing.T, name string, d definition, v any) {
	t.Helper()
	typ := reflect.TypeOf(v)
	if typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	all, always := membersOf(typ)
	if diff := cmp.Diff(all, slices.Sorted(maps.Keys(d.Properties))); diff != "" {
		t.Errorf("%s: members: %s", name, diff)
	}
	if diff := cmp.Diff(always, slices.Sorted(slices.Values(d.Required))); diff != "" {
		t.Errorf("%s: required: %s", name, diff)
	}
}

// membersOf returns the names that a struct has in JSON, and those of them that
// are always there.
func membersOf(typ reflect.Type) (all, always []string) {
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		all = append(all, name)
		if !strings.Contains(options, "omit") {
			always = append(always, name)
		}
	}
	slices.Sort(all)
	slices.Sort(always)
	return all, always
}

// The schemas name each code of a reason.
func TestSchemasNameEveryReason(t *testing.T) {
	for _, schema := range []string{PlanSchema(), EventSchema()} {
		_, defs := definitionsOf(t, schema)
		for _, code := range plan.ReasonCodes {
			if !regexp.MustCompile(`[ ,]` + string(code) + `[,.]`).Match(defs["reason"]) {
				t.Errorf("%s isn't there", code)
			}
		}
	}
}

// What both schemas define, they define alike.
func TestSchemasAgree(t *testing.T) {
	_, plans := definitionsOf(t, PlanSchema())
	_, events := definitionsOf(t, EventSchema())
	shared := 0
	for name, def := range plans {
		if other, both := events[name]; both {
			shared++
			if diff := cmp.Diff(anyOf(t, def), anyOf(t, other)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	if shared < 10 {
		t.Errorf("they share %d definitions", shared)
	}
}
