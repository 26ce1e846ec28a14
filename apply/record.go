package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/field"
)

// recordOf is what the ledger records of an item: plain what isn't personal,
// digested what is.
func recordOf(l *ledger.Ledger, item *plan.Item) ledger.Item {
	address, fields := item.Address(), field.Values(item.Resource)
	out := ledger.Item{
		Address:     address,
		Fingerprint: l.Digester().ItemFingerprint(address, item.Resource),
		Contents:    contentsOf(l, item),
		Source:      item.Resource.Position().Short(),
		Values:      make(map[string]string),
	}
	if item.Last != nil {
		out.After, out.Again = item.Last.Number, item.Again
	}
	for _, f := range fields {
		if !f.Personal {
			out.Values[f.Path] = f.Value
			continue
		}
		if out.Digests == nil {
			out.Digests = make(map[string]string)
		}
		out.Digests[f.Path] = l.Digester().ItemField(address, f)
	}
	return out
}

func contentsOf(l *ledger.Ledger, item *plan.Item) string {
	c := l.Digester().Contents(item.Resource)
	return c.String()
}

// ErrNothingToAcknowledge says that an item doesn't wait for a person's word.
var ErrNothingToAcknowledge = errors.New("it doesn't wait for an acknowledgement")

// Acknowledge records a person's word on one item of a plan, and sends
// nothing. An edited item counts as corrected in PA2: what the files say is
// what Kiva has. A repayment whose amount goes the wrong way is approved, and
// may be sent. It returns an error that wraps [ErrNothingToAcknowledge] for
// any other item.
func Acknowledge(ctx context.Context, p *plan.Plan, address plan.Address, reason string, o Options) (plan.Outcome, error) {
	in, err := acknowledgement(p, address, o.Ledger)
	if err != nil {
		return "", err
	}
	in.Reason = reason
	return in.Recorded, o.keep(ctx, in)
}

func acknowledgement(p *plan.Plan, address plan.Address, l *ledger.Ledger) (ledger.Intent, error) {
	for item := range p.Items() {
		if item.Address() != address {
			continue
		}
		if item.Action != plan.Edited {
			return ledger.Intent{}, fmt.Errorf("%s is %s: %w", address, item.Action, ErrNothingToAcknowledge)
		}
		record := recordOf(l, &item)
		record.Again = true
		stream := address
		if address.Kind() == "journal" {
			stream = spec.Journals
		}
		return ledger.Intent{Stream: stream, Recorded: plan.OutcomeAcknowledged, Items: []ledger.Item{record}}, nil
	}
	for _, report := range p.Reports {
		for i, row := range report.Rows {
			if report.RowAddress(i) == address {
				return acknowledgedRow(p, report, i, row)
			}
		}
	}
	return ledger.Intent{}, fmt.Errorf("%s is not in the files: %w", address, ErrNothingToAcknowledge)
}

func acknowledgedRow(p *plan.Plan, report plan.Report, i int, row plan.Row) (ledger.Intent, error) {
	address := report.RowAddress(i)
	in := ledger.Intent{Stream: report.Address(), Recorded: plan.OutcomeAcknowledged}
	if row.Action != plan.Edited {
		in.Recorded = ""
		for _, fault := range p.Faults {
			if fault.Address == address {
				in.Recorded = plan.OutcomeApproved
			}
		}
	}
	if in.Recorded == "" {
		return in, fmt.Errorf("%s is %s: %w", address, row.Action, ErrNothingToAcknowledge)
	}
	in.Rows = []ledger.Row{rowRecord(report, i)}
	in.Rows[0].Again = true
	return in, nil
}

// rowRecord is what the ledger records of a row.
func rowRecord(report plan.Report, i int) ledger.Row {
	want, row := report.Report.Rows[i], report.Rows[i]
	record := ledger.Row{LoanID: want.LoanID, ClientID: want.ClientID, Amount: want.Amount, Source: report.Report.RowPos(i).Short()}
	if row.Last != nil {
		record.After, record.Again = row.Last.Number, row.Action == plan.ReportAgain
	}
	return record
}

// Adopt records loans that Kiva lists, so that their drafts are never sent. It
// leaves out what the ledger knows already, and returns how many it recorded.
// A loan whose draft is in the plan is recorded with the draft's fields, so
// that a later change is noticed.
func Adopt(ctx context.Context, p *plan.Plan, loans []kiva.Loan, o Options) (adopted int, err error) {
	drafts := make(map[plan.Address]*plan.Item)
	for i := range p.Drafts {
		drafts[p.Drafts[i].Address()] = &p.Drafts[i]
	}
	for _, loan := range loans {
		address := spec.DraftAddress(loan.InternalLoanID)
		last := o.Ledger.Last(address)
		if loan.InternalLoanID == "" || last != nil && !last.Outcome.MayRepeat() {
			continue
		}
		in := ledger.Intent{Stream: address, Recorded: plan.OutcomeAdopted}
		if item := drafts[address]; item != nil {
			in.Items = []ledger.Item{recordOf(o.Ledger, item)}
		} else {
			in.Items = []ledger.Item{bareRecord(address, loan, last)}
		}
		if err := o.keep(ctx, in, ledger.Receipt{KivaID: loan.KivaID}); err != nil {
			return adopted, err
		}
		adopted++
	}
	return adopted, nil
}

// bareRecord is what the ledger records of a loan without a document.
func bareRecord(address plan.Address, loan kiva.Loan, last *plan.Attempt) ledger.Item {
	item := ledger.Item{Address: address, Fingerprint: plan.NoFingerprint, Values: map[string]string{
		"kiva_id": loan.KivaID, "status": string(loan.Status), "location": loan.Location,
		"currency": loan.Currency, "loan_local_price": loan.LocalPrice.String(),
	}}
	if last != nil {
		item.After = last.Number
	}
	return item
}

// keep stores an attempt that sends nothing.
func (o Options) keep(ctx context.Context, in ledger.Intent, receipts ...ledger.Receipt) error {
	if err := o.Ledger.Prepare(ctx); err != nil {
		return err
	}
	in.Run, in.Program, in.Commit, in.At = o.Run, o.Program, o.Commit, time.Now()
	attempt, err := o.Ledger.Begin(ctx, in)
	if err != nil {
		return err
	}
	return o.Ledger.Finish(ctx, attempt, ledger.Result{Outcome: in.Recorded, At: time.Now(), Receipts: receipts})
}
