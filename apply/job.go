package apply

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// A job is one request, or one adoption.
type job struct {
	kind    string // as spec.Address.Kind of its items
	intent  ledger.Intent
	attempt *ledger.Attempt // the last one that was begun; nil before the first
	targets []target
	// prepare completes the intent and builds the request; nothing has been
	// recorded yet. What it returns sends the request and tells what Kiva gave.
	prepare func() (sendFunc, error)
	late    int           // attempts that were ready too late to be sent
	waited  time.Duration // for Kiva, over all attempts
	// personal lists texts that no message may repeat.
	personal func() []string
}

// address names the request to whoever follows the run. Journals have no common
// file, so each batch has its own address; uploads have their report's.
func (j *job) address() plan.Address {
	if j.attempt != nil && j.intent.Stream == spec.Journals {
		return j.attempt.Address()
	}
	return j.intent.Stream
}

// follow makes the next attempt of the job succeed one that sent nothing.
func (j *job) follow(l *ledger.Ledger) {
	for i := range j.intent.Items {
		j.intent.Items[i].After = l.After(j.targets[i].address)
	}
	for i := range j.intent.Rows {
		j.intent.Rows[i].After = l.After(j.targets[i].address)
	}
}

// A sendFunc sends a request, and returns what Kiva gave.
type sendFunc func(ctx context.Context) (ledger.Result, error)

// A target is one item of a job.
type target struct {
	address plan.Address
	loanID  string
	pos     spec.Pos
}

// jobs cuts the plan into requests, in the order in which they start. Each is
// made when its turn comes, so that few are in memory.
func (r *run) jobs(p *plan.Plan) iter.Seq[*job] {
	return func(yield func(*job) bool) {
		_ = r.draftJobs(p, yield) && r.journalJobs(p, yield) && r.repaymentJobs(p, yield)
	}
}

func (r *run) draftJobs(p *plan.Plan, yield func(*job) bool) bool {
	for i := range p.Drafts {
		if item := &p.Drafts[i]; item.Action.Acts() && !yield(r.draftJob(item)) {
			return false
		}
	}
	return true
}

func (r *run) journalJobs(p *plan.Plan, yield func(*job) bool) bool {
	var journals []*plan.Item
	for i := range p.Journals {
		if p.Journals[i].Action.Acts() {
			journals = append(journals, &p.Journals[i])
		}
	}
	for batch := range slices.Chunk(journals, r.JournalBatch) {
		if !yield(r.journalJob(batch)) {
			return false
		}
	}
	return true
}

func (r *run) repaymentJobs(p *plan.Plan, yield func(*job) bool) bool {
	for i := range p.Reports {
		for batch := range slices.Chunk(actingRows(&p.Reports[i]), r.RepaymentBatch) {
			if !yield(r.repaymentJob(&p.Reports[i], batch)) {
				return false
			}
		}
	}
	return true
}

func actingRows(report *plan.Report) []int {
	var rows []int
	for k := range report.Rows {
		if report.Rows[k].Action.Acts() {
			rows = append(rows, k)
		}
	}
	return rows
}

// countItems counts the items that the jobs of a plan send or record.
func countItems(p *plan.Plan) int {
	n := 0
	for item := range p.Items() {
		if item.Action.Acts() {
			n++
		}
	}
	for i := range p.Reports {
		n += len(actingRows(&p.Reports[i]))
	}
	return n
}

func (r *run) intent(stream plan.Address) ledger.Intent {
	return ledger.Intent{Stream: stream, Run: r.Run, Program: r.Program, Commit: r.Commit}
}

func (r *run) draftJob(item *plan.Item) *job {
	d := item.Resource.(*spec.LoanDraft)
	intent := r.intent(item.Address())
	if item.Again {
		intent.Reason = r.ResendReason
	}
	j := &job{
		kind:     "loan_draft",
		intent:   intent,
		targets:  []target{{item.Address(), d.LoanID(), d.Pos}},
		personal: func() []string { return personal(d) },
	}
	if item.Action == plan.Adopt {
		j.intent.Recorded = plan.OutcomeAdopted
		j.prepare = func() (sendFunc, error) {
			j.intent.Items = []ledger.Item{recordOf(r.Ledger, item)}
			return adopted(item.Loan), nil
		}
		return j
	}
	j.prepare = func() (sendFunc, error) {
		j.intent.Items = []ledger.Item{recordOf(r.Ledger, item)}
		body, err := draftBody(d, r.Photos)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (ledger.Result, error) {
			receipt, err := r.Kiva.CreateLoanDraft(ctx, body)
			return ledger.Result{
				Status: receipt.Status, Code: receipt.Code, Message: receipt.Message,
				Receipts: []ledger.Receipt{{DraftUUID: receipt.UUID}},
			}, err
		}, nil
	}
	return j
}

// adopted sends nothing: Kiva has the loan.
func adopted(loan *kiva.Loan) sendFunc {
	return func(context.Context) (ledger.Result, error) {
		return ledger.Result{Outcome: plan.OutcomeAdopted, Receipts: []ledger.Receipt{{KivaID: loan.KivaID}}}, nil
	}
}

func (r *run) journalJob(batch []*plan.Item) *job {
	j := &job{kind: "journal", intent: r.intent(spec.Journals)}
	journals := make([]*spec.Journal, len(batch))
	for i, item := range batch {
		journals[i] = item.Resource.(*spec.Journal)
		if item.Again {
			j.intent.Reason = r.ResendReason
		}
		j.targets = append(j.targets, target{item.Address(), journals[i].LoanID, journals[i].Pos})
	}
	j.personal = func() (texts []string) {
		for _, journal := range journals {
			texts = append(texts, personal(journal)...)
		}
		return texts
	}
	j.prepare = func() (sendFunc, error) {
		bodies := make([]kiva.Journal, len(journals))
		for i, journal := range journals {
			bodies[i] = journalBody(journal)
			j.intent.Items = append(j.intent.Items, recordOf(r.Ledger, batch[i]))
		}
		return func(ctx context.Context) (ledger.Result, error) {
			receipts, err := r.Kiva.PostJournals(ctx, bodies)
			var result ledger.Result
			for _, receipt := range receipts {
				result.Status, result.Code, result.Message = receipt.Status, receipt.Code, receipt.Message
				result.Receipts = append(result.Receipts, ledger.Receipt{ArchiveID: receipt.ArchiveID, ConfirmURL: receipt.ConfirmURL})
			}
			return result, err
		}, nil
	}
	return j
}

func (r *run) repaymentJob(report *plan.Report, batch []int) *job {
	j := &job{kind: "repayment", intent: r.intent(report.Address())}
	bodies := make([]kiva.Repayment, len(batch))
	for i, k := range batch {
		row, pos := report.Report.Rows[k], report.Report.RowPos(k)
		if report.Rows[k].Again {
			j.intent.Reason = r.ResendReason
		}
		bodies[i] = kiva.Repayment{LoanID: row.LoanID, ClientID: row.ClientID, Amount: row.Amount}
		j.targets = append(j.targets, target{report.RowAddress(k), row.LoanID, pos})
		j.intent.Rows = append(j.intent.Rows, rowRecord(*report, k))
	}
	j.personal = func() []string { return nil }
	j.prepare = func() (sendFunc, error) {
		return func(ctx context.Context) (ledger.Result, error) {
			receipts, err := r.Kiva.PostRepayments(ctx, bodies)
			return repaymentResult(receipts), err
		}, nil
	}
	return j
}

func repaymentResult(receipts []kiva.RepaymentReceipt) ledger.Result {
	var result ledger.Result
	for _, receipt := range receipts {
		result.Status, result.Code, result.Message = receipt.Status, receipt.Code, receipt.Message
		result.Receipts = append(result.Receipts, ledger.Receipt{UploadID: receipt.UploadID})
		for _, p := range receipt.Problems {
			result.Problems = append(result.Problems, ledger.Problem{
				LoanID: p.LoanID, Code: p.Code, Details: p.Details, Severity: string(p.Severity),
			})
		}
	}
	return result
}

func draftBody(d *spec.LoanDraft, photos Photos) (kiva.LoanDraft, error) {
	body := wireDraft(d)
	if d.Image != nil {
		uri, err := photos.DataURI(d.Image)
		if err != nil {
			return body, fmt.Errorf("image: %w", err)
		}
		body.ImageEncoded = uri
	}
	return body, nil
}
