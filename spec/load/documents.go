package load

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/field"
	"kivaform/spec/rule"
	"kivaform/spec/yamldoc"
)

// documents holds the resources and faults of one file. They depend only on the
// file, the settings and the catalogue: rules that depend on the date, on photos
// or on other files are applied later.
type documents struct {
	drafts     []*spec.LoanDraft
	journals   []*spec.Journal
	reports    []*spec.RepaymentReport
	faults     []*spec.Fault
	declared   []declaration
	photos     []photoUse
	disbursals []disbursal

	hasTable bool // a report's rows come from a CSV file
}

// A declaration is the position of a resource's natural key.
type declaration struct {
	address spec.Address
	at      spec.Pos
}

// A photoUse is a position that names a photo.
type photoUse struct {
	draft int // index in the file's drafts
	file  string
	at    spec.Pos
}

// A disbursal is the position of a draft's disbursal date.
type disbursal struct {
	draft int // index in the file's drafts
	at    spec.Pos
}

// readFile reads the documents of a file, or takes them from the cache.
func (l *loader) readFile(file string) *documents {
	found := &documents{}
	if l.budget.isSpent() {
		return found
	}
	err := l.buffers.Read(l.ctx, l.root, file, maxFile, func(data []byte) {
		if l.budget.takeFile(data) {
			found = l.documentsOf(file, data)
		}
	})
	if err != nil {
		found.faults = []*spec.Fault{fileFault(code.Unreadable, spec.Pos{File: file}, "", err)}
	}
	l.budget.faults.Add(-int64(len(found.faults)))
	return found
}

// documentsOf returns the documents in data.
func (l *loader) documentsOf(file string, data []byte) *documents {
	stamp := l.stampFile(data)
	if found, ok := l.recallFile(file, stamp); ok {
		return found
	}
	found := l.parseDocuments(file, data)
	if !found.hasTable && !l.budget.isSpent() && l.ctx.Err() == nil {
		l.keepFile(file, stamp, found)
	}
	return found
}

func (l *loader) parseDocuments(file string, data []byte) *documents {
	r, found, pastSettings := l.reader(file), &documents{}, false
	r.Documents(data, func(n *yaml.Node) {
		if file == l.settingsFile && isSettings(n) && !pastSettings {
			pastSettings = true
			return
		}
		start := len(r.Faults)
		address := l.readDocument(r, n, found)
		for _, f := range r.Faults[start:] {
			if f.Address == "" {
				f.Address = address
			}
		}
	})
	found.faults = append(found.faults, r.Faults...)
	l.fingerprintResources(found)
	return found
}

// fingerprintResources sets the fingerprints of a file's resources, except
// drafts with a photo, which is part of the fingerprint and not read yet.
func (l *loader) fingerprintResources(found *documents) {
	if l.fingerprint == nil {
		return
	}
	var fields []spec.Field
	of := func(r spec.Resource) string {
		fields = field.Append(fields[:0], r)
		return l.fingerprint(r.Address(), fields)
	}
	for _, d := range found.drafts {
		d.Fingerprint = of(d)
	}
	for _, u := range found.photos {
		found.drafts[u.draft].Fingerprint = ""
	}
	for _, j := range found.journals {
		j.Fingerprint = of(j)
	}
}

// readDocument reads a document into found, and returns its address, or "" if it
// has none.
func (l *loader) readDocument(r *yamldoc.Reader, n *yaml.Node, found *documents) spec.Address {
	o := r.OpenRoot(n)
	if n.Kind != yaml.MappingNode {
		return ""
	}
	switch kind := readKind(&o); kind {
	case spec.KindLoanDraft:
		return l.addDraft(r, &o, found)
	case spec.KindJournal:
		return l.addJournal(r, &o, found)
	case spec.KindRepaymentReport:
		return l.addReport(r, &o, found)
	}
	o.Leave()
	return ""
}

// readKind returns the document's kind, or "" after a fault.
func readKind(o *yamldoc.Object) spec.Kind {
	n := o.Scalar("kind")
	kinds := []string{string(spec.KindLoanDraft), string(spec.KindJournal), string(spec.KindRepaymentReport)}
	switch {
	case n == nil:
		o.Fault(code.Kind, o.Node, "kind", "is missing", guessKind(o)).InCase(code.CaseMissing)
	case !slices.Contains(kinds, n.Value):
		hint := "write " + yamldoc.Alternatives(kinds)
		if near := yamldoc.Nearest(n.Value, kinds); near != "" {
			hint = "did you mean " + near + "?"
		}
		o.Fault(code.Kind, n, "kind", "unknown kind "+yamldoc.Quoted(n), hint)
	default:
		return spec.Kind(n.Value)
	}
	return ""
}

// guessKind guesses the kind from keys of one kind alone.
func guessKind(o *yamldoc.Object) string {
	for _, guess := range []struct {
		key  string
		kind spec.Kind
	}{
		{"entreps", spec.KindLoanDraft}, {"loanuse", spec.KindLoanDraft}, {"subject", spec.KindJournal},
		{"body", spec.KindJournal}, {"period", spec.KindRepaymentReport}, {"repayments", spec.KindRepaymentReport},
	} {
		if o.Has(guess.key) {
			return "write kind: " + string(guess.kind)
		}
	}
	return "write kind: LoanDraft, Journal or RepaymentReport; a file that isn't kivaform's belongs under ignore in kiva.yaml"
}

func (l *loader) addDraft(r *yamldoc.Reader, o *yamldoc.Object, found *documents) spec.Address {
	start := len(r.Faults)
	d, image := readLoanDraft(o, l.index)
	inheritDefaults(d, &l.defaults.draft)
	c := rule.DraftCheck{
		Draft: d, Format: l.set.Settings.CSVFormat, Locales: l.locales, Defaults: l.defaults.positions,
		Object: o, Reader: r, Start: start,
	}
	rule.CheckDraft(&c)
	// Warnings are pending until the draft is sent. After that it keeps an odd
	// id: under another one it would be sent again.
	for _, f := range r.Faults[start:] {
		f.Pending = f.Pending || f.Severity == spec.Warning || isOfForm(f)
	}
	if image != "" {
		found.photos = append(found.photos, photoUse{len(found.drafts), image, r.Pos(o.Find("image"))})
	}
	if d.DisburseTime != 0 && !c.IsBroken("disburse_time") {
		found.disbursals = append(found.disbursals, disbursal{len(found.drafts), c.Place("disburse_time")})
	}
	found.drafts = append(found.drafts, d)
	if d.LoanID() == "" {
		return ""
	}
	path := "entreps[0].loan_id"
	if d.IsGroup() {
		path = "internal_loan_id"
	}
	return found.declare(d.Address(), c.Place(path))
}

func (l *loader) addJournal(r *yamldoc.Reader, o *yamldoc.Object, found *documents) spec.Address {
	start := len(r.Faults)
	j := readJournal(o)
	j.ClientID = rule.ClientIDToSend(o, "internal_client_id", j.ClientID, l.set.Settings.CSVFormat)
	for _, f := range r.Faults[start:] {
		f.Pending = f.Severity == spec.Warning || isOfForm(f)
	}
	found.journals = append(found.journals, j)
	if j.LoanID == "" || j.Key == "" {
		return ""
	}
	return found.declare(j.Address(), r.Pos(o.Find("key")))
}

func (l *loader) addReport(r *yamldoc.Reader, o *yamldoc.Object, found *documents) spec.Address {
	report := l.readReport(r, o)
	found.reports = append(found.reports, report)
	found.hasTable = found.hasTable || o.Has("csv")
	if report.Period == "" {
		return ""
	}
	return found.declare(report.Address(), r.Pos(o.Find("period")))
}

func (d *documents) declare(a spec.Address, at spec.Pos) spec.Address {
	d.declared = append(d.declared, declaration{a, at})
	return a
}

// collectDocuments combines the files' documents, and applies the rules across
// files.
func (l *loader) collectDocuments(found []*documents) {
	s := l.set
	drafts, faults := 0, 0
	for _, d := range found {
		drafts += len(d.drafts)
		faults += len(d.faults)
	}
	s.Drafts, s.Faults = slices.Grow(s.Drafts, drafts), slices.Grow(s.Faults, faults)
	for _, d := range found {
		s.Drafts = append(s.Drafts, d.drafts...)
		s.Journals = append(s.Journals, d.journals...)
		s.Reports = append(s.Reports, d.reports...)
		s.Faults = append(s.Faults, d.faults...)
		for _, u := range d.disbursals {
			s.Faults = append(s.Faults, rule.CheckDisbursal(s.Today, d.drafts[u.draft], u.at)...)
		}
	}
	l.reportTwice(found)
	rule.CheckUnset(l.set)
}

// reportTwice reports resources that are declared a second time.
func (l *loader) reportTwice(found []*documents) {
	first := make(map[spec.Address]*declaration, len(l.set.Drafts)+len(l.set.Journals))
	twice := 0
	for _, d := range found {
		for i := range d.declared {
			declared := &d.declared[i]
			before := first[declared.address]
			if before == nil {
				first[declared.address] = declared
				continue
			}
			if twice++; twice <= yamldoc.MaxFaults {
				l.set.Faults = append(l.set.Faults, twiceFault(*declared, before.at))
			}
		}
	}
	if twice > yamldoc.MaxFaults {
		l.set.Faults = append(l.set.Faults, code.NewFault(code.DeclaredTwice, spec.Pos{File: l.settingsFile}, "",
			fmt.Sprintf("and %d more are declared twice", twice-yamldoc.MaxFaults), ""))
	}
}

func twiceFault(d declaration, first spec.Pos) *spec.Fault {
	hint := "each loan has one draft, each update of a loan its own key, each period one report"
	f := code.NewFault(code.DeclaredTwice, d.at, "", fmt.Sprintf("%s is declared twice, first at %s", d.address, first), hint)
	f.Address = d.address
	return f
}
