package plan

import (
	"context"
	"strconv"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan/identity"
	"kivaform/spec"
	"kivaform/spec/field"
)

// A Known is a draft or a journal of the ledger that Kiva has or may have.
type Known struct {
	identity.Thing
	Outcome Outcome // OutcomeUnknown if Kiva may have it
	// Recorded holds its fields if an earlier version recorded it, without digests of
	// its contents.
	Recorded *Recorded
}

// findAlike compares the items that may be sent with those of the ledger, the loans
// that were read, and the files. Without such items it reads nothing.
func (s *State) findAlike(ctx context.Context, want *spec.Set, history History, resend Resend) error {
	open := s.openItems(resend)
	if len(open) == 0 {
		return nil
	}
	l := likeness{State: s, Finder: identity.NewFinder(identity.Rules(want.Settings.IDs), open)}
	l.unknown, l.inFiles = make(map[spec.Address]bool), make(map[spec.Address]bool, len(s.wanted))
	for i := range s.wanted {
		l.inFiles[s.wanted[i].address] = true
	}
	for known, err := range history.Known(ctx) {
		if err != nil {
			return err
		}
		l.meetKnown(&known)
	}
	l.Settle()
	for id := range s.Loans {
		l.Meet(&identity.Thing{LoanID: id}, identity.Kiva)
	}
	for _, w := range s.wanted {
		t := identity.NewThing(w.address, w.resource)
		l.Meet(&t, identity.Files)
	}
	s.Alike = make(map[spec.Address]Reason)
	for i := range open {
		if like := l.Like(i); like != nil {
			s.Alike[open[i].Address] = whyAlike(&open[i], like, l.unknown[like.Other], s.Loans)
		} else if like := l.Finder.Shared(i); like != nil && len(s.Shared) < mostShared {
			s.Shared = append(s.Shared, NewReason(ReasonSharedContents,
				"address", string(open[i].Address), "other", string(like.Other), "same", partNames(like.Parts, false)))
		}
	}
	return nil
}

// mostShared bounds the notes on drafts that share a story or a photo.
const mostShared = 20

// openItems returns the drafts and journals that may be sent, by the ledger and by
// Kiva's list of their own ids.
func (s *State) openItems(resend Resend) []identity.Thing {
	var open []identity.Thing
	digester := s.Past.Digester()
	for i := range s.wanted {
		w := &s.wanted[i]
		if w.last != nil && (!w.last.Outcome.MayRepeat() || w.last.Approved) || resend[w.address] {
			continue
		}
		if d, ok := w.resource.(*spec.LoanDraft); ok && s.Loans[d.LoanID()] != nil {
			continue // it is recorded, not sent
		}
		t := identity.NewThing(w.address, w.resource)
		t.Contents = digester.Contents(w.resource)
		if t.Key == "" {
			t.OwnID = digester.LoanIDDigest(t.LoanID)
		}
		t.Resource = w.resource
		open = append(open, t)
	}
	return open
}

func whyAlike(t *identity.Thing, like *identity.Like, unknown bool, loans map[string]*kiva.Loan) Reason {
	args := []string{"address", string(t.Address), "other", string(like.Other)}
	outcome := string(OutcomeAccepted)
	if unknown {
		outcome = string(OutcomeUnknown)
	}
	switch {
	case like.Source == identity.Kiva:
		id := like.Other.Parts()[1]
		return NewReason(ReasonAlikeListed, append(args, "loan_id", id, "status", string(loans[id].Status))...)
	case like.Source == identity.Files:
		return NewReason(ReasonAlikeInFiles, append(args, "loan_id", like.ID)...)
	case like.Kind == identity.SameMember:
		return NewReason(ReasonAlikeMember, append(args, "loan_id", like.ID, "outcome", outcome)...)
	case like.Kind == identity.SameContents:
		return NewReason(ReasonAlikeContents, append(args, "same", partNames(like.Parts, t.Key != ""), "outcome", outcome)...)
	}
	return NewReason(ReasonAlikeID, append(args, "outcome", outcome)...)
}

// partNames lists the parts of contents, as arguments of reasons.
func partNames(p identity.Parts, journal bool) string {
	switch {
	case journal && p.Story:
		return "text"
	case journal:
		return "loan"
	}
	var names []string
	for _, part := range []struct {
		same bool
		name string
	}{{p.Client, "client"}, {p.Terms, "terms"}, {p.Story, "story"}, {p.Photo, "photo"}} {
		if part.same {
			names = append(names, part.name)
		}
	}
	return strings.Join(names, ", ")
}

// holdAlike keeps back an item that is alike to another one.
func (s computer) holdAlike(item *Item) {
	if why, alike := s.Alike[item.Address()]; alike && item.Action == Submit && !item.Again {
		item.Action, item.Reason = Alike, why
	}
}

// holdUnlisted keeps back a draft that the ledger doesn't know while Kiva's list is
// short: the loan may be in the missing part.
func (s computer) holdUnlisted(item *Item) {
	if item.Action == Submit && item.Last == nil && s.List != nil && !s.List.Whole() && !s.AssumeListed {
		item.Action, item.Reason = Waiting, s.List.whyShort(ReasonListShort)
	}
}

func (l *Listing) whyShort(code ReasonCode) Reason {
	counted := ""
	if l.Total >= 0 {
		counted = strconv.Itoa(l.Total)
	}
	return NewReason(code, "read", strconv.Itoa(l.Read), "counted", counted)
}

// A likeness compares the items that may be sent with known ones.
type likeness struct {
	*State
	*identity.Finder
	unknown map[spec.Address]bool // Kiva may have them
	inFiles map[spec.Address]bool
}

func (l *likeness) meetKnown(known *Known) {
	if known.Outcome == OutcomeUnknown {
		a := known.ItemAddress()
		l.unknown[a] = true
		known.Undecided = !l.inFiles[a]
	}
	if known.Recorded != nil {
		l.meetRecorded(known)
	}
	l.Meet(&known.Thing, identity.Ledger)
}

// meetRecorded compares a record of an earlier version. Its digests depend on the
// address, so the few items of the same client, or amount and date, are digested
// under the recorded address.
func (l *likeness) meetRecorded(known *Known) {
	if known.Key == "" {
		d := recordedDraft(known.Recorded.Values)
		known.Contents = l.Past.Digester().Contents(d)
		known.AddMembers(d)
	}
	l.MeetRecorded(&known.Thing, func(t *identity.Thing, path string) bool { return l.hasField(known, t, path) })
}

// hasField reports whether an item has a field as it was recorded of a known one.
func (l *likeness) hasField(known *Known, t *identity.Thing, path string) bool {
	for _, f := range field.Values(t.Resource) {
		if f.Path != path {
			continue
		}
		if old, plain := known.Recorded.Values[path]; plain {
			return old == f.Value
		}
		digest, digested := known.Recorded.Digests[path]
		return digested && l.Past.MatchesField(digest, known.ItemAddress(), f)
	}
	return false
}

// recordedDraft returns a draft with the fields that were recorded in clear.
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
