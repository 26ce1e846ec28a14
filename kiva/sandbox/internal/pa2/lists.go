package pa2

import (
	"math/big"
	"slices"

	"kivaform/kiva/money"
)

// An Activity is an entry of the list of activities.
type Activity struct {
	ID   int64  `json:"activity_id"`
	Name string `json:"activity"`
}

// A Theme is an entry of the list of themes.
type Theme struct {
	ID   int64  `json:"theme_type_id"`
	Name string `json:"theme_type"`
}

// A Locale is an entry of the list of currencies and languages.
type Locale struct {
	Currency     string `json:"currency"`
	LanguageCode string `json:"language_code"`
	LanguageName string `json:"language_name"`
	LanguageID   int64  `json:"language_id"`
}

// A Location is an entry of the list of locations.
type Location struct {
	Country  string `json:"country"`
	Location string `json:"location"`
	FullName string `json:"full_name"`
}

// The sandbox partner's lists. The ids of themes were seen at Kiva; the ids of
// activities and languages are the sandbox's own.
var (
	Activities = []Activity{
		{11, "Agriculture"}, {29, "Bakery"}, {33, "Butcher Shop"}, {37, "Carpentry"}, {43, "Cattle"},
		{47, "Clothing Sales"}, {52, "Crafts"}, {61, "Dairy"}, {66, "Farming"}, {71, "Fishing"},
		{76, "Food Production/Sales"}, {79, "Fruits & Vegetables"}, {84, "General Store"}, {88, "Hardware"},
		{93, "Higher education costs"}, {97, "Livestock"}, {101, "Motorcycle Transport"}, {104, "Pigs"},
		{106, "Poultry"}, {110, "Retail"}, {115, "Sewing"}, {119, "Tailoring"}, {124, "Water Distribution"}, {130, "Weaving"},
	}
	Themes = []Theme{
		{1, "Green"}, {2, "Higher Education"}, {48, "General"}, {63, "Community Impact Loan"}, {105, "Water and Sanitation"},
	}
	Locales = []Locale{
		{"BRL", "pt", "Portuguese", 4}, {"COP", "es", "Spanish", 2}, {"KES", "en", "English", 1},
		{"KES", "sw", "Swahili", 5}, {"UGX", "en", "English", 1}, {"USD", "en", "English", 1},
		{"USD", "es", "Spanish", 2}, {"XOF", "fr", "French", 3},
	}
	Locations = []Location{
		newLocation("São Paulo", "Brazil"), newLocation("Medellín", "Colombia"), newLocation("Eldoret", "Kenya"), newLocation("Kakuma Town", "Kenya"),
		newLocation("Kisumu", "Kenya"), newLocation("Kitale", "Kenya"), newLocation("Mombasa", "Kenya"), newLocation("Nairobi", "Kenya"),
		newLocation("Nakuru", "Kenya"), newLocation("Dakar", "Senegal"), newLocation("Thiès", "Senegal"), newLocation("Gulu", "Uganda"), newLocation("Kampala", "Uganda"),
	}
)

func newLocation(location, country string) Location {
	return Location{country, location, location + ": " + country}
}

// perDollar is the price of a US dollar in each currency.
var perDollar = map[string]int64{"BRL": 5, "COP": 4000, "KES": 129, "UGX": 3700, "USD": 1, "XOF": 600}

// Dollars converts a local amount to US dollars; zero for an unknown currency.
func Dollars(local money.Amount, currency string) *big.Rat {
	rate, ok := perDollar[currency]
	if !ok {
		return new(big.Rat)
	}
	r, _ := new(big.Rat).SetString(local.String())
	return r.Quo(r, big.NewRat(rate, 1))
}

// Price returns the price of a loan on kiva.org: dollars, rounded up to a
// multiple of 25, as published loans are.
func Price(local money.Amount, currency string) money.Amount {
	steps := Dollars(local, currency)
	steps.Quo(steps, big.NewRat(25, 1))
	whole, rest := new(big.Int).QuoRem(steps.Num(), steps.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return money.FromInt(25 * whole.Int64())
}

// checkChoices reports the values of a draft that aren't in the partner's lists.
func checkChoices(b *DraftBody) (flaws []Flaw) {
	activity, theme, language := Number(b.ActivityID), Number(b.ThemeTypeID), Number(b.DescriptionLanguageID)
	for _, f := range []struct {
		field string
		given bool
		known bool
	}{
		{"activity_id", b.ActivityID != nil, slices.ContainsFunc(Activities, func(a Activity) bool { return a.ID == activity })},
		{"theme_type_id", b.ThemeTypeID != nil, slices.ContainsFunc(Themes, func(t Theme) bool { return t.ID == theme })},
		{"description_language_id", b.DescriptionLanguageID != nil, slices.ContainsFunc(Locales, func(l Locale) bool { return l.LanguageID == language })},
		{"currency", b.Currency != "", slices.ContainsFunc(Locales, func(l Locale) bool { return l.Currency == b.Currency })},
		{"location", b.Location != "", slices.ContainsFunc(Locations, func(l Location) bool { return l.FullName == b.Location })},
	} {
		if f.given && !f.known {
			flaws = append(flaws, Flaw{f.field, "not one of the partner's " + configOf[f.field]})
		}
	}
	return flaws
}

// Number returns an optional number, or zero.
func Number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

var configOf = map[string]string{
	"activity_id": "activities", "theme_type_id": "themes", "description_language_id": "languages",
	"currency": "currencies", "location": "locations",
}
