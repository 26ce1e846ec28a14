package plan

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"kivaform/spec"
)

// Resend are items that a person wants to be sent although they were sent
// before, because Kiva has them no more.
type Resend map[spec.Address]bool

// Compute compares the workspace with the observed state. It reads nothing, and
// gives the same plan for the same values.
func Compute(want *spec.Set, have *State, resend Resend) *Plan {
	c := computer{
		State: have, resend: resend,
		drafted:  sync.OnceValue(func() map[string]bool { return draftedLoans(want) }),
		knownIDs: sync.OnceValue(func() *knownIDs { return newKnownIDs(have, want) }),
	}
	p := &Plan{Environment: want.Environment, PartnerID: want.Settings.PartnerID, Today: want.Today}
	p.Drafts = make([]Item, len(want.Drafts))
	sideBySide(len(want.Drafts), func(i int) {
		d := want.Drafts[i]
		p.Drafts[i] = c.draft(d, have.known(i, d))
		c.holdAlike(&p.Drafts[i])
		c.holdUnlisted(&p.Drafts[i])
	})
	p.Journals = make([]Item, len(want.Journals))
	sideBySide(len(want.Journals), func(i int) {
		j := want.Journals[i]
		p.Journals[i] = c.journal(j, have.known(len(want.Drafts)+i, j), want.Settings.JournalStatuses)
		c.holdAlike(&p.Journals[i])
	})
	for _, r := range want.Reports {
		p.Reports = append(p.Reports, c.report(r, want))
	}
	p.Open = c.openRequests(p)
	p.Faults = c.falls(p)
	if list := have.List; list != nil && !list.Whole() {
		p.Notes = append(p.Notes, list.whyShort(ReasonListIncomplete))
		p.AssumeListed = have.AssumeListed
	}
	p.Notes = append(p.Notes, have.Shared...)
	for _, id := range have.Doubled {
		p.Notes = append(p.Notes, NewReason(ReasonListedTwice, "loan_id", id))
	}
	return p
}

// sideBySide calls do for 0 to n-1, and returns when all calls have. Where there
// are many, each processor takes a part of them.
func sideBySide(n int, do func(i int)) {
	const few = 1000
	parts := 1
	if n > few {
		parts = runtime.GOMAXPROCS(0)
	}
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() {
			for i := part * n / parts; i < (part+1)*n/parts; i++ {
				do(i)
			}
		})
	}
	all.Wait()
}

// A computer is one call of Compute.
type computer struct {
	*State
	resend   Resend
	drafted  func() map[string]bool // the ids of the loans that have a draft here
	knownIDs func() *knownIDs
}

func draftedLoans(want *spec.Set) map[string]bool {
	ids := make(map[string]bool, len(want.Drafts))
	for _, d := range want.Drafts {
		ids[d.LoanID()] = true
	}
	return ids
}

func (s computer) draft(d *spec.LoanDraft, known wanted) Item {
	item := s.item(known)
	item.Loan = s.Loans[d.LoanID()]
	if item.Action == Rejected && item.Loan != nil && !over(item.Loan.Status) {
		item.Action = Submit // somebody typed it in PA2
	}
	switch {
	case item.Action != Submit:
		if item.Action == Unknown && item.Loan != nil {
			item.Reason = item.Reason.with("status", string(item.Loan.Status))
		}
	case item.Loan != nil && s.resend[item.Address()] && over(item.Loan.Status):
		item.Again = true
		if item.Reason.IsZero() {
			item.Reason = whySentAgain(OutcomeAdopted, item.Loan.CreateTime)
		}
		item.Reason = item.Reason.with("status", string(item.Loan.Status))
	case item.Loan != nil:
		item.Action = Adopt
		item.Reason = NewReason(ReasonListed, "kiva_id", item.Loan.KivaID, "status", string(item.Loan.Status))
	}
	return item
}

func (s computer) journal(j *spec.Journal, known wanted, takes []string) Item {
	item := s.item(known)
	item.Loan = s.Loans[j.LoanID]
	if item.Action != Submit {
		return item
	}
	switch {
	case item.Loan == nil && !s.drafted()[j.LoanID] && s.Past.Last(spec.DraftAddress(j.LoanID)) == nil:
		item.Action, item.Reason = Waiting, NewReason(ReasonLoanUnknown)
	case item.Loan == nil:
		item.Action, item.Reason = Waiting, NewReason(ReasonLoanUnpublished)
	case !slices.Contains(takes, string(item.Loan.Status)):
		item.Action = Waiting
		item.Reason = NewReason(ReasonLoanStatus, "status", string(item.Loan.Status), "takes", strings.Join(takes, ", "))
	}
	return item
}

// item decides by the ledger alone.
func (s computer) item(known wanted) Item {
	a := known.address
	item := Item{Action: Submit, Resource: known.resource, Last: known.last, address: a}
	switch last := item.Last; {
	case last == nil:
	case last.Outcome.AtKiva() && s.resend[a]:
		item.Again = true
		item.Reason = whySentAgain(last.Outcome, last.At)
	case last.Outcome.AtKiva():
		item.Action = Unchanged
		if recorded, differs := s.Recorded[a]; differs {
			item.Changes = s.changes(a, recorded, known.resource)
		}
		if len(item.Changes) > 0 {
			item.Action = Edited
			item.Reason = NewReason(ReasonEdited, "outcome", string(last.Outcome), "at", moment(last.At))
		}
	case last.Rejection != nil && s.Past.MatchesItem(last.Rejection.Fingerprint, a, known.resource):
		item.Again = s.resend[a]
		if item.Again {
			item.Reason = whySentAgain(OutcomeRejected, last.Rejection.At)
		} else {
			item.Action, item.Reason = Rejected, whyRejected(a, last.Rejection)
		}
	case last.Outcome.MayRepeat():
		item.Reason = whyAttempted(last.Outcome, last.At, last.Message)
	default:
		item.Action = Unknown
		item.Reason = whyUnanswered(last)
	}
	return item
}

// openRequests returns the requests without a known answer of which a plan's items
// don't tell, with those of their items that it doesn't have: no file has them any
// more, or has them under another address.
func (s computer) openRequests(p *Plan) []OpenRequest {
	open := s.Past.Unknown()
	if len(open) == 0 {
		return nil
	}
	shown := make(map[spec.Address]bool)
	for item := range p.Items() {
		shown[item.Address()] = item.Action == Unknown
	}
	for _, r := range p.Reports {
		for i := range r.Rows {
			shown[r.RowAddress(i)] = r.Rows[i].Action == Unknown
		}
	}
	var list []OpenRequest
	for _, o := range open {
		var hidden []spec.Address
		for _, a := range o.Items {
			if !shown[a] {
				hidden = append(hidden, a)
			}
		}
		if len(hidden) > 0 {
			o.Items = hidden
			list = append(list, o)
		}
	}
	return list
}
