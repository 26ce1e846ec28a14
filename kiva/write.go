package kiva

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// CreateLoanDraft posts one loan draft. Scope: create:loan_draft. An accepted
// draft needn't be a valid loan: PA2 checks it later, and a person publishes.
func (c *Client) CreateLoanDraft(ctx context.Context, d LoanDraft) (DraftReceipt, error) {
	if d.Entreps == nil {
		d.Entreps = []Entrep{} // null is not an array
	}
	receipts, err := write(ctx, c, "loan_draft", c.url("partner", "loan_draft"), d, decodeDraftReceipt)
	if err != nil {
		return DraftReceipt{}, err
	}
	return receipts[0], nil
}

// PostJournals posts journals as one archive. Scope: create:journal_update.
func (c *Client) PostJournals(ctx context.Context, journals []Journal) ([]JournalReceipt, error) {
	const op = "journals"
	if len(journals) == 0 {
		return nil, notSent(op, errors.New("no journals"))
	}
	var body any = map[string][]Journal{"journals": journals}
	if c.options.JournalsArray {
		body = journals
	}
	return write(ctx, c, op, c.url(c.options.JournalsPath, "journals"), body, decodeJournalReceipt)
}

// PostRepayments posts rows as one upload, at most [MaxRepayments]. Scope:
// create:repayment. Kiva may accept an upload and have problems with single
// rows of it: see [RepaymentReceipt].
func (c *Client) PostRepayments(ctx context.Context, rows []Repayment) ([]RepaymentReceipt, error) {
	const op = "repayments"
	if len(rows) == 0 || len(rows) > MaxRepayments {
		return nil, notSent(op, fmt.Errorf("%d rows; an upload has 1 to %d", len(rows), MaxRepayments))
	}
	body := map[string][]Repayment{"repayments": rows}
	return write(ctx, c, op, c.url("partner", "repayments"), body, decodeRepaymentReceipt)
}

func notSent(op string, cause error) error {
	return request{op: op, body: []byte{}}.failure(NotSent, cause)
}

// write posts body once and judges its outcome.
func write[T any](ctx context.Context, c *Client, op string, address *url.URL, body any, receipt func(answer, object) (T, string)) ([]T, error) {
	data, err := encodeJSON(body)
	if err != nil {
		return nil, notSent(op, err)
	}
	r := request{op: op, url: address, body: data}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if outcome := outcomeOfAnswer(a); outcome != Accepted {
		return nil, r.answered(a, outcome, nil)
	}
	receipts, err := decodeReceipts(a, receipt)
	if err != nil {
		return nil, r.answered(a, Unknown, err)
	}
	return receipts, nil
}

// encodeJSON writes JSON without escaping what only HTML needs escaped.
func encodeJSON(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
