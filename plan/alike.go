package plan

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kivaform/kiva"
	"kivaform/plan/identity"
	"kivaform/spec"
)

// A Known is a draft or a journal of the ledger that Kiva has or may have.
type Known struct {
	identity.Thing
	Outcome Outcome // OutcomeUnknown where it isn't known whether Kiva has it
	// Recorded holds its fields where the ledger has no digests of its contents, as
	// those of earlier versions.
	Recorded *Recorded
}

// findAlike looks for what the items that may be sent are alike to: in the ledger,
// among the loans that were read, and in the files. It reads nothing where there
// are no such items.
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
				"address", string(open[i].Address), "other", string(like.Other), "same", namesOf(like.Parts, false)))
		}
	}
	return nil
}

// mostShared is how many drafts a plan names that share a story or a photo.
const mostShared = 20

// openItems returns the drafts and journals that may be sent, as far as the ledger
// and Kiva's list by their own ids tell.
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
		t.Source = w.resource
		open = append(open, t)
	}
	return open
}

// whyAlike is the reason of an item that is alike to another one.
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
		return NewReason(ReasonAlikeContents, append(args, "same", namesOf(like.Parts, t.Key != ""), "outcome", outcome)...)
	}
	return NewReason(ReasonAlikeID, append(args, "outcome", outcome)...)
}

// namesOf lists what two contents have in common.
func namesOf(p identity.Parts, journal bool) string {
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

// holdAlike keeps an item back that may be another one's.
func (s computer) holdAlike(item *Item) {
	if why, alike := s.Alike[item.Address()]; alike && item.Action == Submit && !item.Again {
		item.Action, item.Reason = Alike, why
	}
}

// holdUnlisted keeps a draft back that the ledger doesn't know while Kiva's list isn't
// whole: it may be in the part that didn't come.
func (s computer) holdUnlisted(item *Item) {
	if item.Action == Submit && item.Last == nil && s.List != nil && !s.List.Whole() && !s.AssumeListed {
		item.Action, item.Reason = Waiting, s.List.reason(ReasonListShort)
	}
}

func (l *Listing) reason(code ReasonCode) Reason {
	counted := ""
	if l.Total >= 0 {
		counted = strconv.Itoa(l.Total)
	}
	return NewReason(code, "read", strconv.Itoa(l.Read), "counted", counted)
}

// holdAlikeRows keeps back the rows of a report whose loan id is alike to that of
// another row of the period, in the file or in the ledger: most probably one loan
// stands there twice.
func (s computer) holdAlikeRows(r Report, past map[string]*RowAttempt, rules identity.Rules) {
	if !slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Action == Submit }) {
		return
	}
	ids := make([]string, 0, len(r.Rows)+len(r.Gone))
	for i := range r.Report.Rows {
		ids = append(ids, r.Report.Rows[i].LoanID)
	}
	ids = append(ids, r.Gone...)
	for i, twin := range rules.Twins(ids) {
		if i >= len(r.Rows) || r.Rows[i].Action != Submit || r.Rows[i].Last.isApproved() {
			continue
		}
		args := []string{"address", string(r.RowAddress(i)), "other", string(RowAddress(r.Report.Period, ids[twin]))}
		row := &r.Rows[i]
		row.Action, row.Reason = Alike, NewReason(ReasonAlikeInFiles, append(args, "loan_id", ids[i])...)
		if last := past[ids[twin]]; last != nil && !last.Outcome.MayRepeat() {
			row.Reason = NewReason(ReasonAlikeID, append(args, "outcome", string(last.Outcome))...)
		}
	}
}

func (r *RowAttempt) isApproved() bool { return r != nil && r.Outcome == OutcomeApproved }

// alikeDays is how far back the rows of another period make a report alike: reports
// are monthly, and equal instalments are common from one month to the next.
const alikeDays = 20

// holdAlikeReport keeps back the rows of a report of which half or more were reported
// for another period, with the same amounts: most probably its period was mended. An
// upload without an answer counts however old it is. Amounts paid in a period are
// often equal in the next one, so that all rows must be the same in that mode.
func (s computer) holdAlikeReport(r Report, today spec.Date) {
	sends := 0
	for i := range r.Rows {
		if r.Rows[i].Action == Submit {
			sends++
		}
	}
	if sends == 0 {
		return
	}
	for _, period := range slices.Backward(s.Past.Periods()) {
		if period == r.Report.Period {
			continue
		}
		same, outcome := countSameRows(r, s.Past.Rows(period), today)
		if same == 0 || 2*same < sends {
			continue
		}
		if r.Mode == spec.PaidThisPeriod && outcome == OutcomeAccepted && same < sends {
			continue // most instalments are equal from month to month
		}
		why := NewReason(ReasonAlikeReport, "address", string(r.Address()), "other", string(spec.ReportAddress(period)), "outcome", string(outcome))
		for i := range r.Rows {
			if row := &r.Rows[i]; row.Action == Submit && !approved(row.Last, r.Report.Rows[i].Amount) {
				row.Action, row.Reason = Alike, why
			}
		}
		return
	}
}

// countSameRows counts the rows to be sent that another period has with the same
// amounts, and says whether it is known that Kiva has them.
func countSameRows(r Report, past map[string]*RowAttempt, today spec.Date) (same int, outcome Outcome) {
	outcome = OutcomeAccepted
	for i := range r.Rows {
		want := &r.Report.Rows[i]
		last := past[want.LoanID]
		if r.Rows[i].Action != Submit || last == nil || want.Amount.IsZero() || last.Amount != want.Amount || last.ClientID != want.ClientID {
			continue
		}
		switch {
		case last.Outcome == OutcomeUnknown:
			same, outcome = same+1, OutcomeUnknown
		case last.Outcome.AtKiva() && spec.DateOf(last.At.UTC()) >= today-alikeDays:
			same++
		}
	}
	return same, outcome
}
