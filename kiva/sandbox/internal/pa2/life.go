package pa2

import (
	"fmt"
	"slices"
	"time"

	"kivaform/kiva"
)

// Statuses lists the statuses in Kiva's documents and samples.
var Statuses = []kiva.Status{
	kiva.Inactive, kiva.InactiveExpired, kiva.Issue, kiva.IssueRevising, kiva.IssueApproving, kiva.Reviewed,
	kiva.FundRaising, kiva.Expired, kiva.Raised, kiva.Refunded, kiva.PayingBack, kiva.Ended, kiva.Defaulted, kiva.Deleted,
}

// mainLine is a loan's regular life, up to its repayments.
var mainLine = []kiva.Status{kiva.Inactive, kiva.Reviewed, kiva.FundRaising, kiva.Raised, kiva.PayingBack}

// NextStatuses lists the possible changes of status. Kiva documents the statuses
// only; the changes are inferred.
var NextStatuses = map[kiva.Status][]kiva.Status{
	kiva.Inactive:       {kiva.Reviewed, kiva.Issue, kiva.InactiveExpired, kiva.Deleted},
	kiva.Reviewed:       {kiva.FundRaising, kiva.Issue, kiva.InactiveExpired, kiva.Deleted},
	kiva.Issue:          {kiva.IssueRevising, kiva.IssueApproving, kiva.Reviewed, kiva.InactiveExpired, kiva.Deleted},
	kiva.IssueRevising:  {kiva.Issue, kiva.IssueApproving, kiva.Reviewed, kiva.InactiveExpired, kiva.Deleted},
	kiva.IssueApproving: {kiva.Issue, kiva.IssueRevising, kiva.Reviewed, kiva.InactiveExpired, kiva.Deleted},
	kiva.FundRaising:    {kiva.Raised, kiva.Expired, kiva.Refunded},
	kiva.Raised:         {kiva.PayingBack, kiva.Refunded},
	kiva.PayingBack:     {kiva.Ended, kiva.Defaulted},
	kiva.Defaulted:      {kiva.Ended},
}

// canMove returns an error if a loan can't change from one status to another.
func canMove(from, to kiva.Status) error {
	if slices.Contains(NextStatuses[from], to) {
		return nil
	}
	if len(NextStatuses[from]) == 0 {
		return fmt.Errorf("a loan that is %s stays so", from)
	}
	return fmt.Errorf("a loan that is %s can become %v, not %s", from, NextStatuses[from], to)
}

// isAhead reports whether mainLine leads from one status to another.
func isAhead(from, to kiva.Status) bool {
	i := slices.Index(mainLine, from)
	return i >= 0 && i < slices.Index(mainLine, to)
}

// setStatus sets a loan's status and the times that belong to it.
func setStatus(l *kiva.Loan, to kiva.Status, now time.Time) {
	l.Status = to
	switch to {
	case kiva.Inactive:
		l.PlannedInactiveExpireTime = now.AddDate(0, 0, 30)
	case kiva.FundRaising:
		l.PlannedExpirationTime = now.AddDate(0, 0, 30)
	case kiva.Raised, kiva.PayingBack:
		l.FundedAmount = l.Price
	case kiva.Issue:
		l.IssueFeedbackTime, l.IssueReportedBy, l.StatusDetail = now, "reviewer", "MI"
	case kiva.Ended:
		l.EndedTime = now
	case kiva.Refunded:
		l.RefundedTime = now
	case kiva.Expired:
		l.ExpiredTime = now
	case kiva.Defaulted:
		l.DefaultedTime, l.Delinquent = now, true
	}
}
