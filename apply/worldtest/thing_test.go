package worldtest

import (
	"fmt"
	"slices"
	"strings"

	"kivaform/kiva/money"
	"kivaform/spec"
)

// A thing is what Kiva must get once: a borrower's loan, a visit, a month's
// repayment of a loan. Its ids and texts may change; it stays the same thing.
type thing struct {
	name   string
	period string // of a repayment: the month that it belongs to
	of     *thing // of a visit and a repayment: the loan

	accepted int          // times that Kiva took it
	atKiva   int          // of these, how many Kiva still has
	amount   int64        // of a repayment: as Kiva took it last
	tried    bool         // an intent named it
	words    map[int]bool // after how many acceptances a person's word asked for another
	sentAs   map[spec.Address]bool
}

// ask notes a person's recorded word that a thing may be sent again, and reports
// whether it is news.
func (t *thing) ask() (news bool) {
	news = !t.words[t.accepted]
	if t.words == nil {
		t.words = make(map[int]bool)
	}
	t.words[t.accepted] = true
	return news
}

// forOneCommand notes words that hold for one command alone, and returns what ends
// them.
func forOneCommand(things []*thing) (end func()) {
	asked := make(map[*thing]int)
	for _, t := range things {
		if t.ask() {
			asked[t] = t.accepted
		}
	}
	return func() {
		for t, n := range asked {
			delete(t.words, n)
		}
	}
}

// A draftDoc is the document of a loan draft, as one commit has it.
type draftDoc struct {
	members []member
	group   string // the group's loan id, "" of one borrower
	use     string
	story   string
	date    spec.Date
	photo   string // as a data URI
	// Who rewrites a story and gives the client another id leaves nothing by which
	// anybody could know the loan again; so people do one of them.
	rewritten, newClient bool
}

// A member is one borrower of a draft.
type member struct {
	thing                *thing
	loanID, client, name string
	amount               int64
}

func (d *draftDoc) loanID() string {
	if d.group != "" {
		return d.group
	}
	return d.members[0].loanID
}

func (d *draftDoc) things() []*thing {
	var all []*thing
	for _, m := range d.members {
		all = append(all, m.thing)
	}
	return all
}

// A journalDoc is the document of a visit.
type journalDoc struct {
	thing                      *thing
	loanID, key, subject, body string
	rewritten                  bool // so that its key stays
}

// A rowDoc is a row of a repayment report.
type rowDoc struct {
	thing          *thing
	period, loanID string
	amount         int64
}

// files are a workspace at one commit.
type files struct {
	drafts   []draftDoc
	journals []journalDoc
	rows     []rowDoc
}

func (f *files) clone() *files {
	c := &files{slices.Clone(f.drafts), slices.Clone(f.journals), slices.Clone(f.rows)}
	for i := range c.drafts {
		c.drafts[i].members = slices.Clone(c.drafts[i].members)
	}
	return c
}

// words say what a request says of a thing, as Kiva's model reads it from the
// wire. They aren't what the program compares.
func (d *draftDoc) words() string {
	parts := []string{d.group, d.use, d.story, d.date.String()}
	for _, m := range d.members {
		parts = append(parts, m.loanID, m.client, m.name, fmt.Sprint(m.amount))
	}
	return strings.Join(parts, "|")
}

func (j *journalDoc) words() string { return strings.Join([]string{j.loanID, j.subject, j.body}, "|") }
func (r *rowDoc) words() string     { return fmt.Sprint(r.loanID, "|", r.amount) }

// learn registers the things that the words of all documents stand for. It
// reports whether no words stand for two things.
func (w *world) learn(f *files) bool {
	ok := true
	note := func(words string, things ...*thing) {
		if before := w.known[words]; before != nil && !slices.Equal(before, things) {
			ok = false
			return
		}
		w.known[words] = things
	}
	for i := range f.drafts {
		note(f.drafts[i].words(), f.drafts[i].things()...)
	}
	for i := range f.journals {
		note(f.journals[i].words(), f.journals[i].thing)
	}
	for i := range f.rows {
		note(f.rows[i].words(), f.rows[i].thing)
	}
	return ok
}

// set is what the program is given of a workspace.
func (f *files) set(today spec.Date, mode spec.AmountMode) *spec.Set {
	set := &spec.Set{Environment: scope.Environment, Today: today, Settings: spec.Settings{
		PartnerID: scope.PartnerID, RepaymentAmounts: mode, JournalStatuses: []string{"fundRaising", "payingBack"},
	}}
	for i := range f.drafts {
		set.Drafts = append(set.Drafts, f.drafts[i].spec(i))
	}
	for i, j := range f.journals {
		set.Journals = append(set.Journals, &spec.Journal{
			Pos: at("journals.yaml", i), Key: j.key, LoanID: j.loanID, Subject: j.subject, Body: j.body,
		})
	}
	byPeriod := make(map[string]*spec.RepaymentReport)
	for i, r := range f.rows {
		report := byPeriod[r.period]
		if report == nil {
			report = &spec.RepaymentReport{Pos: at(r.period+".yaml", 0), Period: r.period, File: r.period + ".csv"}
			byPeriod[r.period] = report
			set.Reports = append(set.Reports, report)
		}
		report.Rows = append(report.Rows, spec.Repayment{LoanID: r.loanID, Amount: money.FromInt(r.amount), Line: int32(i + 1)})
	}
	return set
}

func (d *draftDoc) spec(i int) *spec.LoanDraft {
	out := &spec.LoanDraft{
		Pos: at("loans.yaml", i), Currency: "KES", Description: d.story, ImageEncoded: d.photo, LoanUse: d.use, DisburseTime: d.date,
		Activity: spec.Ref{ID: "110"}, Language: spec.Ref{ID: "1"}, Location: "Kitui: Kenya",
	}
	if d.group != "" {
		out.GroupName, out.InternalLoanID, out.InternalClientID = "Group "+d.group, d.group, "C-"+d.group
		out.NotPictured = make([]bool, len(d.members))
	}
	for _, m := range d.members {
		out.Entreps = append(out.Entreps, spec.Entrep{LoanID: m.loanID, ClientID: m.client, FirstName: m.name, Gender: "female", Amount: money.FromInt(m.amount)})
	}
	return out
}

func at(file string, i int) spec.Pos { return spec.Pos{File: file, Line: int32(i + 1)} }

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
