// Package schema documents every key that a partner may write, and makes a JSON
// Schema of that, so that editors complete and check while somebody types.
//
// What is said about a key has one home, the table of package field: the schema
// and the words of "kivaform explain" both come from there, and a test holds
// them against what package load accepts.
//
// The schema accepts what load accepts, and refuses what load refuses as far as
// a schema can: it sees values as a YAML parser leaves them, one document at a
// time. It keeps to the keywords of draft-07 that mean the same in later drafts,
// because that is what editors know of; errorMessage, enumDescriptions and
// deprecationMessage are for the YAML language server, and nothing to others.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"kivaform/spec"
	"kivaform/spec/field"
)

const draft = "http://json-schema.org/draft-07/schema#"

// An object is a part of a schema.
type object = map[string]any

// Generate returns the schema of every document: loan drafts, journals,
// repayment reports, kiva.yaml and catalog.yaml. With a catalogue, a name must
// be one of the catalogue's, in its spelling, though spec forgives the case; nil
// is none.
func Generate(c *spec.Catalog) ([]byte, error) {
	lists := listsOf(c)
	definitions := object{"nothing": nothing}
	for _, r := range roots {
		definitions[r.Name] = lists.root(r)
	}
	s := object{
		"$schema":     draft,
		"title":       "kivaform",
		"description": "What a lending partner sends to Kiva, and the settings and lists beside it. Made by kivaform schema.",
		"definitions": definitions,
		"type":        []string{"object", "null"},
	}
	tellApart(s)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("make the schema: %w", err)
	}
	return b.Bytes(), nil
}

// tellApart chooses the definition: by kind, else by keys that only one kind
// of document has, so that faults are told of what was meant.
func tellApart(s object) {
	var kinds []string
	var byKind []object
	for _, r := range roots {
		if r.kind == "" {
			continue
		}
		kinds = append(kinds, string(r.kind))
		byKind = append(byKind, object{
			"if":   object{"properties": object{"kind": object{"const": r.kind}}},
			"then": refer(r.Name),
		})
	}
	kind := object{
		"description":  field.KindAbout,
		"enum":         kinds,
		"errorMessage": "a kind is expected here: " + strings.Join(kinds, ", "),
	}
	s["properties"] = object{"kind": kind}
	s["if"] = object{"required": []string{"kind"}}
	s["then"] = object{"allOf": byKind}
	s["else"] = object{
		"if":   object{"anyOf": anyKey("as_of", "activities", "themes", "locales", "locations")},
		"then": refer("catalog.yaml"),
		"else": object{
			"if":   object{"anyOf": anyKey("entreps", "loanuse", "key", "internal_loan_id", "subject", "body", "period", "csv", "repayments", "expect")},
			"then": object{"required": []string{"kind"}},
			"else": refer("kiva.yaml"),
		},
	}
}

func refer(definition string) object { return object{"$ref": "#/definitions/" + definition} }

func anyKey(names ...string) []object {
	all := make([]object, len(names))
	for i, name := range names {
		all[i] = object{"required": []string{name}}
	}
	return all
}

// root returns the schema of a whole document.
func (l lists) root(r root) object {
	s := l.mapping(r.Fields)
	s["title"] = r.Name
	s["description"] = describe(&r.Field)
	if len(r.conditions) > 0 {
		s["allOf"] = r.conditions
	}
	return s
}

// mapping returns the schema of a mapping with these keys and no others, or,
// where the partner chooses the keys, of one with any.
func (l lists) mapping(fields []field.Field) object {
	properties, required := object{}, []string{}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	for i := range fields {
		f := &fields[i]
		switch {
		case f.IsChosen() && f.Keys != "":
			s["patternProperties"] = object{f.Keys: l.field(f)}
			continue
		case f.IsChosen():
			s["additionalProperties"] = l.field(f)
			continue
		case f.Required():
			required = append(required, f.Name)
		}
		properties[f.Name] = l.field(f)
	}
	s["required"] = required
	return s
}

func (l lists) field(f *field.Field) object {
	s := l.value(f)
	s["description"] = describe(f)
	if f.Refused {
		s = object{"not": object{}, "description": describe(f), "deprecationMessage": f.About}
	} else if f.Example != "" {
		s["examples"] = []any{example(f)}
	}
	return s
}

// value returns the schema of a field's value. What may be absent may be empty,
// too.
func (l lists) value(f *field.Field) object {
	s, listed := l.choices(f)
	switch {
	case listed:
	case f.Form == field.Mapping:
		s = l.mapping(f.Fields)
	case f.Form == field.List:
		s = object{"type": "array", "items": l.mapping(f.Fields), "errorMessage": "a list is expected here"}
	default:
		s = keywords(f)
	}
	if f.Form == field.List && f.Required() {
		s["minItems"] = 1
	}
	if f.Required() {
		return s
	}
	return orNothing(s)
}
