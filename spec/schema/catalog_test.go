package schema

import (
	"strings"
	"testing"

	"kivaform/spec"
)

var partnerLists = &spec.Catalog{
	Activities: []spec.Ref{{ID: "61", Name: "Dairy"}, {ID: "62", Name: "Retail"}, {ID: "63", Name: "Retail"}},
	Themes:     []spec.Ref{{ID: "48", Name: "General"}},
	Locales: []spec.Locale{
		{Currency: "KES", LanguageCode: "en", LanguageName: "English", LanguageID: "1"},
		{Currency: "KES", LanguageCode: "es", LanguageName: "Spanish", LanguageID: "2"},
	},
	Locations: []spec.Location{{FullName: "Nakuru: Kenya"}},
}

func TestTheCatalogueOffersChoices(t *testing.T) {
	s := compiled(t, partnerLists)
	for line, want := range map[string]bool{
		"activity: Dairy":                 true,
		"activity: Dary":                  false,
		"activity: dairy":                 false, // spec forgives it
		"activity: Retail":                false, // stands for two
		"activity: ":                      true,
		"activity_id: 61":                 true,
		"activity_id: \"61\"":             true,
		"activity_id: 99":                 true, // spec only warns
		"activity_id: x":                  false,
		"theme: General":                  true,
		"theme: Green":                    false,
		"description_language: Spanish":   true,
		"description_language: es":        true,
		"description_language: French":    false,
		"currency: KES":                   true,
		"currency: USD":                   false,
		"location: \"Nakuru: Kenya\"":     true,
		"location: Nakuru":                false,
		"image_url: https://example.org/": true,
	} {
		if err := s.Validate(documents(t, borrowed+line)[0]); (err == nil) != want {
			t.Errorf("%s: %v", line, err)
		}
		defaults := "version: 1\ndefaults: {loan_draft: {" + line + "}}"
		if err := s.Validate(documents(t, defaults)[0]); (err == nil) != want && !strings.HasPrefix(line, "image") {
			t.Errorf("in kiva.yaml %s: %v", line, err)
		}
	}
	if err := s.Validate(documents(t, "locales: [{currency: USD}]\nlocations: [{location: x}]")[0]); err != nil {
		t.Errorf("the catalogue itself: %v", err)
	}
}

// A list that is empty offers nothing, and refuses nothing.
func TestAnEmptyListRefusesNothing(t *testing.T) {
	if err := compiled(t, &spec.Catalog{}).Validate(documents(t, borrowed+"activity: Dairy\ncurrency: KES\ntheme_type_id: 1")[0]); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaIsAlwaysTheSame(t *testing.T) {
	first, err := Generate(partnerLists)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if again, _ := Generate(partnerLists); string(again) != string(first) {
			t.Fatal("it differs from run to run")
		}
	}
	if !strings.Contains(string(first), `"$schema": "`+draft+`"`) {
		t.Error("it doesn't say which draft it is")
	}
}
