package auth

import "slices"

// An Environment is where one of Kiva's environments is. The three addresses
// are independent of each other: in the one exchange that is known in full
// they named three unrelated hosts. Each may be replaced by itself.
type Environment struct {
	Name      string
	TokenURL  string // where tokens are asked for
	Audience  string // what a token is asked for; may differ from APIURL
	APIURL    string // where the Partner API is
	PublicURL string // where Kiva's public API shows this environment's loans, without /v1; may be empty
	Source    string // where the addresses come from
	Certainty string // how sure they are
	Note      string // what to know before using it; may be empty
}

var presets = []Environment{
	{
		Name:      "sandbox",
		Source:    "kivaform",
		Certainty: "a simulation made from Kiva's documents",
		Note:      "runs on this machine; its addresses are known once it has started",
	},
	{
		Name:      "staging",
		TokenURL:  "https://auth.staging.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.dk1.kiva.org",
		APIURL:    "https://partnerapi.staging.kiva.org",
		Source:    "Kiva's fps-sdk since June 2025, and an exchange captured in its curl sample in January 2026",
		Certainty: "hosts documented; audience seen to work",
		Note:      "Kiva's page \"API authentication\" names the audience https://partner-api-stage.kiva.org instead",
	},
	{
		Name:      "staging-dk1",
		TokenURL:  "https://auth-stage.dk1.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.dk1.kiva.org",
		APIURL:    "https://partner-api-stage.dk1.kiva.org",
		Source:    "Kiva's page \"API authentication\", 2020 to April 2025",
		Certainty: "documented then; may be gone",
	},
	{
		Name:      "staging-kiva-org",
		TokenURL:  "https://auth-stage.kiva.org/oauth/token",
		Audience:  "https://partner-api-stage.kiva.org",
		APIURL:    "https://partner-api-stage.kiva.org",
		Source:    "Kiva's page \"API authentication\" of 30 April 2025, and its Spanish revision",
		Certainty: "documented then; may be gone",
	},
	{
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

// Presets returns the environments that are known by name, the sandbox first
// and production last.
func Presets() []Environment { return slices.Clone(presets) }

// Preset returns the environment of a name.
func Preset(name string) (Environment, bool) {
	i := slices.IndexFunc(presets, func(e Environment) bool { return e.Name == name })
	if i < 0 {
		return Environment{}, false
	}
	return presets[i], true
}
