package schema

import (
	"encoding/json"
	"slices"

	"kivaform/spec"
	"kivaform/spec/field"
)

// lists holds the values that a catalogue offers, by the name of its list. The
// zero value offers none.
type lists struct{ names, ids map[string]offer }

// An offer is a list of values, each with a description.
type offer struct {
	values []any
	words  []string
}

func (o *offer) add(value any, words string) {
	if !slices.Contains(o.values, value) {
		o.values, o.words = append(o.values, value), append(o.words, words)
	}
}

func listsOf(c *spec.Catalog) lists {
	if c == nil {
		return lists{}
	}
	l := lists{names: map[string]offer{}, ids: map[string]offer{}}
	l.addRefs("activities", c.Activities)
	l.addRefs("themes", c.Themes)
	var languages []spec.Ref
	var currencies, locations offer
	for _, locale := range c.Locales {
		r := spec.Ref{ID: locale.LanguageID, Name: locale.LanguageName}
		languages = append(languages, r, spec.Ref{ID: r.ID, Name: locale.LanguageCode})
		if locale.Currency != "" {
			currencies.add(locale.Currency, "")
		}
	}
	for _, place := range c.Locations {
		if place.FullName != "" {
			locations.add(place.FullName, "")
		}
	}
	l.addRefs("languages", languages)
	l.names["currencies"], l.names["locations"] = currencies, locations
	return l
}

// addRefs adds the names and the ids of a list. It omits a name with several ids,
// which documents can't use.
func (l lists) addRefs(list string, refs []spec.Ref) {
	meant := map[string]map[string]bool{}
	for _, r := range refs {
		if meant[r.Name] == nil {
			meant[r.Name] = map[string]bool{}
		}
		meant[r.Name][r.ID] = true
	}
	var names, ids offer
	for _, r := range refs {
		if r.Name != "" && len(meant[r.Name]) == 1 {
			names.add(r.Name, "Kiva's number "+r.ID)
		}
		if r.ID != "" {
			ids.add(json.Number(r.ID), r.Name)
		}
	}
	l.names[list], l.ids[list] = names, ids
}

// choicesOf returns the schema of a field with values in the catalogue. It accepts
// other numbers: rules only warn of them.
func (l lists) choicesOf(f *field.Field) (object, bool) {
	if f.Form == field.ListID {
		o := l.ids[f.List]
		return object{"anyOf": []object{{"enum": o.values, "enumDescriptions": o.words}, keywordsOf(f)}}, len(o.values) > 0
	}
	o := l.names[f.List]
	return object{
		"enum": o.values, "enumDescriptions": o.words,
		"errorMessage": "isn't in catalog.yaml as it is written here",
	}, len(o.values) > 0
}
