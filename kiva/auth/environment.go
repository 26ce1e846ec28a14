package auth

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// An Environment holds the addresses of one of Kiva's environments. They are
// independent of each other: in the one exchange that is fully documented they
// named three unrelated hosts. Each may be overridden alone.
type Environment struct {
	Name      string
	TokenURL  string // the token endpoint
	Audience  string // a token's audience; may differ from APIURL
	APIURL    string // the Partner API
	PublicURL string // the public API with this environment's loans, without /v1; may be empty
	Source    string // source of the addresses
	Certainty string // how certain they are
	Note      string // remarks for users; may be empty
}

var presets = []Environment{
	{
		Name:      "sandbox",
		Source:    "kivaform",
		Certainty: "a simulation made from Kiva's documents",
		Note:      "runs on this machine; its addresses are known once it has started",
	},
	{ // #nosec G101 -- addresses where tokens are given
		Name:      "staging",
		TokenURL:  "https://auth.staging.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.dk1.kiva.org",
		APIURL:    "https://partnerapi.staging.kiva.org",
		Source:    "Kiva's fps-sdk since June 2025, and an exchange captured in its curl sample in January 2026",
		Certainty: "hosts documented; audience seen to work",
		Note:      "Kiva's page \"API authentication\" names the audience https://partner-api-stage.kiva.org instead",
	},
	{ // #nosec G101 -- addresses where tokens are given
		Name:      "staging-dk1",
		TokenURL:  "https://auth-stage.dk1.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.dk1.kiva.org",
		APIURL:    "https://partner-api-stage.dk1.kiva.org",
		Source:    "Kiva's page \"API authentication\", 2020 to April 2025",
		Certainty: "documented then; may be gone",
	},
	{ // #nosec G101 -- addresses where tokens are given
		Name:      "staging-kiva-org",
		TokenURL:  "https://auth-stage.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.kiva.org",
		APIURL:    "https://partner-api-stage.kiva.org",
		Source:    "Kiva's page \"API authentication\" of 30 April 2025, and its Spanish revision",
		Certainty: "documented then; may be gone",
	},
	{ // #nosec G101 -- addresses where tokens are given
		Name:      "production",
		TokenURL:  "https://auth.k1.kiva.org/oauth/token",
		Audience:  "https://partner-api.k1.kiva.org",
		APIURL:    "https://partner-api.k1.kiva.org",
		PublicURL: "https://api.kivaws.org",
		Source:    "Kiva's page \"Using production environment\"",
		Certainty: "documented in every revision",
		Note:      "only after Kiva has confirmed the tests; it has a client id and secret of its own",
	},
}

// productionHosts are all hosts that any source names as Kiva's production, for
// tokens or the API, with the source. Only the preset's are in every revision of
// the documents; the others are listed so that a mistake doesn't reach
// production.
var productionHosts = map[string]string{
	"auth.k1.kiva.org":               "Kiva's page \"Using production environment\"",
	"partner-api.k1.kiva.org":        "Kiva's page \"Using production environment\"",
	"partnerapi.production.kiva.org": "Kiva's fps-sdk since June 2025, as links to its Swagger pages",
	"partner-api.kiva.org":           "the tables of scopes in Kiva's page \"API authentication\" of 30 April 2025",
	"auth.dk1.kiva.org":              "Kiva's own library, which contradicts the documents",
	"partner-api.dk1.kiva.org":       "Kiva's own library, as the audience",
	"partnerapi.kiva.org":            "Kiva's own library, which contradicts the documents",
}

// IsProduction reports whether an address has a host of Kiva's production, in
// any spelling and with any port.
func IsProduction(address string) bool {
	u, err := url.Parse(address)
	return err == nil && productionHosts[usualHost(u.Hostname())] != ""
}

// usualHost returns a host in the form in which names are compared: lower case,
// without a final dot, full-width letters replaced and invisible ones removed,
// as HTTP clients do.
func usualHost(host string) string {
	host = strings.Map(func(r rune) rune {
		switch {
		case r == '\u3002': // a full stop, in some scripts
			return '.'
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(host))
	return strings.TrimSuffix(host, ".")
}

// Presets returns the named environments, the sandbox first and production last.
func Presets() []Environment { return slices.Clone(presets) }

// Preset returns the environment of a name.
func Preset(name string) (Environment, bool) {
	i := slices.IndexFunc(presets, func(e Environment) bool { return e.Name == name })
	if i < 0 {
		return Environment{}, false
	}
	return presets[i], true
}
