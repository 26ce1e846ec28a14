package plan

import (
	"strings"

	"kivaform/kiva/money"
	"kivaform/plan/identity"
	"kivaform/spec"
	"kivaform/spec/field"
)

// A likeness compares the items that may be sent with what is known.
type likeness struct {
	*State
	*identity.Finder
	unknown map[spec.Address]bool // of which it isn't known whether Kiva has them
	inFiles map[spec.Address]bool
}

// mostCompared bounds how many items are compared field by field with one record of
// an earlier version.
const mostCompared = 200

func (l *likeness) meetKnown(known *Known) {
	if known.Outcome == OutcomeUnknown {
		a := known.Address
		if a == "" {
			a = spec.DraftAddress(known.LoanID)
		}
		l.unknown[a] = true
		known.Undecided = !l.inFiles[a]
	}
	if known.Recorded != nil {
		l.meetRecorded(known)
	}
	l.Meet(&known.Thing, identity.Ledger)
}

// meetRecorded compares what an earlier version recorded. Its digests depend on the
// address, so the few items that have the same client, or amount and date, are
// digested as if they were the recorded one.
func (l *likeness) meetRecorded(known *Known) {
	t, was := &known.Thing, known.Recorded
	if t.Key != "" {
		for _, i := range l.Journals(t.LoanID) {
			if l.Wanted(i).Address != t.Address && l.hasField(known, i, "subject") && l.hasField(known, i, "body") {
				l.FoundContents(i, t, identity.Parts{Story: true})
			}
		}
		return
	}
	d := recordedDraft(was.Values)
	t.Contents = l.Past.Digester().Contents(d)
	for i := range d.Entreps {
		if id := d.Entreps[i].LoanID; id != "" && id != t.LoanID {
			t.Members = append(t.Members, id)
		}
	}
	for k, list := range [][]int32{l.OfClient(t.Contents.Client), l.OfTerms(t.Contents.Terms)} {
		for _, i := range list[:min(len(list), mostCompared)] {
			p := identity.Parts{Client: k == 0, Story: l.hasField(known, i, "description"), Photo: l.hasField(known, i, "image")}
			if p.IsAlike() && l.Wanted(i).LoanID != t.LoanID {
				l.FoundContents(i, t, p)
			}
		}
	}
}

// hasField reports whether an item has a field as it was recorded of a known one.
func (l *likeness) hasField(known *Known, i int32, path string) bool {
	a := known.Address
	if a == "" {
		a = spec.DraftAddress(known.LoanID)
	}
	for _, f := range field.Values(l.Wanted(i).Source) {
		if f.Path != path {
			continue
		}
		if old, plain := known.Recorded.Values[path]; plain {
			return old == f.Value
		}
		digest, digested := known.Recorded.Digests[path]
		return digested && l.Past.MatchesField(digest, a, f)
	}
	return false
}

// recordedDraft is as much of a draft as was recorded in clear.
func recordedDraft(values map[string]string) *spec.LoanDraft {
	d := &spec.LoanDraft{Currency: values["currency"], InternalLoanID: values["internal_loan_id"], InternalClientID: values["internal_client_id"]}
	d.DisburseTime, _ = spec.ParseDate(values["disburse_time"])
	for i := 0; ; i++ {
		element := spec.ElementPath("entreps", i) + "."
		amount, err := money.Parse(values[element+"amount"])
		e := spec.Entrep{LoanID: values[element+"loan_id"], ClientID: values[element+"client_id"], Amount: amount}
		if err != nil && strings.TrimSpace(e.LoanID+e.ClientID) == "" {
			return d
		}
		d.Entreps = append(d.Entreps, e)
	}
}
