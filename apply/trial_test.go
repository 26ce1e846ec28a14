package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kivaform/apply/applytest"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva/money"
	"kivaform/kiva/sandbox"
	"kivaform/plan"
	"kivaform/spec"
)

// The month that every trial sends: 12 drafts, 2 batches of journals and 3
// batches of repayments.
const (
	trialDrafts   = 12
	trialJournals = 5
	trialRows     = 10
	journalBatch  = 3
	rowBatch      = 4

	trialItems    = trialDrafts + trialJournals + trialRows
	trialRequests = trialDrafts + 2 + 3

	trialDay    = "2026-11-20"
	trialPeriod = "2026-11"
)

var trialScope = ledger.Scope{Environment: "pilot", PartnerID: sandbox.PartnerID}

// A trial is one month of a partner: what is wanted, a ledger's objects, and a
// sandbox of its own. Machines come and go.
type trial struct {
	set    *spec.Set
	store  *ledgertest.Gate
	server *sandbox.Server
	web    *applytest.Kiva
	tally  *tally

	mu      sync.Mutex
	sends   map[plan.Address]int // requests that each item has left in
	waits   int                  // times that Kiva asked to come back later
	blindly []plan.Address       // what left although nobody knew whether Kiva had it
}

// A tally counts over all trials of a test.
type tally struct {
	trials, steps, runs, requests       atomic.Int64
	exists, absent, doubles, lost, sent atomic.Int64
}

func (c *tally) String() string {
	return fmt.Sprintf("%d trials, %d stops, %d runs, %d requests; unknown resolved as existing %d, as absent %d; items sent %d, doubled %d, lost %d",
		c.trials.Load(), c.steps.Load(), c.runs.Load(), c.requests.Load(), c.exists.Load(), c.absent.Load(), c.sent.Load(), c.doubles.Load(), c.lost.Load())
}

func newTrial(c *tally) (*trial, error) {
	day, err := time.Parse(time.DateOnly, trialDay)
	if err != nil {
		return nil, err
	}
	server, err := sandbox.Open(sandbox.Options{Today: func() time.Time { return day.Add(12 * time.Hour) }})
	if err != nil {
		return nil, err
	}
	tr := &trial{set: trialSet(), store: &ledgertest.Gate{Store: new(ledgertest.Memory)}, server: server, tally: c, sends: make(map[plan.Address]int)}
	tr.web = applytest.Serve(server, server)
	c.trials.Add(1)
	return tr, nil
}

// trialSet wants journals and repayments of loans that the sandbox lists.
func trialSet() *spec.Set {
	set := &spec.Set{Environment: trialScope.Environment, Settings: spec.Settings{PartnerID: trialScope.PartnerID, JournalStatuses: []string{"payingBack"}}}
	set.Today, _ = spec.ParseDate(trialDay)
	for i := range trialDrafts {
		set.Drafts = append(set.Drafts, &spec.LoanDraft{
			Pos:     spec.Pos{File: "loans.yaml", Line: int32(i + 1)},
			Entreps: []spec.Entrep{{LoanID: fmt.Sprintf("D-%02d", i), FirstName: "Ann", Amount: money.FromInt(100)}},
		})
	}
	for i := range trialJournals {
		set.Journals = append(set.Journals, &spec.Journal{
			Pos:    spec.Pos{File: "journals.yaml", Line: int32(i + 1)},
			LoanID: fmt.Sprintf("L-%04d", 801+i), Key: "visit", Subject: "visit", Body: "All is well.",
		})
	}
	report := &spec.RepaymentReport{Period: trialPeriod, File: "rows.csv"}
	for i := range trialRows {
		report.Rows = append(report.Rows, spec.Repayment{LoanID: fmt.Sprintf("L-%04d", 811+i), Amount: money.FromInt(int64(5 + i)), Line: int32(i + 1)})
	}
	set.Reports = []*spec.RepaymentReport{report}
	return set
}

// ledger opens the ledger as a new program does.
func (tr *trial) ledger() *ledger.Ledger {
	return ledger.New(tr.store, trialScope, ledger.Options{})
}

func (tr *trial) wanted() []plan.Address {
	var all []plan.Address
	for _, d := range tr.set.Drafts {
		all = append(all, d.Address())
	}
	for _, j := range tr.set.Journals {
		all = append(all, j.Address())
	}
	for _, row := range tr.set.Reports[0].Rows {
		all = append(all, plan.RowAddress(trialPeriod, row.LoanID))
	}
	return all
}

// unknown returns the items whose outcome nobody knows, by the names of the
// ledger's objects alone: an intent with neither an answer nor a decision.
func (tr *trial) unknown(ctx context.Context) (map[plan.Address]bool, error) {
	items := make(map[plan.Address]bool)
	for key := range tr.store.List(ctx, trialScope.Environment+"/") {
		attempt, isIntent := strings.CutSuffix(key, "intent.json")
		if !isIntent || tr.settled(ctx, attempt) {
			continue
		}
		data, err := tr.store.Get(ctx, key)
		var in ledger.Intent
		if err == nil {
			err = json.Unmarshal(data, &in)
		}
		if err != nil {
			return nil, err
		}
		for _, a := range itemsOf(in) {
			items[a] = true
		}
	}
	return items, nil
}

func (tr *trial) settled(ctx context.Context, attempt string) bool {
	for key := range tr.store.List(ctx, attempt) {
		what := strings.TrimPrefix(key, attempt)
		if !strings.HasPrefix(what, "intent") && !strings.HasPrefix(what, "unknown") {
			return true
		}
	}
	return false
}

func itemsOf(in ledger.Intent) []plan.Address {
	var items []plan.Address
	for _, item := range in.Items {
		items = append(items, item.Address)
	}
	for _, row := range in.Rows {
		items = append(items, plan.RowAddress(trialPeriod, row.LoanID))
	}
	return items
}

// resolve decides every unknown attempt as a person does who looks at Kiva.
func (tr *trial) resolve(ctx context.Context) error {
	record, err := tr.web.Accepted()
	if err != nil {
		return err
	}
	l := tr.ledger()
	for attempt, err := range l.Attempts(ctx) {
		if err != nil {
			return err
		}
		if attempt.Outcome() != plan.OutcomeUnknown {
			continue
		}
		items, there := itemsOf(attempt.Intent), 0
		for _, a := range items {
			there += min(1, len(record[a]))
		}
		decision := plan.OutcomeExists
		switch there {
		case len(items):
			tr.tally.exists.Add(1)
		case 0:
			decision = plan.OutcomeAbsent
			tr.tally.absent.Add(1)
		default:
			return fmt.Errorf("attempt %d on %s: Kiva has %d of its %d items", attempt.Intent.Attempt, attempt.Intent.Stream, there, len(items))
		}
		if err := l.Resolve(ctx, attempt, ledger.Resolution{Decision: decision, Reason: "the record says so", At: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// finish runs new machines until all is sent. After each that leaves something
// unknown another goes on with the rest, and only then is the unknown resolved.
func (tr *trial) finish(ctx context.Context, next func() *machine) error {
	const rounds = 8
	for range rounds {
		if _, err := next().run(ctx); err != nil && !errors.As(err, new(*readError)) {
			return err
		}
		unknown, err := tr.unknown(ctx)
		if err != nil {
			return err
		}
		if len(unknown) == 0 && tr.done() {
			return tr.verdict(ctx)
		}
		if _, err := next().run(ctx); err != nil && !errors.As(err, new(*readError)) {
			return err
		}
		if err := tr.resolve(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("not done after %d rounds: %w", rounds, tr.verdict(ctx))
}

// restart runs machines without end of power until all is sent.
func (tr *trial) restart(ctx context.Context) error {
	return tr.finish(ctx, func() *machine { return &machine{trial: tr, power: endless()} })
}

// done reports whether the sandbox has everything.
func (tr *trial) done() bool {
	record, err := tr.web.Accepted()
	if err != nil {
		return false
	}
	for _, a := range tr.wanted() {
		if len(record[a]) == 0 {
			return false
		}
	}
	return true
}

// verdict says what is wrong in the end: the sandbox must have each item once,
// the ledger must agree with it, a new plan must find nothing to do, and nothing
// may ever have left whose outcome was unknown.
func (tr *trial) verdict(ctx context.Context) error {
	record, err := tr.web.Accepted()
	errs := []error{err}
	if len(tr.blindly) > 0 {
		errs = append(errs, fmt.Errorf("%q left although it was unknown whether Kiva had it", tr.blindly))
	}
	for _, a := range tr.wanted() {
		switch n := len(record[a]); {
		case n == 0:
			tr.tally.lost.Add(1)
			errs = append(errs, fmt.Errorf("%s was lost", a))
		case n > 1:
			tr.tally.doubles.Add(1)
			errs = append(errs, fmt.Errorf("%s was accepted %d times", a, n))
		}
	}
	if len(record) != trialItems {
		errs = append(errs, fmt.Errorf("the sandbox has %d items, %d were wanted", len(record), trialItems))
	}
	tr.tally.sent.Add(int64(len(record)))
	return errors.Join(append(errs, tr.agrees(ctx, record), tr.nothingToDo(ctx))...)
}

// agrees says where the ledger and the sandbox's record differ.
func (tr *trial) agrees(ctx context.Context, record map[plan.Address][]string) error {
	var errs []error
	atKiva := make(map[plan.Address]int)
	for attempt, err := range tr.ledger().Attempts(ctx) {
		if err != nil {
			return err
		}
		outcome := attempt.Outcome()
		if !outcome.AtKiva() && !outcome.MayRepeat() {
			errs = append(errs, fmt.Errorf("attempt %d on %s is %s", attempt.Intent.Attempt, attempt.Intent.Stream, outcome))
		}
		for _, a := range itemsOf(attempt.Intent) {
			if !outcome.AtKiva() {
				continue
			}
			atKiva[a]++
			if outcome == plan.OutcomeAccepted && !slices.Contains(record[a], batchOf(attempt)) {
				errs = append(errs, fmt.Errorf("%s: the ledger says it is in %q, the sandbox %q", a, batchOf(attempt), record[a]))
			}
		}
	}
	for a := range record {
		if atKiva[a] != 1 {
			errs = append(errs, fmt.Errorf("%s: %d attempts of the ledger say that it is at Kiva", a, atKiva[a]))
		}
	}
	if len(atKiva) != len(record) {
		errs = append(errs, fmt.Errorf("the ledger says that %d items are at Kiva, which has %d", len(atKiva), len(record)))
	}
	return errors.Join(errs...)
}

// batchOf returns Kiva's id of what an attempt made.
func batchOf(a *ledger.Attempt) string {
	for _, r := range a.Result.Receipts {
		return r.DraftUUID + r.ArchiveID + r.UploadID
	}
	return ""
}

// nothingToDo plans once more, without a look at Kiva.
func (tr *trial) nothingToDo(ctx context.Context) error {
	state, err := plan.Observe(ctx, tr.set, tr.ledger(), source{}, nil)
	if err != nil {
		return err
	}
	if counts := plan.Compute(tr.set, state, nil).Count(); counts[plan.Unchanged] != trialItems {
		return fmt.Errorf("another plan would do %v", counts)
	}
	return nil
}
