package spec

import (
	"fmt"
	"strings"

	"kivaform/kiva/money"
)

// settingsFiles are the names that a workspace's settings may have. A folder
// that holds one is a workspace.
var settingsFiles = []string{"kiva.yaml", "kiva.yml"}

// credentials are keys under which people put secrets. A file in git is the
// wrong place for them.
var credentials = []string{"client_id", "client_secret", "secret", "password", "token", "access_token", "api_key"}

// readSettings reads the settings' document of kiva.yaml. What loan drafts take by
// default is returned as it stands there, because it is read like a draft.
func readSettings(o *object, x *index) (Settings, defaults) {
	o.refuseCredentials()
	o.version()
	s := Settings{
		Pos:              o.pos(o.node),
		PartnerID:        o.partnerID(),
		Environment:      o.text("environment"),
		CSVFormat:        CSVFormat(o.choice("csv_format", string(TwoColumn), string(ThreeColumn))),
		RepaymentAmounts: o.amountMode(),
		JournalStatuses:  o.texts("journal_statuses"),
		Environments:     o.environments(),
		Ledger:           o.text("ledger"),
		LedgerPos:        o.positions("ledger")["ledger"],
		Limits:           o.limits(),
		Ignore:           o.globs("ignore"),
	}
	if photos, ok := o.object("photos"); ok {
		s.Photos.MaxPixels, _ = photos.count("max_pixels")
		s.Photos.MaxBytes, _ = photos.count("max_bytes")
		photos.close()
	}
	var d defaults
	if o.has("defaults") {
		outer, _ := o.object("defaults")
		if inner, ok := outer.object("loan_draft"); ok {
			d = readDefaults(&inner, x)
		}
		outer.close()
	}
	o.close()
	return s, d
}

func (o *object) version() {
	n := o.scalar("version")
	switch {
	case n == nil:
		o.fault(codeVersion, o.node, "version", "is missing", "write version: 1").as(caseMissing)
	case n.Value != "1":
		o.fault(codeVersion, n, "version", "this kivaform reads version 1", "write version: 1")
	}
}

func (o *object) partnerID() string {
	id := o.id("partner_id")
	if id != "" && !isDigits(id) {
		o.fault(codeID, o.find("partner_id"), "partner_id", "a partner id is digits", "PA2 > Account > Profile shows it")
		return ""
	}
	return id
}

func (o *object) amountMode() AmountMode {
	return AmountMode(o.choice("repayment_amounts",
		string(CumulativePrincipal), string(OutstandingPrincipal), string(PaidThisPeriod)))
}

func (o *object) refuseCredentials() {
	for _, key := range credentials {
		if n := o.raw(key); n != nil {
			o.fault(codeCredential, n, key, "a credential doesn't belong in a file of the workspace",
				"set KIVA_CLIENT_ID and KIVA_CLIENT_SECRET in the environment; if this file was shared, ask Kiva for a new secret")
		}
	}
}

func (o *object) environments() map[string]Environment {
	all, ok := o.object("environments")
	if !ok {
		return nil
	}
	byName := make(map[string]Environment)
	for _, key := range all.keys() {
		name := key.Value
		e := Environment{Pos: o.pos(key)}
		if one, ok := all.object(name); ok {
			e = one.environment(name, e.Pos)
		}
		byName[name] = e
	}
	all.close()
	return byName
}

func (o *object) environment(name string, at Pos) Environment {
	o.refuseCredentials()
	e := Environment{
		Pos:            at,
		AddressPos:     o.positions("token_url", "api_url", "issuer", "jwks_uri", "introspection_url", "public_url"),
		TokenURL:       o.url("token_url"),
		Audience:       o.text("audience"),
		APIURL:         o.url("api_url"),
		Issuer:         o.url("issuer"),
		Resource:       o.text("resource"),
		Scopes:         o.texts("scopes"),
		JWKSURI:        o.url("jwks_uri"),
		Introspection:  o.url("introspection_url"),
		PublicURL:      o.url("public_url"),
		JournalsPath:   o.choice("journals_path", "partner", "partners"),
		JournalsBody:   o.choice("journals_body", "object", "array"),
		ConnectTimeout: o.duration("connect_timeout"),
		AnswerTimeout:  o.duration("answer_timeout"),
		Ledger:         o.text("ledger"),
		LedgerPos:      o.positions("ledger")["ledger"],
		Today:          o.date("today"),
	}
	if e.Today != 0 && name != Sandbox {
		o.fault(codeToday, o.find("today"), "today", "only the sandbox can live on a fixed day", "remove it")
		e.Today = 0
	}
	o.close()
	return e
}

func (o *object) limits() Limits {
	var l Limits
	inner, ok := o.object("limits")
	if !ok {
		return l
	}
	l.Drafts, _ = inner.count("drafts")
	l.Journals, _ = inner.count("journals")
	l.Repayments, _ = inner.count("repayments")
	if amounts, ok := inner.object("amount"); ok {
		l.Amount = make(map[string]money.Amount)
		for _, key := range amounts.keys() {
			currency := key.Value
			if a, ok := amounts.amount(currency); ok {
				l.Amount[currency] = a
			}
			if !isCurrency(currency) {
				amounts.fault(codeChoice, key, currency, "not a currency", "write its three letters: KES")
			}
		}
		amounts.close()
	}
	inner.close()
	return l
}

func (o *object) globs(key string) []string {
	globs := o.texts(key)
	if len(globs) > maxGlobs {
		o.fault(codeTooMany, o.find(key), key, fmt.Sprintf("there are more than %d patterns", maxGlobs), "name a folder in place of each file in it")
		globs = globs[:maxGlobs]
	}
	for i, g := range globs {
		if len(g) > maxGlob {
			o.fault(codeGlob, o.find(key), element(key, i), fmt.Sprintf("a pattern of more than %d bytes", maxGlob), "name the folder")
			g = ""
		} else if !validGlob(g) {
			o.fault(codeGlob, o.find(key), element(key, i), "a pattern that can't be read", "close its bracket")
		}
		globs[i] = strings.TrimSuffix(strings.TrimPrefix(g, "./"), "/")
	}
	return globs
}
