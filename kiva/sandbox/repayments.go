package sandbox

import (
	"errors"
	"fmt"

	"kivaform/kiva"
)

// A repaymentBody is one row of an upload as it was received.
type repaymentBody struct {
	Amount   amount `json:"amount"`
	ClientID string `json:"client_id"`
	LoanID   string `json:"loan_id"`
}

// repaymentsReceipt is the answer to an upload that was taken.
type repaymentsReceipt struct {
	envelope
	UploadID int64     `json:"upload_id"`
	Problems []problem `json:"problems"`
}

// createRepayments takes an upload. A row with a problem of severity error is
// refused by itself.
func (api *partnerAPI) createRepayments(c *call) decision {
	rows, err := decodeRepayments(c.body)
	if err != nil {
		return reply(badRequest("%v", err))
	}
	return func(st *state) (answer, *event) {
		e := &repaymentsEvent{
			UploadID: firstUpload + int64(len(st.uploads)), Period: st.period(api.Today()), Problems: []problem{},
		}
		seen := map[string]bool{}
		for _, b := range rows {
			r := row{LoanID: b.LoanID, ClientID: b.ClientID, Amount: b.Amount.Amount}
			problems := st.checkRow(r, seen[r.LoanID])
			for _, p := range problems {
				r.Refused = r.Refused || p.Severity == kiva.SeverityError
			}
			e.Rows, e.Problems = append(e.Rows, r), append(e.Problems, problems...)
			seen[r.LoanID] = true
		}
		a := api.confirmStored(repaymentsReceipt{success("%d repayment(s) uploaded", len(rows)), e.UploadID, e.Problems})
		a.array = true
		return a, &event{Repayments: e}
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
		if r.LoanID == "" || !r.Amount.present {
			return nil, fmt.Errorf("repayments[%d]: loan_id and amount are needed", i)
		}
	}
	return rows, nil
}
