package audit

import (
	"strconv"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/kiva/money"
	"kivaform/plan"
)

// A Line is what the ledger holds of one item of one attempt, for people who
// audit. Amounts are text, so that no program rounds them. It holds no personal
// data, but ConfirmURL lets whoever has it publish.
type Line struct {
	Environment string         `json:"environment"`
	PartnerID   string         `json:"partner_id"`
	Address     ledger.Address `json:"address"`
	Stream      ledger.Address `json:"stream"` // whose attempts are numbered together: a draft's, a report's, or those of all journals
	Attempt     int            `json:"attempt"`
	Outcome     plan.Outcome   `json:"outcome"` // of this item: a row may be rejected though its batch was accepted
	Amount      string         `json:"amount,omitempty"`
	Currency    string         `json:"currency,omitempty"` // empty where the ledger doesn't know it
	LoanID      string         `json:"loan_id,omitempty"`
	ClientID    string         `json:"client_id,omitempty"`
	Begun       time.Time      `json:"begun"`          // UTC
	Ended       time.Time      `json:"ended,omitzero"` // UTC; zero where no answer was recorded
	Run         string         `json:"run"`            // which began it
	Program     string         `json:"program,omitempty"`
	Commit      string         `json:"commit,omitempty"` // of the workspace
	Source      string         `json:"source,omitempty"` // file:line
	Status      int            `json:"status,omitempty"` // HTTP
	Code        string         `json:"code,omitempty"`
	Message     string         `json:"message,omitempty"`   // Kiva's
	Exchanges   string         `json:"exchanges,omitempty"` // each request on the wire: time, status, wait that was asked for, Kiva's name of it
	DraftUUID   string         `json:"loan_draft_uuid,omitempty"`
	ArchiveID   string         `json:"archive_id,omitempty"`
	UploadID    string         `json:"upload_id,omitempty"`
	KivaID      string         `json:"kiva_id,omitempty"`
	ConfirmURL  string         `json:"confirm_url,omitempty"`
	Decision    plan.Outcome   `json:"decision,omitempty"`    // a person's, on an unknown attempt
	Reason      string         `json:"reason,omitempty"`      // a person's
	DecidedBy   string         `json:"decided_by,omitempty"`  // a run
	Decided     time.Time      `json:"decided,omitzero"`      // UTC
	Done        bool           `json:"done"`                  // finished in PA2, as somebody said
	MergedFrom  int            `json:"merged_from,omitempty"` // the attempt's number in the copy of the ledger that it came from; 0 where it was begun here
}

// Lines returns a line for each item of an attempt, in the order of the
// request.
func Lines(a *ledger.Attempt) []Line {
	whole := lineOf(a)
	var lines []Line
	for e := range a.Entries() {
		l := whole
		l.Outcome = e.Outcome
		l.addDecision(a.DecisionOn(e.Address))
		if e.Row != nil {
			lines = append(lines, l.ofRow(e))
		} else {
			lines = append(lines, l.ofItem(e))
		}
	}
	return lines
}

// lineOf is what all items of an attempt have in common.
func lineOf(a *ledger.Attempt) Line {
	in := a.Intent
	l := Line{
		Environment: in.Environment, PartnerID: in.PartnerID, Stream: in.Stream, Attempt: in.Attempt, Outcome: a.Outcome(),
		Begun: in.At.UTC(), Run: in.Run, Program: in.Program, Commit: in.Commit, Reason: in.Reason, Done: a.Done,
		MergedFrom: in.MergedFrom,
	}
	if r := a.Result; r != nil {
		l.Ended, l.Status, l.Code, l.Message = r.At.UTC(), r.Status, r.Code, r.Message
		for _, e := range r.Exchanges {
			join(&l.Exchanges, exchangeText(e))
		}
		for _, receipt := range r.Receipts {
			join(&l.DraftUUID, receipt.DraftUUID)
			join(&l.ArchiveID, receipt.ArchiveID)
			join(&l.UploadID, receipt.UploadID)
			join(&l.KivaID, receipt.KivaID)
			join(&l.ConfirmURL, receipt.ConfirmURL)
		}
	}
	return l
}

// addDecision adds what a person decided about the item, if anyone did.
func (l *Line) addDecision(d *ledger.Resolution) {
	if d == nil {
		return
	}
	l.Decision, l.DecidedBy, l.Decided = d.Decision, d.Run, d.At.UTC()
	join(&l.Reason, d.Reason)
	join(&l.KivaID, d.RemoteID)
}

// exchangeText writes an exchange as a word: 2026-11-30T09:00:00Z,429,5s,r-17.
func exchangeText(e ledger.Exchange) string {
	text := e.At.UTC().Format(time.RFC3339) + ",no-answer"
	if e.Status != 0 {
		text = e.At.UTC().Format(time.RFC3339) + "," + strconv.Itoa(e.Status)
	}
	if e.RetryAfter > 0 {
		text += "," + strconv.Itoa(e.RetryAfter) + "s"
	}
	if e.RequestID != "" {
		text += "," + strings.ReplaceAll(e.RequestID, " ", "_")
	}
	return text
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

func (l Line) ofItem(e history.Entry) Line {
	l.Address, l.Source, l.LoanID = e.Address, e.Item.Source, e.LoanID()
	l.Currency, l.ClientID = e.Item.Values["currency"], e.Item.Values["internal_client_id"]
	if id := e.Item.Values["internal_loan_id"]; id != "" {
		l.LoanID = id
	}
	if e.Address.Kind() == ledger.DraftKind {
		l.Amount = amountOf(e.Item.Values)
	}
	return l
}

func (l Line) ofRow(e history.Entry) Line {
	row := e.Row
	l.Address, l.Source, l.LoanID, l.ClientID, l.Amount = e.Address, row.Source, row.LoanID, row.ClientID, row.Amount.String()
	if e.Problem != nil {
		l.Code, l.Message = e.Problem.Code, e.Problem.Details
	}
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
