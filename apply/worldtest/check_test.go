package worldtest

import "kivaform/spec"

// checkRemembered holds what a machine's ledger says, when a plan was made of
// it, against what it said to that machine before: a thing that it knew and
// knows no more was forgotten without a refusal.
func (w *world) checkRemembered(m *machine) {
	names := m.store.names()
	if m.saw == nil {
		m.saw = make(map[*thing]bool)
	}
	for _, t := range w.things {
		known := false
		for a := range t.sentAs {
			known = known || names[a]
		}
		if known {
			m.saw[t] = true
		} else if m.saw[t] {
			w.fail(forgotten, "%s plans with a ledger that has forgotten %s", m.name, t.name)
		}
	}
}

// at returns the things that an address stands for at this commit.
func (f *files) at(a spec.Address) []*thing {
	for i := range f.drafts {
		if spec.DraftAddress(f.drafts[i].loanID()) == a {
			return f.drafts[i].things()
		}
	}
	for _, j := range f.journals {
		if spec.JournalAddress(j.loanID, j.key) == a {
			return []*thing{j.thing}
		}
	}
	for _, r := range f.rows {
		if spec.RepaymentAddress(r.period, r.loanID) == a {
			return []*thing{r.thing}
		}
	}
	return nil
}
