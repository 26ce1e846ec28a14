package load

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// defaults are what loan drafts take where they say nothing, and where each key
// of it stands.
type defaults struct {
	draft     spec.LoanDraft
	positions map[string]spec.Pos
}

func readDefaults(o *yamldoc.Object, x *index) defaults {
	d := defaults{positions: o.Positions(o.KeyNames()...)}
	readCommon(o, x, &d.draft)
	o.Close()
	return d
}

// shared reads the fields that many drafts may have in common.
func readCommon(o *yamldoc.Object, x *index, d *spec.LoanDraft) {
	d.Activity = x.activities.ref(o, "activity", "activity_id")
	d.Theme = x.themes.ref(o, "theme", "theme_type_id")
	d.Language = x.languages.ref(o, "description_language", "description_language_id")
	d.ClientWaiverSigned = o.Bool("client_waiver_signed")
	d.Currency = readCurrency(o)
	d.Description = o.Text("description")
	d.DisburseTime = readDate(o, "disburse_time")
	d.LoanUse = o.Text("loanuse")
	d.Location = x.location(o)
}

// inherit fills what the draft doesn't say with the defaults.
func inheritDefaults(d *spec.LoanDraft, from *spec.LoanDraft) {
	if d.Activity == (spec.Ref{}) {
		d.Activity = from.Activity
	}
	if d.Theme == (spec.Ref{}) {
		d.Theme = from.Theme
	}
	if d.Language == (spec.Ref{}) {
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
func readLoanDraft(o *yamldoc.Object, x *index) (d *spec.LoanDraft, image string) {
	d = &spec.LoanDraft{Pos: o.Pos(o.Node)}
	readCommon(o, x, d)
	d.GroupName = o.Text("group_name")
	d.InternalLoanID = readID(o, "internal_loan_id")
	d.InternalClientID = readID(o, "internal_client_id")
	d.NotPictured = readNotPictured(o)
	d.Entreps = readEntreps(o)
	d.Schedule = readSchedule(o)
	d.ImageEncoded = readInlineImage(o)
	d.ImageURL = readURL(o, "image_url")
	image = readFilePath(o, "image")
	o.Close()
	return d, image
}

// shortList returns the elements of a list that has at most maxList of them: no
// rule looks at more.
func readShortList(o *yamldoc.Object, key string) []*yaml.Node {
	nodes := o.List(key)
	if len(nodes) > maxList {
		o.Fault(code.TooMany, nodes[maxList], spec.ElementPath(key, maxList), fmt.Sprintf("there are %d, and at most %d are read", len(nodes), maxList), "divide the loan, or correct the list")
		return nodes[:maxList]
	}
	return nodes
}

func readEntreps(o *yamldoc.Object) []spec.Entrep {
	nodes := readShortList(o, "entreps")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]spec.Entrep, len(nodes))
	for i, n := range nodes {
		e := o.Element("entreps", i, n)
		all[i] = spec.Entrep{
			LoanID:    readID(&e, "loan_id"),
			ClientID:  readID(&e, "client_id"),
			FirstName: e.Text("first_name"),
			LastName:  e.Text("last_name"),
			Gender:    readGender(&e),
		}
		all[i].Amount, _ = readAmount(&e, "amount")
		e.Close()
	}
	return all
}

func readSchedule(o *yamldoc.Object) []spec.Instalment {
	nodes := readShortList(o, "schedule")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]spec.Instalment, len(nodes))
	for i, n := range nodes {
		e := o.Element("schedule", i, n)
		all[i].Date = readDate(&e, "date")
		all[i].Principal, _ = readAmount(&e, "principal")
		all[i].Interest, _ = readAmount(&e, "interest")
		if e.Node.Kind == yaml.MappingNode && !e.Has("date") {
			e.Missing("date", "")
		}
		e.Close()
	}
	return all
}

func readNotPictured(o *yamldoc.Object) []bool {
	nodes := readShortList(o, "not_pictured")
	if len(nodes) == 0 {
		return nil
	}
	all := make([]bool, len(nodes))
	for i, n := range nodes {
		v, ok := yamldoc.ParseBool(yamldoc.Deref(n))
		if !ok {
			o.Fault(code.Bool, n, spec.ElementPath("not_pictured", i), "neither true nor false", "write true or false, without quotes")
		}
		all[i] = v
	}
	return all
}
