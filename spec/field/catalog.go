package field

// Catalog is catalog.yaml.
var Catalog = Field{Name: "catalog.yaml", Form: Mapping, Source: "Kiva: the four config lists",
	About: "Kiva's four lists for this partner, as kivaform catalog pull writes them, so that documents can say names and are checked without a network.",
	Fields: []Field{
		{Name: "as_of", Form: Text, Example: "2026-11-01T00:00:00Z", About: "When the lists were read."},
		{Name: "activities", Form: List, Source: "Kiva: config/activities", Example: "[{activity_id: 61, activity: Dairy}]", About: "What a loan can be for.",
			Fields: []Field{
				{Name: "activity_id", Form: ListID, Example: "61", About: "Kiva's number of the activity."},
				{Name: "activity", Form: Text, Example: "Dairy", About: "Its name."},
			}},
		{Name: "themes", Form: List, Source: "Kiva: config/themes", Example: "[{theme_type_id: 48, theme_type: General}]", About: "The loan themes of the partner.",
			Fields: []Field{
				{Name: "theme_type_id", Form: ListID, Example: "48", About: "Kiva's number of the theme."},
				{Name: "theme_type", Form: Text, Example: "General", About: "Its name."},
			}},
		{Name: "locales", Form: List, Source: "Kiva: config/locales", About: "The pairs of currency and language that the partner may use.",
			Example: "[{currency: KES, language_code: en, language_name: English, language_id: 1}]",
			Fields: []Field{
				{Name: "currency", Form: Text, Example: "KES", About: "The currency, by its three letters."},
				{Name: "language_code", Form: Text, Example: "en", About: "The language, by its two letters."},
				{Name: "language_name", Form: Text, Example: "English", About: "The language, by its name."},
				{Name: "language_id", Form: ListID, Example: "1", About: "Kiva's number of the language."},
			}},
		{Name: "locations", Form: List, Source: "Kiva: config/locations", About: "The places where the partner lends (PA2 > Account > Locations).",
			Example: `[{country: Kenya, location: Nakuru, full_name: "Nakuru: Kenya"}]`,
			Fields: []Field{
				{Name: "country", Form: Text, Example: "Kenya", About: "The country."},
				{Name: "location", Form: Text, Example: "Nakuru", About: "The town."},
				{Name: "full_name", Form: Text, Example: `"Nakuru: Kenya"`, About: "Both, as a loan draft must say them."},
			}},
	}}
