package load

import (
	"fmt"
	"strings"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// settingsFiles lists the names of a workspace's settings. A folder with one of
// them is a workspace.
var settingsFiles = []string{"kiva.yaml", "kiva.yml"}

// credentials lists keys under which people put secrets, which must not be in
// git.
var credentials = []string{"client_id", "client_secret", "secret", "password", "token", "access_token", "api_key"}

// readSettings reads the settings in kiva.yaml. It returns the defaults of loan
// drafts as written, because they are read like a draft.
func readSettings(o *yamldoc.Object, x *index) (spec.Settings, defaults) {
	refuseCredentials(o)
	checkVersion(o)
	s := spec.Settings{
		Pos:              o.Pos(o.Node),
		PartnerID:        readPartnerID(o),
		Environment:      o.Text("environment"),
		CSVFormat:        spec.CSVFormat(o.Choice("csv_format", string(spec.TwoColumn), string(spec.ThreeColumn))),
		RepaymentAmounts: readAmountMode(o),
		JournalStatuses:  o.Texts("journal_statuses"),
		Environments:     readEnvironments(o),
		Ledger:           o.Text("ledger"),
		LedgerPos:        o.Positions("ledger")["ledger"],
		Limits:           readLimits(o),
		Ignore:           readGlobs(o, "ignore"),
	}
	if photos, ok := o.Object("photos"); ok {
		s.Photos.MaxPixels, _ = photos.Count("max_pixels")
		s.Photos.MaxBytes, _ = photos.Count("max_bytes")
		photos.Close()
	}
	s.IDs = readIDs(o)
	var d defaults
	if o.Has("defaults") {
		outer, _ := o.Object("defaults")
		if inner, ok := outer.Object("loan_draft"); ok {
			d = readDefaults(&inner, x)
		}
		outer.Close()
	}
	o.Close()
	return s, d
}

func readIDs(o *yamldoc.Object) (ids spec.IDs) {
	inner, ok := o.Object("ids")
	if !ok {
		return ids
	}
	const key = "significant"
	for i, name := range inner.Texts(key) {
		switch name {
		case spec.SignificantZeros:
			ids.Zeros = true
		case spec.SignificantCase:
			ids.Case = true
		default:
			inner.Fault(code.Choice, inner.Find(key), spec.ElementPath(key, i), fmt.Sprintf("%q isn't a difference between ids", name), "write zeros, case or both")
		}
	}
	inner.Close()
	return ids
}

func checkVersion(o *yamldoc.Object) {
	n := o.Scalar("version")
	switch {
	case n == nil:
		o.Fault(code.Version, o.Node, "version", "is missing", "write version: 1").InCase(code.CaseMissing)
	case n.Value != "1":
		o.Fault(code.Version, n, "version", "this kivaform reads version 1", "write version: 1")
	}
}

func readPartnerID(o *yamldoc.Object) string {
	id := readID(o, "partner_id")
	if id != "" && !yamldoc.IsDigits(id) {
		o.Fault(code.ID, o.Find("partner_id"), "partner_id", "a partner id is digits", "PA2 > Account > Profile shows it")
		return ""
	}
	return id
}

func readAmountMode(o *yamldoc.Object) spec.AmountMode {
	return spec.AmountMode(o.Choice("repayment_amounts",
		string(spec.CumulativePrincipal), string(spec.OutstandingPrincipal), string(spec.PaidThisPeriod)))
}

func refuseCredentials(o *yamldoc.Object) {
	for _, key := range credentials {
		if n := o.Raw(key); n != nil {
			o.Fault(code.Credential, n, key, "a credential doesn't belong in a file of the workspace",
				"set KIVA_CLIENT_ID and KIVA_CLIENT_SECRET in the environment; if this file was shared, ask Kiva for a new secret")
		}
	}
}

func readEnvironments(o *yamldoc.Object) map[string]spec.Environment {
	all, ok := o.Object("environments")
	if !ok {
		return nil
	}
	byName := make(map[string]spec.Environment)
	for _, key := range all.Keys() {
		name := key.Value
		e := spec.Environment{Pos: o.Pos(key)}
		if one, ok := all.Object(name); ok {
			e = readEnvironment(&one, name, e.Pos)
		}
		byName[name] = e
	}
	all.Close()
	return byName
}

func readEnvironment(o *yamldoc.Object, name string, at spec.Pos) spec.Environment {
	refuseCredentials(o)
	e := spec.Environment{
		Pos:            at,
		AddressPos:     o.Positions("token_url", "api_url", "issuer", "jwks_uri", "introspection_url", "public_url"),
		TokenURL:       readURL(o, "token_url"),
		Audience:       o.Text("audience"),
		APIURL:         readURL(o, "api_url"),
		Issuer:         readURL(o, "issuer"),
		Resource:       o.Text("resource"),
		Scopes:         o.Texts("scopes"),
		JWKSURI:        readURL(o, "jwks_uri"),
		Introspection:  readURL(o, "introspection_url"),
		PublicURL:      readURL(o, "public_url"),
		JournalsPath:   o.Choice("journals_path", "partner", "partners"),
		JournalsBody:   o.Choice("journals_body", "object", "array"),
		ConnectTimeout: o.Duration("connect_timeout"),
		AnswerTimeout:  o.Duration("answer_timeout"),
		Ledger:         o.Text("ledger"),
		LedgerPos:      o.Positions("ledger")["ledger"],
		Today:          readDate(o, "today"),
	}
	if e.Today != 0 && name != spec.Sandbox {
		o.Fault(code.Today, o.Find("today"), "today", "only the sandbox can live on a fixed day", "remove it")
		e.Today = 0
	}
	o.Close()
	return e
}

func readLimits(o *yamldoc.Object) spec.Limits {
	var l spec.Limits
	inner, ok := o.Object("limits")
	if !ok {
		return l
	}
	l.Drafts, _ = inner.Count("drafts")
	l.Journals, _ = inner.Count("journals")
	l.Repayments, _ = inner.Count("repayments")
	if amounts, ok := inner.Object("amount"); ok {
		l.Amount = make(map[string]money.Amount)
		for _, key := range amounts.Keys() {
			currency := key.Value
			if a, ok := readAmount(&amounts, currency); ok {
				l.Amount[currency] = a
			}
			if !isCurrency(currency) {
				amounts.Fault(code.Choice, key, currency, "not a currency", "write its three letters: KES")
			}
		}
		amounts.Close()
	}
	inner.Close()
	return l
}

func readGlobs(o *yamldoc.Object, key string) []string {
	globs := o.Texts(key)
	if len(globs) > maxGlobs {
		o.Fault(code.TooMany, o.Find(key), key, fmt.Sprintf("there are more than %d patterns", maxGlobs), "name a folder in place of each file in it")
		globs = globs[:maxGlobs]
	}
	for i, g := range globs {
		if len(g) > maxGlob {
			o.Fault(code.Glob, o.Find(key), spec.ElementPath(key, i), fmt.Sprintf("a pattern of more than %d bytes", maxGlob), "name the folder")
			g = ""
		} else if !validGlob(g) {
			o.Fault(code.Glob, o.Find(key), spec.ElementPath(key, i), "a pattern that can't be read", "close its bracket")
		}
		globs[i] = strings.TrimSuffix(strings.TrimPrefix(g, "./"), "/")
	}
	return globs
}
