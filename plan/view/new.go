package view

import (
	"slices"
	"strings"
	"sync"

	"kivaform/plan"
	"kivaform/plan/message"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/field"
)

// New returns the view of a plan. Personal values are masked unless
// personal is true.
func New(p *plan.Plan, m Meta, personal bool) *View {
	v := &View{plan: p, changed: m.Changed, personal: personal, lacking: make(map[plan.Address][]Fault)}
	v.Header = Header{
		FormatVersion: FormatVersion, Program: m.Program, Environment: p.Environment, PartnerID: p.PartnerID,
		Today: p.Today.String(), Digest: m.Digest, Commit: m.Commit, Created: m.Created, Expires: m.Expires, SavedID: m.SavedID, LeftOut: m.LeftOut,
		Personal: personal, Summary: newSummary(p), Notes: sentencesOf(p.Notes), Reasons: append([]Reason{}, p.Notes...),
	}
	for _, d := range p.OwnAddresses() {
		v.Addresses = append(v.Addresses, Address{d.Key, d.Value})
	}
	for i := range p.Open {
		o := &p.Open[i]
		v.Unanswered = append(v.Unanswered, OpenRequest{o.Request, o.Items, o.At.UTC(), o.Run, inEnglish(o.Why()), o.Why()})
	}
	for i := range p.Reports {
		v.reports = append(v.reports, v.newReport(&p.Reports[i]))
	}
	v.again.drafts, v.again.journals = countAgain(p.Drafts), countAgain(p.Journals)
	v.Warnings, v.Faults = newFaults(m.Warnings), newFaults(p.Faults)
	for _, f := range m.Warnings {
		if code.KeepsFromPublishing(f) {
			v.lacking[f.Address] = append(v.lacking[f.Address], NewFault(f))
		}
	}
	return v
}

func countAgain(items []plan.Item) (n int) {
	for i := range items {
		if items[i].Again && items[i].Action.Sends() {
			n++
		}
	}
	return n
}

// inEnglish words a reason for programs and for views that have one language.
func inEnglish(r Reason) string { return message.English().Reason(r) }

func sentencesOf(reasons []Reason) []string {
	list := make([]string, len(reasons))
	for i, r := range reasons {
		list[i] = inEnglish(r)
	}
	return list
}

func newSummary(p *plan.Plan) Summary {
	s := Summary{LoanDrafts: tallyItems(p.Drafts), Journals: tallyItems(p.Journals), Repayments: newTally()}
	sums := make(plan.Totals)
	for i := range p.Reports {
		t := tallyRows(&p.Reports[i])
		s.Repayments.Total += t.Total
		for action, n := range t.Actions {
			s.Repayments.Actions[action] += n
		}
		for _, sum := range t.Sends {
			if total, ok := sums[sum.Currency].Add(sum.Amount.Amount); ok {
				sums[sum.Currency] = total
			}
		}
	}
	s.LoanDrafts.Sends, s.Repayments.Sends = sumsOf(p.DraftTotals()), sumsOf(sums)
	for action, n := range p.Count() {
		if action.Sends() {
			s.Sends += n
		}
		if action.Acts() {
			s.Acts += n
		}
		if action.NeedsPerson() {
			s.NeedsPerson += n
		}
	}
	return s
}

func newTally() Tally { return Tally{Actions: make(map[Action]int), Sends: []Sum{}} }

func (t *Tally) add(a plan.Action) {
	t.Total++
	t.Actions[a]++
}

func tallyItems(items []plan.Item) Tally {
	t := newTally()
	for i := range items {
		t.add(items[i].Action)
	}
	return t
}

func tallyRows(r *plan.Report) Tally {
	t := newTally()
	for i := range r.Rows {
		t.add(r.Rows[i].Action)
	}
	t.Sends = sumsOf(r.Totals())
	return t
}

func sumsOf(totals plan.Totals) []Sum {
	sums := make([]Sum, 0, len(totals))
	for _, currency := range totals.Currencies() {
		sums = append(sums, Sum{currency, Amount{totals[currency]}})
	}
	return sums
}

func newFaults(list []*spec.Fault) []Fault {
	out := make([]Fault, 0, len(list))
	for _, f := range list {
		out = append(out, NewFault(f))
	}
	return out
}

// NewFault returns the view of a fault.
func NewFault(f *spec.Fault) Fault {
	severity := "error"
	if f.Severity == spec.Warning {
		severity = "warning"
	}
	return Fault{Code: f.Code, Case: f.Case, Args: f.Args, Severity: severity, Place: newPlace(f.Pos), Path: f.Path, Message: f.Message, Hint: f.Remedy, Address: f.Address}
}

// In words the fault in a language: the problem and its remedy.
func (f *Fault) In(l *message.Language) (problem, hint string) {
	return l.Fault(&spec.Fault{Code: f.Code, Case: f.Case, Args: f.Args, Message: f.Message, Remedy: f.Hint})
}

func newPlace(p spec.Pos) Place { return Place{p.File, int(p.Line), int(p.Column)} }

// plannedItem returns item i: loan drafts come first, then journals.
func (v *View) plannedItem(i int) *plan.Item {
	if i < len(v.plan.Drafts) {
		return &v.plan.Drafts[i]
	}
	return &v.plan.Journals[i-len(v.plan.Drafts)]
}

// Item returns item i of the plan, as a Group numbers them.
func (v *View) Item(n int) (item Item) {
	v.ReadItem(n, &item)
	return item
}

// ReadItem sets an item to item n of the plan. It uses the memory of its fields
// again.
func (v *View) ReadItem(n int, out *Item) {
	i := v.plannedItem(n)
	a := i.Address()
	*out = Item{
		Address: a, Kind: a.Kind(), Action: i.Action, Place: newPlace(i.Resource.Position()), Why: inEnglish(i.Reason), Reason: i.Reason, Again: i.Again,
		Fields: v.appendFields(out.Fields[:0], i.Resource), Changes: v.newChanges(i.Changes), Lacks: v.lacking[a],
		Last: newAttempt(i.Last), Partial: v.changed[a],
	}
	for _, f := range out.Lacks {
		out.Lacking = append(out.Lacking, f.Message)
	}
	if i.Loan != nil {
		out.Loan = &Loan{i.Loan.KivaID, string(i.Loan.Status)}
	}
	if d, ok := i.Resource.(*spec.LoanDraft); ok {
		out.Sum = &Sum{d.Currency, Amount{d.Amount()}}
		if v.personal {
			out.Image, out.ImageEncoded = d.Image, d.ImageEncoded
		}
	}
}

// typeNames are the names of the kinds of fields.
var typeNames = [...]string{
	spec.Text: "text", spec.ID: "id", spec.Money: "money", spec.Day: "date", spec.Bool: "bool", spec.Choice: "choice", spec.Photo: "photo",
}

// fieldLists are lists of fields to be used again: a plan has many items, and
// each needs its fields but for a moment.
var fieldLists = sync.Pool{New: func() any { return new([]spec.Field) }}

// appendFields appends the fields of a resource, as they are shown.
func (v *View) appendFields(to []Field, r spec.Resource) []Field {
	list := fieldLists.Get().(*[]spec.Field)
	defer fieldLists.Put(list)
	*list = field.Append((*list)[:0], r)
	to = slices.Grow(to, len(*list))
	for i := range *list {
		f := &(*list)[i]
		shown := Field{Path: f.Path, Type: typeNames[f.Kind], Value: f.Value, Show: f.Show, Personal: f.Personal}
		switch {
		case f.Kind == spec.Photo:
			shown.Value = shortDigest(f.Value) // format, size and a short digest are no face
		case f.Personal && !v.personal:
			shown.Value, shown.Show, shown.Masked = Mask, "", true
		}
		to = append(to, shown)
	}
	return to
}

func shortDigest(s string) string { return s[:min(len(s), 8)] }

func (v *View) newChanges(list []plan.Change) []Change {
	out := make([]Change, len(list))
	for i, c := range list {
		out[i] = Change{Path: c.Path, Type: typeNames[c.Kind], Was: c.Was, Is: c.Is, Personal: c.Personal}
		if c.Was && !c.Personal {
			out[i].Old = &c.Old
		}
		if !c.Is {
			continue
		}
		value := c.New
		switch {
		case c.Kind == spec.Photo:
			if !strings.Contains(value, " ") { // else it is format and size
				value = shortDigest(value)
			}
		case c.Personal && !v.personal:
			value, out[i].Masked = Mask, true
		}
		out[i].New = &value
	}
	return out
}

func newAttempt(a *plan.Attempt) *Attempt {
	if a == nil {
		return nil
	}
	return &Attempt{a.Number, string(a.Outcome), a.At.UTC(), a.Run, a.Message}
}

func (v *View) newReport(r *plan.Report) Report {
	out := Report{
		Address: r.Address(), Period: r.Report.Period, Amounts: string(r.Mode), Place: newPlace(r.Report.Pos),
		Tally: tallyRows(r), Gone: r.Gone, File: r.Report.File, report: r, findings: make(map[int][]plan.Finding),
	}
	if c := r.Coverage; c != nil {
		out.Coverage = &Coverage{c.Expected, c.Reported, slices.Concat([]string{}, c.Missing), sumsOf(c.Totals)}
		for _, f := range c.Findings {
			out.findings[f.Row] = append(out.findings[f.Row], f)
		}
	}
	if d := r.Duplicate; d != nil {
		out.Duplicate = &Duplicate{d.Period, d.Rows, d.At.UTC(), d.Run}
	}
	return out
}

// Row returns row i of the report.
func (r *Report) Row(i int) Row {
	row, want := &r.report.Rows[i], &r.report.Report.Rows[i]
	out := Row{
		Address: r.report.RowAddress(i), LoanID: want.LoanID, ClientID: want.ClientID, Action: row.Action,
		Amount: Amount{want.Amount}, Currency: row.Currency, Place: newPlace(r.report.Report.RowPos(i)), Why: inEnglish(row.Reason), Reason: row.Reason,
	}
	if row.Last != nil {
		out.Was = &Amount{row.Was}
		if was := row.Last.ClientID; was != want.ClientID {
			out.WasClientID = was
		}
		if row.Last.Attempt != nil {
			out.Last = newAttempt(row.Last.Attempt)
			out.Last.Outcome, out.Last.Message = string(row.Last.Outcome), strings.TrimSpace(row.Last.Message)
		}
	}
	for _, f := range r.findings[i] {
		out.Findings = append(out.Findings, Finding{string(f.Kind), inEnglish(f.Reason), f.Reason})
	}
	return out
}
