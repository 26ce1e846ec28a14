package session

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-multierror"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// Warn prints what probably isn't meant so: all of it, or of each code the
// first few.
func (a *App) Warn(set *spec.Set, sent func(spec.Address) bool, all bool) {
	const few = 3
	w := bufio.NewWriter(a.Err)
	defer w.Flush()
	count := make(map[string]int)
	warnings := set.Warnings(sent)
	a.Events.faults(warnings)
	if a.OnGitHub() {
		a.Annotate(faultAnnotations(warnings)...)
	}
	for _, f := range warnings {
		if count[f.Code]++; all || count[f.Code] <= few {
			fmt.Fprintf(w, "warning: %v\n", f)
		}
	}
	if set.Catalog == nil && len(set.Drafts) > 0 {
		fmt.Fprintln(w, NeedsCatalog)
	}
	if all {
		return
	}
	for _, code := range slices.Sorted(maps.Keys(count)) {
		if more := count[code] - few; more > 0 {
			fmt.Fprintf(w, "warning: %s more like this (%s); kivaform validate lists all\n", strconv.Itoa(more), code)
		}
	}
}

// SentByLedger tells which items were sent, as far as the ledger says. Where it
// can't be read, nothing counts as sent.
func (w *Workspace) SentByLedger(ctx context.Context) func(spec.Address) bool {
	past, err := w.past(ctx)
	if err != nil || past == nil {
		return nil
	}
	return func(address spec.Address) bool { return isSent(past, address) || isKnownRow(past, nil, address) }
}

func isSent(past plan.Past, address spec.Address) bool {
	last := past.Last(address)
	return last != nil && !last.Outcome.MayRepeat()
}

// isKnownRow reports whether a repayment is of a loan that Kiva has under just
// this id, or was reported before: its id stays, however odd it is.
func isKnownRow(past plan.Past, loans map[string]*kiva.Loan, address spec.Address) bool {
	if address.Kind() != "repayment" {
		return false
	}
	parts := address.Parts()
	period, loanID := parts[1], parts[2]
	row := past.Rows(period)[loanID]
	return loans[loanID] != nil || row != nil && !row.Outcome.MayRepeat() || isSent(past, spec.DraftAddress(loanID))
}

// PlanOptions say how a plan is made.
type PlanOptions struct {
	// scopes tells what the token must allow; reading alone if nil.
	Scopes      func(*spec.Set, plan.Past) []string
	Connections int
	Resend      plan.Resend
	// withFaults gives the plan also where a repayment's amount goes the wrong
	// way, for a person to approve.
	WithFaults bool
	// AssumeListed takes Kiva's list of loans for whole although it isn't.
	AssumeListed bool
}

// Plan makes the plan of a workspace. It stops before any request where the
// files are wrong.
func (w *Workspace) Plan(ctx context.Context, o PlanOptions) (*Session, *plan.Plan, error) {
	pending := func(spec.Address) bool { return true } // judged below, when it is known what is sent
	if err := w.Set.Err(pending); err != nil {
		return nil, nil, w.Set.Err(w.SentByLedger(ctx))
	}
	if err := w.CheckAddresses(); err != nil {
		return nil, nil, err
	}
	past, err := w.past(ctx)
	if err != nil {
		return nil, nil, err
	}
	scopes := []string{kiva.ScopeReadLoans}
	if o.Scopes != nil {
		scopes = o.Scopes(w.Set, past)
	}
	s, err := w.Connect(ctx, scopes, o.Connections)
	if err != nil {
		return nil, nil, err
	}
	state, err := s.observe(ctx, o.Resend)
	if err != nil {
		return nil, nil, err
	}
	if err := s.Ledger.CheckVersions(ctx); err != nil {
		return nil, nil, err
	}
	s.Counted, s.Listed = state.Counted, state.Listed
	state.AssumeListed = o.AssumeListed
	p := plan.Compute(w.Set, state, o.Resend)
	p.Addresses, p.Settings = w.Destinations(), w.PlanSettings()
	open := p.Undecided()
	if p.Count().Has(plan.Action.Acts) {
		if err := s.Ledger.Check(ctx); err != nil {
			return nil, nil, err
		}
	}
	settled := func(address spec.Address) bool {
		if address.Kind() == "repayment" {
			return isKnownRow(state.Past, state.Loans, address)
		}
		return !open[address]
	}
	w.App.Warn(w.Set, settled, false)
	err = w.Set.Err(settled)
	if !o.WithFaults {
		for _, fault := range p.Faults {
			err = multierror.Append(err, fault)
		}
	}
	return s, p, err
}

// past reads the ledger, where it is known whose; else it returns nil.
func (w *Workspace) past(ctx context.Context) (plan.Past, error) {
	if w.Set.Settings.PartnerID == "" {
		return nil, nil
	}
	l, err := w.OpenLedger()
	if err != nil {
		return nil, err
	}
	reading := w.App.Stage("reading the ledger")
	defer reading.End()
	return l.LoadFollowed(ctx, reading.SetProgress)
}

// NeedsCatalog says what is missing without catalog.yaml.
const NeedsCatalog = "hint: names, and the check of numbers, need Kiva's lists: kivaform catalog pull"

// ScopesFor returns the scopes by which items can be sent that are still open.
func ScopesFor(set *spec.Set, open func(spec.Address) bool, past plan.Past) []string {
	scopes := []string{kiva.ScopeReadLoans}
	for _, d := range set.Drafts {
		if open(d.Address()) {
			scopes = append(scopes, kiva.ScopeCreateLoanDraft)
			break
		}
	}
	for _, j := range set.Journals {
		if open(j.Address()) {
			scopes = append(scopes, kiva.ScopeCreateJournal)
			break
		}
	}
	if anyRowOpen(set, past) {
		scopes = append(scopes, kiva.ScopeCreateRepayment)
	}
	return scopes
}

func anyRowOpen(set *spec.Set, past plan.Past) bool {
	for _, r := range set.Reports {
		if past == nil {
			return len(r.Rows) > 0
		}
		rows := past.Rows(r.Period)
		for _, row := range r.Rows {
			if last := rows[row.LoanID]; last == nil || !last.Same(&row) {
				return true
			}
		}
	}
	return false
}

// ApplyOptions are those of every command that writes to the ledger.
func (s *Session) ApplyOptions(now time.Time) apply.Options {
	return apply.Options{Ledger: s.Ledger, Run: NewRun(now), Program: cli.ProgramVersion(), Commit: s.Commit()}
}

// NewRun names a run: when it began, and something that no other run has.
func NewRun(now time.Time) string {
	var b [3]byte
	rand.Read(b[:])
	return fmt.Sprintf("%s-%x", now.UTC().Format("20060102T150405Z"), b)
}

// A followedSource tells how many of Kiva's loans were read.
type followedSource struct {
	plan.Source
	stage *cli.Stage

	mu     sync.Mutex
	read   int
	totals map[kiva.Status]int
}

// LoanPage counts the loans of lists; a search finds few.
func (f *followedSource) LoanPage(ctx context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	page, err := f.Source.LoanPage(ctx, q)
	if err != nil || q.Query != "" {
		return page, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read += len(page.Loans)
	f.totals[q.Status] = page.Total
	total := 0
	for _, n := range f.totals {
		total += max(n, 0)
	}
	if total < f.read { // a list that changed is read again
		total = 0
	}
	f.stage.SetProgress(f.read, total)
	return page, nil
}

// observe reads what a plan must know of Kiva and the ledger, and tells how far
// it is.
func (s *Session) observe(ctx context.Context, resend plan.Resend) (*plan.State, error) {
	asking := s.App.Stage("reading Kiva's loans")
	defer asking.End()
	source := &followedSource{Source: s.Client, stage: asking, totals: make(map[kiva.Status]int)}
	return plan.Observe(ctx, s.Set, s.Ledger, source, resend)
}
