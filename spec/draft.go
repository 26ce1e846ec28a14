package spec

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// defaults are what loan drafts take where they say nothing, and where each key
// of it stands.
type defaults struct {
	draft     LoanDraft
	positions map[string]Pos
}

func readDefaults(o *object, x *index) defaults {
	d := defaults{positions: o.positions(o.keyNames()...)}
	shared(o, x, &d.draft)
	o.close()
	return d
}

// shared reads the fields that many drafts may have in common.
func shared(o *object, x *index, d *LoanDraft) {
	d.Activity = x.activities.ref(o, "activity", "activity_id")
	d.Theme = x.themes.ref(o, "theme", "theme_type_id")
	d.Language = x.languages.ref(o, "description_language", "description_language_id")
	d.ClientWaiverSigned = o.bool("client_waiver_signed")
	d.Currency = o.currency()
	d.Description = o.text("description")
	d.DisburseTime = o.date("disburse_time")
	d.LoanUse = o.text("loanuse")
	d.Location = x.location(o)
}

// inherit fills what the draft doesn't say with the defaults.
func (d *LoanDraft) inherit(from *LoanDraft) {
	if d.Activity == (Ref{}) {
		d.Activity = from.Activity
	}
	if d.Theme == (Ref{}) {
		d.Theme = from.Theme
	}
	if d.Language == (Ref{}) {
		d.Language = from.Language
	}
	if d.ClientWaiverSigned == nil {
		d.ClientWaiverSigned = from.ClientWaiverSigned
	}
	if d.DisburseTime == 0 {
		d.DisburseTime = from.DisburseTime
	}
	for _, f := range []struct{ to, from *string }{
		{&d.Currency, &from.Currency}, {&d.Description, &from.Description},
		{&d.LoanUse, &from.LoanUse}, {&d.Location, &from.Location},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
}

// readLoanDraft reads a loan draft and returns where its photo is to be found.
func readLoanDraft(o *object, x *index) (d *LoanDraft, image string) {
	d = &LoanDraft{Pos: o.pos(o.node)}
	shared(o, x, d)
	d.GroupName = o.text("group_name")
	d.InternalLoanID = o.id("internal_loan_id")
	d.InternalClientID = o.id("internal_client_id")
	d.NotPictured = o.notPictured()
	d.Entreps = o.entreps()
	d.Schedule = o.schedule()
	d.ImageEncoded = o.inlineImage()
	d.ImageURL = o.url("image_url")
	image = o.filePath("image")
	o.close()
	return d, image
}

// shortList returns the elements of a list that has at most maxList of them: no
// rule looks at more.
func (o *object) shortList(key string) []*yaml.Node {
	nodes := o.list(key)
	if len(nodes) > maxList {
		o.fault(codeTooMany, nodes[maxList], element(key, maxList), fmt.Sprintf("there are %d, and at most %d are read", len(nodes), maxList), "divide the loan, or correct the list")
		return nodes[:maxList]
	}
	return nodes
}

func (o *object) entreps() []Entrep {
	nodes := o.shortList("entreps")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]Entrep, len(nodes))
	for i, n := range nodes {
		e := o.element("entreps", i, n)
		all[i] = Entrep{
			LoanID:    e.id("loan_id"),
			ClientID:  e.id("client_id"),
			FirstName: e.text("first_name"),
			LastName:  e.text("last_name"),
			Gender:    e.gender(),
		}
		all[i].Amount, _ = e.amount("amount")
		e.close()
	}
	return all
}

func (o *object) schedule() []Instalment {
	nodes := o.shortList("schedule")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]Instalment, len(nodes))
	for i, n := range nodes {
		e := o.element("schedule", i, n)
		all[i].Date = e.date("date")
		all[i].Principal, _ = e.amount("principal")
		all[i].Interest, _ = e.amount("interest")
		if e.node.Kind == yaml.MappingNode && !e.has("date") {
			e.missing("date", "")
		}
		e.close()
	}
	return all
}

func (o *object) notPictured() []bool {
	nodes := o.shortList("not_pictured")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]bool, len(nodes))
	for i, n := range nodes {
		v, ok := parseBool(deref(n))
		if !ok {
			o.fault(codeBool, n, element("not_pictured", i), "neither true nor false", "write true or false, without quotes")
		}
		all[i] = v
	}
	return all
}
