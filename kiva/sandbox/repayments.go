package sandbox

import (
	"errors"
	"fmt"
	"strconv"

	"kivaform/kiva"
)

// firstUpload is the number of the first upload.
const firstUpload = 90001

// A repaymentBody is one row of an upload as it was received.
type repaymentBody struct {
	Amount   amount `json:"amount"`
	ClientID string `json:"client_id"`
	LoanID   string `json:"loan_id"`
}

// A problem is what PA2 says about a row that it looked at. Kiva documents no
// codes; these are the sandbox's own.
type problem struct {
	LoanID   string        `json:"loan_id"`
	Details  string        `json:"details"`
	Code     string        `json:"code"`
	Severity kiva.Severity `json:"severity"`
}

// repaymentsReceipt is the answer to an upload that was taken.
type repaymentsReceipt struct {
	envelope
	UploadID int64     `json:"upload_id"`
	Problems []problem `json:"problems"`
}

func (e *repaymentsEvent) id() string { return strconv.FormatInt(e.UploadID, 10) }

// createRepayments takes an upload. A row with a problem of severity error is
// refused by itself.
func (s *Server) createRepayments(c *call) decision {
	rows, err := decodeRepayments(c.body)
	if err != nil {
		return reply(badRequest("%v", err))
	}
	return func(st *state) (answer, *event) {
		e := &repaymentsEvent{
			UploadID: firstUpload + int64(len(st.uploads)), Period: st.period(s.options.Today()), Problems: []problem{},
		}
		seen := map[string]bool{}
		for _, b := range rows {
			r := row{LoanID: b.LoanID, ClientID: b.ClientID, Amount: b.Amount.Amount}
			problems := st.problems(r, seen[r.LoanID])
			for _, p := range problems {
				r.Refused = r.Refused || p.Severity == kiva.SeverityError
			}
			e.Rows, e.Problems = append(e.Rows, r), append(e.Problems, problems...)
			seen[r.LoanID] = true
		}
		a := s.created(repaymentsReceipt{success("%d repayment(s) uploaded", len(rows)), e.UploadID, e.Problems})
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

// problems says what is wrong with a row: errors first, and no warnings beside
// them.
func (st *state) problems(r row, repeated bool) (found []problem) {
	add := func(severity kiva.Severity, code, format string, args ...any) {
		found = append(found, problem{r.LoanID, fmt.Sprintf(format, args...), code, severity})
	}
	l := st.byLoanID[r.LoanID]
	switch {
	case l == nil:
		add(kiva.SeverityError, "unknown_loan", "no loan has this id")
	case repeated:
		add(kiva.SeverityError, "repeated_loan", "the loan is in this upload already")
	case l.Status != kiva.PayingBack && l.Status != kiva.Defaulted:
		add(kiva.SeverityError, "wrong_status", "the loan is %s", l.Status)
	case r.ClientID != "" && r.ClientID != l.InternalClientID:
		add(kiva.SeverityError, "wrong_client", "the loan isn't of client %s", r.ClientID)
	case r.Amount.Sign() < 0:
		add(kiva.SeverityError, "negative_amount", "the amount is below zero")
	}
	if len(found) > 0 {
		return found
	}
	if r.ClientID == "" {
		add(kiva.SeverityWarning, "no_client", "the partner's format has three columns, the client id is missing")
	}
	if r.Amount.Cmp(l.LocalPrice) > 0 {
		add(kiva.SeverityWarning, "above_price", "the amount is above the loan's %s %s", l.Currency, l.LocalPrice.Format())
	}
	if last, ok := st.reported[r.LoanID]; ok && r.Amount.Cmp(last) < 0 {
		add(kiva.SeverityWarning, "amount_fell", "the amount is below the %s that was reported last", last.Format())
	}
	return found
}
