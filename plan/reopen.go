package plan

import (
	"slices"
	"strconv"
	"strings"

	"kivaform/spec"
	"kivaform/spec/field"
)

// Reopen makes a plan of a saved one, to be shown and never to be applied. The
// files of the workspace, where there are any, give what the saved plan doesn't
// hold; of an item whose files have changed since, or are gone, only what it
// holds is there, and changed tells so. A nil set stands for no files.
func (s *Saved) Reopen(set *spec.Set) (p *Plan, changed map[Address]bool) {
	o := &reopening{saved: s, digester: NewDigester(s.Key), changed: make(map[Address]bool)}
	p = &Plan{Environment: s.Environment, PartnerID: s.PartnerID, Addresses: s.Addresses, Settings: s.Settings, AssumeListed: s.AssumeListed, Today: spec.DateOf(s.Created), Notes: s.notes()}
	if set != nil {
		p.Today = set.Today
		o.found = make(map[Address]spec.Resource, len(set.Drafts)+len(set.Journals))
		for _, d := range set.Drafts {
			o.found[d.Address()] = d
		}
		for _, j := range set.Journals {
			o.found[j.Address()] = j
		}
	}
	for i := range s.Items {
		item := o.item(&s.Items[i])
		if _, ok := item.Resource.(*spec.Journal); ok {
			p.Journals = append(p.Journals, item)
		} else {
			p.Drafts = append(p.Drafts, item)
		}
	}
	for i := range s.Reports {
		p.Reports = append(p.Reports, s.Reports[i].reopen())
	}
	return p, o.changed
}

// notes returns the plan's notes for a person.
func (s *Saved) notes() []Reason {
	list := slices.Clone(s.Reasons)
	for _, sentence := range s.Notes {
		list = append(list, Stated(sentence))
	}
	return list
}

// savedReason returns a reason of a saved plan: as data, or the sentence that an
// earlier version saved in its place.
func savedReason(r Reason, sentence string) Reason {
	if r.IsZero() {
		return Stated(sentence)
	}
	return r
}

type reopening struct {
	saved    *Saved
	digester Digester
	found    map[Address]spec.Resource
	changed  map[Address]bool
}

func (o *reopening) item(i *SavedItem) Item {
	item := Item{Action: actionOf(i.Action), Again: i.Again, Reason: savedReason(i.Reason, i.Why), Resource: o.found[i.Address]}
	if i.Last > 0 {
		item.Last = &Attempt{Number: i.Last}
	}
	same := item.Resource != nil && o.digester.Fingerprint(i.Address, field.Values(item.Resource)) == i.Fingerprint
	if !same {
		o.changed[i.Address] = true
		item.Resource = i.partial()
	}
	wanted := make(map[string]string)
	if same {
		for _, f := range field.Values(item.Resource) {
			wanted[f.Path] = f.Value
		}
	}
	for _, c := range i.Changes {
		if c.Personal && c.Is {
			c.New = wanted[c.Path]
		}
		item.Changes = append(item.Changes, Change(c))
	}
	return item
}

// partial is a resource with the fields of a saved plan only.
func (i *SavedItem) partial() spec.Resource {
	pos := parsePlace(i.Source)
	parts := append(i.Address.Parts(), "", "") // whatever a file says
	if i.Address.Kind() == "journal" {
		return &spec.Journal{Pos: pos, LoanID: parts[1], Key: parts[2]}
	}
	d := &spec.LoanDraft{Pos: pos, Entreps: []spec.Entrep{{LoanID: parts[1], Amount: i.Amount}}, Currency: i.Currency}
	if len(i.Borrowers) > 1 {
		d.InternalLoanID, d.Entreps = parts[1], nil
		for _, b := range i.Borrowers {
			d.Entreps = append(d.Entreps, spec.Entrep{LoanID: b.LoanID, Amount: b.Amount})
		}
	}
	return d
}

// parsePlace reads file:line.
func parsePlace(s string) spec.Pos {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return spec.Pos{File: s}
	}
	line, err := strconv.ParseInt(s[i+1:], 10, 32)
	if err != nil {
		return spec.Pos{File: s}
	}
	return spec.Pos{File: s[:i], Line: int32(line)}
}

func (s *SavedReport) reopen() Report {
	pos := parsePlace(s.Source)
	out := Report{
		Report: &spec.RepaymentReport{Pos: pos, Period: s.Period, File: pos.File}, Mode: s.Mode, Gone: s.Gone, Duplicate: s.Duplicate,
	}
	var findings []Finding
	for i, row := range s.Rows {
		at := parsePlace(row.Source)
		out.Report.File = at.File
		out.Report.Rows = append(out.Report.Rows, spec.Repayment{LoanID: row.LoanID, ClientID: row.ClientID, Amount: row.Amount, Line: at.Line})
		out.Rows = append(out.Rows, row.reopen())
		for _, f := range row.Findings {
			findings = append(findings, Finding{Row: i, Kind: f.Kind, Reason: savedReason(f.Reason, f.What)})
		}
	}
	if c := s.Coverage; c != nil {
		out.Coverage = &Coverage{Expected: c.Expected, Reported: c.Reported, Missing: c.Missing, Totals: c.Totals, Findings: findings}
	}
	return out
}

func (r *SavedRow) reopen() Row {
	row := Row{Action: actionOf(r.Action), Currency: r.Currency, Was: r.Was, Reason: savedReason(r.Reason, r.Why)}
	if r.Last > 0 {
		row.Last = &RowAttempt{Attempt: &Attempt{Number: r.Last}}
	}
	return row
}
