package send

import (
	"testing"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/view"
)

// upload is the receipt of an upload of so many rows.
func upload(number, rows int) apply.Receipt {
	a := &ledger.Attempt{
		Intent: ledger.Intent{Stream: "repayments/2026-11", Attempt: number, Rows: make([]ledger.Row, rows)},
		Result: &ledger.Result{Outcome: plan.OutcomeAccepted},
	}
	return apply.Receipt{Attempt: a, Kind: "repayment", Items: rows}
}

// An account as data says what the account says.
func TestAccountData(t *testing.T) {
	acc := &apply.Account{
		Counts:   map[apply.Outcome]int{apply.Sent: 2, apply.NotSent: 1, apply.Taken: 0},
		Failures: []apply.Entry{{Address: "loan_draft/L-1", Outcome: apply.NotSent, Message: "no connection"}},
		Receipts: []apply.Receipt{upload(1, 3), upload(2, 4)},
		Stop:     apply.StopUnreachable, StopMessage: "Kiva can't be reached",
	}
	data := accountData(new(session.App), acc, "7f3a", false)
	if got := data.Counts; len(got) != 2 || got["sent"] != 2 || got["not-sent"] != 1 {
		t.Errorf("counts %v", got)
	}
	if data.Failures[0].Outcome != "not-sent" || data.Stop.Reason != "unreachable" {
		t.Errorf("%+v", data)
	}
	if r := data.Receipts[1]; r.Address != "repayments/2026-11" || r.Request != "repayments/2026-11/2" {
		t.Errorf("receipt %+v", r)
	}
	if want := (view.Task{Kind: "finalise", Address: "repayments/2026-11", Items: 7, What: "7 rows sent"}); len(data.Todo) != 1 || data.Todo[0] != want {
		t.Errorf("todo %+v", data.Todo)
	}
}
