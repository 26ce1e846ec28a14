package partnerapi

import (
	"errors"
	"fmt"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
)

// A repaymentBody is one row of an upload as received.
type repaymentBody struct {
	Amount   pa2.Amount `json:"amount"`
	ClientID string     `json:"client_id"`
	LoanID   string     `json:"loan_id"`
}

// repaymentsReceipt is the answer to an accepted upload.
type repaymentsReceipt struct {
	exchange.Envelope
	UploadID int64         `json:"upload_id"`
	Problems []pa2.Problem `json:"problems"`
}

// createRepayments accepts an upload. A row with a problem of severity error is
// rejected alone.
func (api *API) createRepayments(c *exchange.Call) exchange.Decision {
	rows, err := decodeRepayments(c.Data)
	if err != nil {
		return exchange.Reply(exchange.BadRequest("%v", err))
	}
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		e := &pa2.RepaymentsEvent{
			UploadID: pa2.FirstUpload + int64(len(st.Uploads)), Period: st.Period(api.Today()), Problems: []pa2.Problem{},
		}
		seen := map[string]bool{}
		for _, b := range rows {
			r := pa2.Row{LoanID: b.LoanID, ClientID: b.ClientID, Amount: b.Amount.Amount}
			problems := st.CheckRow(r, seen[r.LoanID])
			for _, p := range problems {
				r.Refused = r.Refused || p.Severity == kiva.SeverityError
			}
			e.Rows, e.Problems = append(e.Rows, r), append(e.Problems, problems...)
			seen[r.LoanID] = true
		}
		a := api.confirmStored(repaymentsReceipt{exchange.Success("%d repayment(s) uploaded", len(rows)), e.UploadID, e.Problems})
		a.Array = true
		return a, &pa2.Event{Repayments: e}
	}
}

func decodeRepayments(body []byte) ([]repaymentBody, error) {
	var object struct {
		Repayments []repaymentBody `json:"repayments"`
	}
	if err := decodeBody(body, '{', &object); err != nil {
		return nil, err
	}
	rows := object.Repayments
	switch {
	case len(rows) == 0:
		return nil, errors.New("there are no repayments")
	case len(rows) > kiva.MaxRepayments:
		return nil, fmt.Errorf("repayments: %d rows, at most %d can be uploaded", len(rows), kiva.MaxRepayments)
	}
	for i, r := range rows {
		if r.LoanID == "" || !r.Amount.Present {
			return nil, fmt.Errorf("repayments[%d]: loan_id and amount are needed", i)
		}
	}
	return rows, nil
}
