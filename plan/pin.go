package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"kivaform/spec"
	"kivaform/spec/field"
)

// Digest names the effect of a plan: 32 hex digits, the same for every plan that
// would send the same requests to the same addresses after the same attempts, and
// record them in the same ledger. Its key is public, so it has to be long enough
// that two plans with one digest can't be searched for.
func (p *Plan) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "kivaform plan 2\n%q %q\n", p.Environment, p.PartnerID)
	for _, d := range p.OwnAddresses() { // the environment's name stands for its preset's
		fmt.Fprintf(h, "%q %q\n", d.Key, d.Value)
	}
	for _, s := range p.Settings {
		fmt.Fprintf(h, "%q %q\n", s.Key, s.Value)
	}
	if p.AssumeListed {
		fmt.Fprintln(h, "assume-listed")
	}
	var line []byte
	for item := range p.Items() {
		if item.Action.Acts() {
			line = append(append(line[:0], item.Action.String()...), ' ')
			line = strconv.AppendQuote(line, string(item.Address()))
			line = append(append(line, ' '), fingerprintOf(item.Resource)...)
			line = strconv.AppendInt(append(line, ' '), int64(numberOf(item.Last)), 10)
			h.Write(append(line, '\n'))
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action.Acts() {
				w := &r.Report.Rows[i]
				fmt.Fprintf(h, "%s %q %q %q %s %d\n", row.Action, r.Report.Period, w.LoanID, w.ClientID, w.Amount, numberOf(row.Last.batch()))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:longDigest]
}

// fingerprintOf returns the [Fingerprint] of a resource: the one that was kept
// with it, where there is one.
func fingerprintOf(r spec.Resource) string {
	kept := ""
	switch r := r.(type) {
	case *spec.LoanDraft:
		kept = r.Fingerprint
	case *spec.Journal:
		kept = r.Fingerprint
	}
	if kept == "" {
		return Fingerprint(r.Address(), field.Values(r))
	}
	return kept
}

// Fingerprint digests what is sent of an item for [Plan.Digest], by a key that
// is no secret. It is what a look asks [load.Workspace] for.
func Fingerprint(a spec.Address, fields []spec.Field) string {
	return planDigester.fingerprint(a, fields, longDigest)
}

var planDigester = NewDigester([]byte("kivaform plan digest"))

// pin copies a plan's actions into a saved plan, with fingerprints by a key.
func (p *Plan) pin(key []byte) *Saved {
	s := &Saved{Digest: p.Digest(), Environment: p.Environment, PartnerID: p.PartnerID, Key: key, Items: []SavedItem{}, Reasons: p.notesWithOpen()}
	s.Addresses = append([]Destination{}, p.Addresses...)
	s.Settings, s.AssumeListed = p.Settings, p.AssumeListed
	digester := NewDigester(key)
	for item := range p.Items() {
		if item.Action == Unchanged {
			s.Unchanged++
			continue
		}
		s.Items = append(s.Items, pinItem(item, digester))
	}
	for _, r := range p.Reports {
		if saved := pinReport(r); len(saved.Rows)+len(saved.Gone) > 0 {
			s.Reports = append(s.Reports, saved)
		}
		s.Unchanged += countUnchanged(r)
	}
	return s
}

// notesWithOpen are the notes of a plan for people who see what was saved of it.
func (p *Plan) notesWithOpen() []Reason {
	notes := slices.Clip(p.Notes)
	for i := range p.Open {
		notes = append(notes, p.Open[i].Why())
	}
	return notes
}

func pinItem(item Item, digester Digester) SavedItem {
	out := SavedItem{
		Action: item.Action.String(), Address: item.Address(), Source: item.Resource.Position().Short(),
		Fingerprint: digester.Fingerprint(item.Address(), field.Values(item.Resource)), Again: item.Again, Reason: item.Reason,
	}
	if item.Last != nil {
		out.Last = item.Last.Number
	}
	if d, ok := item.Resource.(*spec.LoanDraft); ok {
		out.Amount, out.Currency, out.Borrowers = d.Amount(), d.Currency, pinBorrowers(d)
	}
	for _, c := range item.Changes {
		out.Changes = append(out.Changes, pinChange(c))
	}
	return out
}

// pinBorrowers keeps the borrowers of a group; a single one's amount and loan
// id stand in the item.
func pinBorrowers(d *spec.LoanDraft) []SavedBorrower {
	if !d.IsGroup() {
		return nil
	}
	list := make([]SavedBorrower, len(d.Entreps))
	for i, e := range d.Entreps {
		list[i] = SavedBorrower{e.LoanID, e.Amount}
	}
	return list
}

func pinChange(c Change) SavedChange {
	out := SavedChange{Path: c.Path, Kind: c.Kind, Personal: c.Personal, Was: c.Was, Is: c.Is}
	if !c.Personal {
		out.Old, out.New = c.Old, c.New
	}
	return out
}

// pinReport keeps the rows of a report that aren't unchanged.
func pinReport(r Report) SavedReport {
	out := SavedReport{Period: r.Report.Period, Source: r.Report.Pos.Short(), Mode: r.Mode, Rows: []SavedRow{}, Gone: r.Gone, Duplicate: r.Duplicate}
	found := make(map[int][]SavedFinding)
	if c := r.Coverage; c != nil {
		out.Coverage = &SavedCoverage{c.Expected, c.Reported, c.Missing, c.Totals}
		for _, f := range c.Findings {
			found[f.Row] = append(found[f.Row], SavedFinding{Kind: f.Kind, Reason: f.Reason})
		}
	}
	for i, row := range r.Rows {
		if row.Action != Unchanged {
			saved := pinRow(r, i)
			saved.Findings = found[i]
			out.Rows = append(out.Rows, saved)
		}
	}
	return out
}

func countUnchanged(r Report) (n int) {
	for i := range r.Rows {
		if r.Rows[i].Action == Unchanged {
			n++
		}
	}
	return n
}

func pinRow(r Report, i int) SavedRow {
	row, want := r.Rows[i], r.Report.Rows[i]
	out := SavedRow{
		Action: row.Action.String(), LoanID: want.LoanID, ClientID: want.ClientID, Amount: want.Amount,
		Currency: row.Currency, Source: r.Report.RowPos(i).Short(), Reason: row.Reason,
	}
	if row.Last != nil {
		out.Last, out.Was = row.Last.Number, row.Was
	}
	return out
}
