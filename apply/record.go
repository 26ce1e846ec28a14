package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
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
// may be sent. With distinct, the word is that something is another thing than the
// one that it is alike to, and may be sent. It returns an error that wraps
// [ErrNothingToAcknowledge] for any other item.
func Acknowledge(ctx context.Context, p *plan.Plan, address plan.Address, distinct bool, reason string, o Options) (plan.Outcome, error) {
	if err := o.Ledger.Prepare(ctx); err != nil {
		return "", err
	}
	in, err := acknowledgement(p, address, distinct, o.Ledger)
	if err != nil {
		return "", err
	}
	in.Reason = reason
	return in.Recorded, o.keep(ctx, in)
}

func acknowledgement(p *plan.Plan, address plan.Address, distinct bool, l *ledger.Ledger) (ledger.Intent, error) {
	for item := range p.Items() {
		if item.Address() != address {
			continue
		}
		in := ledger.Intent{Stream: streamOf(address), Items: []ledger.Item{recordOf(l, &item)}}
		switch {
		case item.Action == plan.Alike && distinct:
			in.Recorded = plan.OutcomeApproved
		case item.Action == plan.Edited && !distinct:
			in.Recorded, in.Items[0].Again = plan.OutcomeAcknowledged, true
		default:
			return ledger.Intent{}, nothingToAcknowledge(address, item.Action, distinct)
		}
		return in, nil
	}
	for _, report := range p.Reports {
		for i := range report.Rows {
			if report.RowAddress(i) == address {
				return acknowledgedRow(p, report, i, distinct)
			}
		}
	}
	return ledger.Intent{}, fmt.Errorf("%s is not in the files: %w", address, ErrNothingToAcknowledge)
}

// nothingToAcknowledge says that an item doesn't wait for the word that was given.
func nothingToAcknowledge(address plan.Address, action plan.Action, distinct bool) error {
	err := fmt.Errorf("%s is %s: %w", address, action, ErrNothingToAcknowledge)
	switch {
	case action == plan.Alike:
		return hint.With(err, "if it is another thing, --distinct; if it is the same: kivaform moved OLD %s", address)
	case distinct:
		return hint.With(err, "--distinct is for what the plan shows as %s", plan.Alike)
	}
	return err
}

// streamOf returns the address whose attempts those on a draft or a journal are
// counted with.
func streamOf(address plan.Address) plan.Address {
	if address.Kind() == "journal" {
		return spec.Journals
	}
	return address
}

func acknowledgedRow(p *plan.Plan, report plan.Report, i int, distinct bool) (ledger.Intent, error) {
	address, row := report.RowAddress(i), report.Rows[i]
	in := ledger.Intent{Stream: report.Address(), Recorded: plan.OutcomeAcknowledged}
	switch {
	case row.Action == plan.Alike && distinct:
		in.Recorded = plan.OutcomeApproved
	case row.Action != plan.Edited || distinct:
		in.Recorded = ""
		for _, fault := range p.Faults {
			if fault.Address == address && !distinct {
				in.Recorded = plan.OutcomeApproved
			}
		}
	}
	if in.Recorded == "" {
		return in, nothingToAcknowledge(address, row.Action, distinct)
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
		record.After, record.Again = row.Last.Number, row.Again || row.Action == plan.ReportAgain
	}
	return record
}

// Adopt records loans that Kiva lists, so that their drafts are never sent. It
// leaves out what the ledger knows already, and returns how many it recorded.
// A loan whose draft is in the plan is recorded with the draft's fields, so
// that a later change is noticed.
func Adopt(ctx context.Context, p *plan.Plan, loans []kiva.Loan, o Options) (adopted int, err error) {
	if err := o.Ledger.Prepare(ctx); err != nil {
		return 0, err
	}
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

// ErrNotFinalised says that a report can't be reopened.
var ErrNotFinalised = errors.New("nobody said that this report is finalised")

// Reopen records that a report takes rows again, though a person said that it is
// finalised.
func (o Options) Reopen(ctx context.Context, report plan.Address, reason string) error {
	parts := report.Parts()
	if len(parts) != 2 || parts[0] != "repayments" || !o.Ledger.Finalised(parts[1]) {
		return fmt.Errorf("%s: %w", report, ErrNotFinalised)
	}
	return o.keep(ctx, ledger.Intent{Stream: report, Recorded: plan.OutcomeReopened, Reason: reason})
}
