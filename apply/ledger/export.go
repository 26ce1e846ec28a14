package ledger

import (
	"strings"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
)

// A Line is what the ledger holds of one item of one attempt, for people who
// audit. Amounts are text, so that no program rounds them. It holds no personal
// data, but ConfirmURL lets whoever has it publish.
type Line struct {
	Environment string       `json:"environment"`
	PartnerID   string       `json:"partner_id"`
	Address     Address      `json:"address"`
	Stream      Address      `json:"stream"` // whose attempts are counted: the item's own address, or its batch's
	Attempt     int          `json:"attempt"`
	Outcome     plan.Outcome `json:"outcome"` // of this item: a row may be rejected though its batch was accepted
	Amount      string       `json:"amount,omitempty"`
	Currency    string       `json:"currency,omitempty"` // empty where the ledger doesn't know it
	LoanID      string       `json:"loan_id,omitempty"`
	ClientID    string       `json:"client_id,omitempty"`
	Begun       time.Time    `json:"begun"`          // UTC
	Ended       time.Time    `json:"ended,omitzero"` // UTC; zero where no answer was recorded
	Run         string       `json:"run"`            // which began it
	Program     string       `json:"program,omitempty"`
	Commit      string       `json:"commit,omitempty"` // of the workspace
	Source      string       `json:"source,omitempty"` // file:line
	Status      int          `json:"status,omitempty"` // HTTP
	Code        string       `json:"code,omitempty"`
	Message     string       `json:"message,omitempty"` // Kiva's
	DraftUUID   string       `json:"loan_draft_uuid,omitempty"`
	ArchiveID   string       `json:"archive_id,omitempty"`
	UploadID    string       `json:"upload_id,omitempty"`
	KivaID      string       `json:"kiva_id,omitempty"`
	ConfirmURL  string       `json:"confirm_url,omitempty"`
	Decision    plan.Outcome `json:"decision,omitempty"`    // a person's, on an unknown attempt
	Reason      string       `json:"reason,omitempty"`      // a person's
	DecidedBy   string       `json:"decided_by,omitempty"`  // a run
	Decided     time.Time    `json:"decided,omitzero"`      // UTC
	Done        bool         `json:"done"`                  // finished in PA2, as somebody said
	MergedFrom  int          `json:"merged_from,omitempty"` // the attempt's number in the copy of the ledger that it came from; 0 where it was begun here
}

// Lines returns a line for each item of an attempt, in the order of the
// request.
func Lines(a *Attempt) []Line {
	whole := a.line()
	var lines []Line
	for _, item := range a.Intent.Items {
		lines = append(lines, whole.ofItem(item))
	}
	rejected := make(map[string]Problem)
	if a.Result != nil {
		for _, p := range a.Result.Problems {
			if p.Rejects() {
				rejected[p.LoanID] = p
			}
		}
	}
	for _, row := range a.Intent.Rows {
		l := whole.ofRow(row)
		if p, refused := rejected[row.LoanID]; refused && l.Outcome.AtKiva() {
			l.Outcome, l.Code, l.Message = plan.OutcomeRejected, p.Code, p.Details
		}
		lines = append(lines, l)
	}
	return lines
}

// line is what all items of an attempt have in common.
func (a *Attempt) line() Line {
	in := a.Intent
	l := Line{
		Environment: in.Environment, PartnerID: in.PartnerID, Stream: in.Stream, Attempt: in.Attempt, Outcome: a.Outcome(),
		Begun: in.At.UTC(), Run: in.Run, Program: in.Program, Commit: in.Commit, Reason: in.Reason, Done: a.Done,
		MergedFrom: in.MergedFrom,
	}
	if r := a.Result; r != nil {
		l.Ended, l.Status, l.Code, l.Message = r.At.UTC(), r.Status, r.Code, r.Message
		for _, receipt := range r.Receipts {
			join(&l.DraftUUID, receipt.DraftUUID)
			join(&l.ArchiveID, receipt.ArchiveID)
			join(&l.UploadID, receipt.UploadID)
			join(&l.KivaID, receipt.KivaID)
			join(&l.ConfirmURL, receipt.ConfirmURL)
		}
	}
	if d := a.Resolution; d != nil {
		l.Decision, l.DecidedBy, l.Decided = d.Decision, d.Run, d.At.UTC()
		join(&l.Reason, d.Reason)
		join(&l.KivaID, d.RemoteID)
	}
	return l
}

// join adds a text to others of its kind: Kiva may answer in several parts.
func join(to *string, s string) {
	if *to != "" && s != "" {
		s = *to + " " + s
	}
	if s != "" {
		*to = s
	}
}

func (l Line) ofItem(item Item) Line {
	l.Address, l.Source = item.Address, item.Source
	l.Currency = item.Values["currency"]
	l.LoanID, l.ClientID = item.Values["internal_loan_id"], item.Values["internal_client_id"]
	if parts := item.Address.Parts(); l.LoanID == "" && len(parts) > 1 {
		l.LoanID = parts[1]
	}
	if item.Address.Kind() == draftKind {
		l.Amount = amountOf(item.Values)
	}
	return l
}

func (l Line) ofRow(row Row) Line {
	l.Address = plan.RowAddress(periodOf(l.Stream), row.LoanID)
	l.LoanID, l.ClientID, l.Amount, l.Source = row.LoanID, row.ClientID, row.Amount.String(), row.Source
	return l
}

// amountOf sums what the borrowers of a draft get. An adopted loan has the
// amount that Kiva lists.
func amountOf(values map[string]string) string {
	sum, known := money.Amount{}, false
	for path, value := range values {
		if !strings.HasPrefix(path, "entreps[") || !strings.HasSuffix(path, "].amount") {
			continue
		}
		amount, err := money.Parse(value)
		if err != nil {
			return ""
		}
		var ok bool
		if sum, ok = sum.Add(amount); !ok {
			return ""
		}
		known = true
	}
	if !known {
		return values["loan_local_price"]
	}
	return sum.String()
}
