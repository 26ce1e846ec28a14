package spec

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"

	"gopkg.in/yaml.v3"
)

// defaults are what loan drafts take where they say nothing, and where that
// stands.
type defaults struct {
	draft LoanDraft
	at    reader // file and lines above
	node  *yaml.Node
	pairs []*yaml.Node
}

func (r *reader) defaults(o *object, x *index) defaults {
	d := defaults{at: reader{file: r.file, linesAbove: r.linesAbove, ctx: r.ctx}, node: o.node, pairs: o.pairs}
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

func (o *object) currency() string {
	value := o.text("currency")
	if value != "" && !isCurrency(value) {
		o.fault(codeChoice, find(o.pairs, "currency"), "currency", "not a currency of ISO 4217", "write its three letters: KES")
		return ""
	}
	return value
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

// loanDraft reads a loan draft and returns where its photo is to be found.
func (r *reader) loanDraft(o *object, x *index) (d *LoanDraft, image string) {
	d = &LoanDraft{Pos: r.pos(o.node)}
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

// gender returns one of the three values that Kiva's samples and its partners'
// programs send, in lower case as most of them do.
func (o *object) gender() string {
	switch value := o.text("gender"); strings.ToLower(value) {
	case "":
		return ""
	case "male", "female", "unknown":
		return strings.ToLower(value)
	}
	o.fault(codeChoice, find(o.pairs, "gender"), "gender", "is none of male, female, unknown", "write male, female or unknown")
	return ""
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

// inlineImage returns a photo as a body of Kiva's own form holds it: a data
// URI, or bare base64.
func (o *object) inlineImage() string {
	value := o.text("image_encoded")
	if value == "" {
		return ""
	}
	data := value
	if header, encoded, ok := strings.Cut(value, ";base64,"); ok && strings.HasPrefix(header, "data:image/") {
		data = encoded
	}
	if _, err := base64.StdEncoding.DecodeString(data); err != nil {
		o.fault(codePhoto, find(o.pairs, "image_encoded"), "image_encoded", "not base64", "name the photo's file instead: image: photos/L-1042.jpg")
		return ""
	}
	return value
}

// filePath returns the path of a file, relative to the workspace, that a
// document names relative to itself; "" is one that leaves the workspace.
func (o *object) filePath(key string) string {
	value := o.text(key)
	if value == "" {
		return ""
	}
	at := find(o.pairs, key)
	if strings.Contains(value, `\`) {
		o.fault(codePath, at, key, "a backslash doesn't separate folders here", "write / instead")
		return ""
	}
	file := path.Join(path.Dir(o.r.file), value)
	if path.IsAbs(value) || file == ".." || strings.HasPrefix(file, "../") {
		o.fault(codePath, at, key, "leaves the workspace", "keep the file in the workspace and name it relative to this file")
		return ""
	}
	return file
}
