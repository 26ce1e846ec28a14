package plan

import (
	"slices"

	"kivaform/spec"
	"kivaform/spec/field"
)

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
