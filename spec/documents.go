package spec

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// documents are what one file holds. It follows from the file, the settings and
// the catalogue alone: what depends on the day, on photos or on other files is
// judged later.
type documents struct {
	drafts     []*LoanDraft
	journals   []*Journal
	reports    []*RepaymentReport
	faults     []*Fault
	declared   []declaration
	photos     []photoUse
	disbursals []disbursal

	hasTable bool // a report's rows stand in a file of their own
}

// A declaration is where a thing gets its natural key.
type declaration struct {
	address Address
	at      Pos
}

// A photoUse is a place that names a photo.
type photoUse struct {
	draft int // of the file's drafts
	file  string
	at    Pos
}

// A disbursal is a place that gives a draft's disbursal date.
type disbursal struct {
	draft int // of the file's drafts
	at    Pos
}

// readFile reads the documents of a file, or takes what was made of them last
// time.
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
		found.faults = []*Fault{fileFault(codeUnreadable, Pos{File: file}, "", err)}
	}
	l.budget.faults.Add(-int64(len(found.faults)))
	return found
}

// documentsOf returns the documents of a file that holds data.
func (l *loader) documentsOf(file string, data []byte) *documents {
	stamp := l.stamp(data)
	if found, ok := l.recall(file, stamp); ok {
		return found
	}
	found := l.parse(file, data)
	if !found.hasTable && !l.budget.isSpent() && l.ctx.Err() == nil {
		l.remember(file, stamp, found)
	}
	return found
}

func (l *loader) parse(file string, data []byte) *documents {
	r, found, pastSettings := l.reader(file), &documents{}, false
	r.documents(data, func(n *yaml.Node) {
		if file == l.settingsFile && isSettings(n) && !pastSettings {
			pastSettings = true
			return
		}
		start := len(r.faults)
		address := l.readDocument(r, n, found)
		for _, f := range r.faults[start:] {
			if f.Address == "" {
				f.Address = address
			}
		}
	})
	found.faults = append(found.faults, r.faults...)
	l.digest(found)
	return found
}

// digest fills in the fingerprints of what a file holds, but for drafts with a
// photo, which is sent as well and isn't known yet.
func (l *loader) digest(found *documents) {
	if l.fingerprint == nil {
		return
	}
	var fields []Field
	of := func(r Resource) string {
		fields = r.AppendFields(fields[:0])
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

// readDocument reads a document into found, and returns its address, or ""
// where it has none.
func (l *loader) readDocument(r *reader, n *yaml.Node, found *documents) Address {
	o := r.openRoot(n)
	if n.Kind != yaml.MappingNode {
		return ""
	}
	switch kind := o.kind(); kind {
	case KindLoanDraft:
		return l.addDraft(r, &o, found)
	case KindJournal:
		return l.addJournal(r, &o, found)
	case KindRepaymentReport:
		return l.addReport(r, &o, found)
	}
	o.leave()
	return ""
}

// kind returns the document's kind, or "" after a fault.
func (o *object) kind() Kind {
	n := o.scalar("kind")
	kinds := []string{string(KindLoanDraft), string(KindJournal), string(KindRepaymentReport)}
	switch {
	case n == nil:
		o.fault(codeKind, o.node, "kind", "is missing", o.kindHint()).as(caseMissing)
	case !slices.Contains(kinds, n.Value):
		hint := "write " + alternatives(kinds)
		if near := Nearest(n.Value, kinds); near != "" {
			hint = "did you mean " + near + "?"
		}
		o.fault(codeKind, n, "kind", "unknown kind "+quoted(n), hint)
	default:
		return Kind(n.Value)
	}
	return ""
}

// kindHint guesses the kind from keys that only one of them has.
func (o *object) kindHint() string {
	for _, guess := range []struct {
		key  string
		kind Kind
	}{
		{"entreps", KindLoanDraft}, {"loanuse", KindLoanDraft}, {"subject", KindJournal},
		{"body", KindJournal}, {"period", KindRepaymentReport}, {"repayments", KindRepaymentReport},
	} {
		if o.has(guess.key) {
			return "write kind: " + string(guess.kind)
		}
	}
	return "write kind: LoanDraft, Journal or RepaymentReport; a file that isn't kivaform's belongs under ignore in kiva.yaml"
}

func (l *loader) addDraft(r *reader, o *object, found *documents) Address {
	start := len(r.faults)
	d, image := readLoanDraft(o, l.index)
	d.inherit(&l.defaults.draft)
	c := draftCheck{
		draft: d, format: l.set.Settings.CSVFormat, locales: l.locales, defaults: l.defaults.positions,
		object: o, reader: r, start: start,
	}
	checkDraft(&c)
	// What a draft could have been better at is of no interest once it is sent. What
	// was sent under an odd id keeps it: under another it would be sent again.
	for _, f := range r.faults[start:] {
		f.Pending = f.Pending || f.Severity == Warning || f.isOfForm()
	}
	if image != "" {
		found.photos = append(found.photos, photoUse{len(found.drafts), image, r.pos(o.find("image"))})
	}
	if d.DisburseTime != 0 && !c.isBroken("disburse_time") {
		found.disbursals = append(found.disbursals, disbursal{len(found.drafts), c.place("disburse_time")})
	}
	found.drafts = append(found.drafts, d)
	if d.LoanID() == "" {
		return ""
	}
	path := "entreps[0].loan_id"
	if d.IsGroup() {
		path = "internal_loan_id"
	}
	return found.declare(d.Address(), c.place(path))
}

func (l *loader) addJournal(r *reader, o *object, found *documents) Address {
	start := len(r.faults)
	j := readJournal(o)
	j.ClientID = clientIDToSend(o, "internal_client_id", j.ClientID, l.set.Settings.CSVFormat)
	for _, f := range r.faults[start:] {
		f.Pending = f.Severity == Warning || f.isOfForm()
	}
	found.journals = append(found.journals, j)
	if j.LoanID == "" || j.Key == "" {
		return ""
	}
	return found.declare(j.Address(), r.pos(o.find("key")))
}

func (l *loader) addReport(r *reader, o *object, found *documents) Address {
	report := l.report(r, o)
	found.reports = append(found.reports, report)
	found.hasTable = found.hasTable || o.has("csv")
	if report.Period == "" {
		return ""
	}
	return found.declare(report.Address(), r.pos(o.find("period")))
}

func (d *documents) declare(a Address, at Pos) Address {
	d.declared = append(d.declared, declaration{a, at})
	return a
}

// collect puts the files' documents together, and judges what only all of them
// show.
func (l *loader) collect(found []*documents) {
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
			s.Faults = append(s.Faults, checkDisbursal(s.Today, d.drafts[u.draft], u.at)...)
		}
	}
	l.reportTwice(found)
	checkUnset(l.set)
}

// reportTwice reports what is declared a second time.
func (l *loader) reportTwice(found []*documents) {
	first := make(map[Address]*declaration, len(l.set.Drafts)+len(l.set.Journals))
	twice := 0
	for _, d := range found {
		for i := range d.declared {
			declared := &d.declared[i]
			before := first[declared.address]
			if before == nil {
				first[declared.address] = declared
				continue
			}
			if twice++; twice <= maxFaults {
				l.set.Faults = append(l.set.Faults, twiceFault(*declared, before.at))
			}
		}
	}
	if twice > maxFaults {
		l.set.Faults = append(l.set.Faults, newFault(codeDeclaredTwice, Pos{File: l.settingsFile}, "",
			fmt.Sprintf("and %d more are declared twice", twice-maxFaults), ""))
	}
}

func twiceFault(d declaration, first Pos) *Fault {
	hint := "each loan has one draft, each update of a loan its own key, each period one report"
	f := newFault(codeDeclaredTwice, d.at, "", fmt.Sprintf("%s is declared twice, first at %s", d.address, first), hint)
	f.Address = d.address
	return f
}
