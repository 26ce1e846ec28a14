package plan

import (
	"slices"
	"time"

	"kivaform/plan/identity"
	"kivaform/spec"
)

// A Duplicate is an upload of the last weeks that had just the rows that a report
// is to send now, under another period: most probably last month's file.
type Duplicate struct {
	Period string    `json:"period"`
	Rows   int       `json:"rows"`
	At     time.Time `json:"at"`
	Run    string    `json:"run,omitempty"`
}

// duplicateDays is how far back the same rows are suspicious: one reporting
// cycle, which is monthly.
const duplicateDays = 31

// duplicate finds an upload of another period that had the rows which r sends: one
// batch, or all that was reported for the period.
func (s computer) duplicate(r Report, today spec.Date) *Duplicate {
	periods := s.Past.Periods()
	other := func(period string) bool { return period != r.Report.Period }
	if !slices.ContainsFunc(periods, other) {
		return nil
	}
	sends := make(map[string]*spec.Repayment)
	for i, row := range r.Rows {
		if row.Action.Sends() {
			sends[r.Report.Rows[i].LoanID] = &r.Report.Rows[i]
		}
	}
	if len(sends) == 0 {
		return nil
	}
	for _, period := range slices.Backward(periods) {
		if !other(period) {
			continue
		}
		if last := sameUpload(s.Past.Rows(period), sends, today); last != nil {
			return &Duplicate{Period: period, Rows: len(sends), At: last.At, Run: last.Run}
		}
	}
	return nil
}

// sameUpload returns the latest attempt of a period whose rows, or some batch of
// them, are just those that are to be sent.
func sameUpload(rows map[string]*RowAttempt, sends map[string]*spec.Repayment, today spec.Date) *Attempt {
	var last *Attempt
	batches := make(map[int]int) // the same rows, by attempt
	sizes := make(map[int]int)
	same, size := 0, 0
	for id, row := range rows {
		if !row.Outcome.AtKiva() || spec.DateOf(row.At.UTC()) < today-duplicateDays {
			continue
		}
		size++
		sizes[row.Number]++
		if want := sends[id]; want != nil && want.Amount == row.Amount && want.ClientID == row.ClientID {
			same++
			batches[row.Number]++
			if last == nil || row.At.After(last.At) {
				last = row.Attempt
			}
		}
	}
	whole := same == size && same == len(sends)
	for number, n := range batches {
		whole = whole || n == sizes[number] && n == len(sends)
	}
	if !whole {
		return nil
	}
	return last
}

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
