// Package schema documents every key that a partner may write, and generates a
// JSON Schema, so that editors complete and check.
//
// The table of package field is the only source: the schema and the texts of
// "kivaform explain" are derived from it, and a test compares them with package
// load.
//
// The schema accepts all that load accepts, and refuses as much as a schema can:
// it sees one document at a time, after YAML parsing. It uses only keywords of
// draft-07 that mean the same in later drafts, because editors know these;
// errorMessage, enumDescriptions and deprecationMessage are extensions of the
// YAML language server.
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
// be one of the catalogue's in its exact spelling, though load ignores case; c
// may be nil.
func Generate(c *spec.Catalog) ([]byte, error) {
	lists := listsOf(c)
	definitions := object{"nothing": emptyValue}
	for _, r := range roots {
		definitions[r.Name] = lists.rootSchema(r)
	}
	s := object{
		"$schema":     draft,
		"title":       "kivaform",
		"description": "What a lending partner sends to Kiva, and the settings and lists beside it. Made by kivaform schema.",
		"definitions": definitions,
		"type":        []string{"object", "null"},
	}
	addKindChoice(s)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("make the schema: %w", err)
	}
	return b.Bytes(), nil
}

// addKindChoice selects the definition by kind, else by keys of one kind of
// document alone, so that errors refer to the intended kind.
func addKindChoice(s object) {
	var kinds []string
	var byKind []object
	for _, r := range roots {
		if r.kind == "" {
			continue
		}
		kinds = append(kinds, string(r.kind))
		byKind = append(byKind, object{
			"if":   object{"properties": object{"kind": object{"const": r.kind}}},
			"then": referTo(r.Name),
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
		"then": referTo("catalog.yaml"),
		"else": object{
			"if":   object{"anyOf": anyKey("entreps", "loanuse", "key", "internal_loan_id", "subject", "body", "period", "csv", "repayments", "expect")},
			"then": object{"required": []string{"kind"}},
			"else": referTo("kiva.yaml"),
		},
	}
}

func referTo(definition string) object { return object{"$ref": "#/definitions/" + definition} }

func anyKey(names ...string) []object {
	all := make([]object, len(names))
	for i, name := range names {
		all[i] = object{"required": []string{name}}
	}
	return all
}

// rootSchema returns the schema of a whole document.
func (l lists) rootSchema(r root) object {
	s := l.mappingSchema(r.Fields)
	s["title"] = r.Name
	s["description"] = describeField(&r.Field)
	if len(r.conditions) > 0 {
		s["allOf"] = r.conditions
	}
	return s
}

// mappingSchema returns the schema of a mapping with these keys alone, or with any
// keys if the partner chooses them.
func (l lists) mappingSchema(fields []field.Field) object {
	properties, required := object{}, []string{}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	for i := range fields {
		f := &fields[i]
		switch {
		case f.IsChosen() && f.Keys != "":
			s["patternProperties"] = object{f.Keys: l.fieldSchema(f)}
			continue
		case f.IsChosen():
			s["additionalProperties"] = l.fieldSchema(f)
			continue
		case f.Required():
			required = append(required, f.Name)
		}
		properties[f.Name] = l.fieldSchema(f)
	}
	s["required"] = required
	return s
}

func (l lists) fieldSchema(f *field.Field) object {
	s := l.valueSchema(f)
	s["description"] = describeField(f)
	if f.Refused {
		s = object{"not": object{}, "description": describeField(f), "deprecationMessage": f.About}
	} else if f.Example != "" {
		s["examples"] = []any{exampleValue(f)}
	}
	return s
}

// valueSchema returns the schema of a field's value. An optional field may be
// empty, too.
func (l lists) valueSchema(f *field.Field) object {
	s, listed := l.choicesOf(f)
	switch {
	case listed:
	case f.Form == field.Mapping:
		s = l.mappingSchema(f.Fields)
	case f.Form == field.List:
		s = object{"type": "array", "items": l.mappingSchema(f.Fields), "errorMessage": "a list is expected here"}
	default:
		s = keywordsOf(f)
	}
	if f.Form == field.List && f.Required() {
		s["minItems"] = 1
	}
	if f.Required() {
		return s
	}
	return orEmpty(s)
}
