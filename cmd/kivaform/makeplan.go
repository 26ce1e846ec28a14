package main

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
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// warn prints what probably isn't meant so: all of it, or of each code the
// first few.
func (a *app) warn(set *spec.Set, sent func(spec.Address) bool, all bool) {
	const few = 3
	w := bufio.NewWriter(a.err)
	defer w.Flush()
	count := make(map[string]int)
	warnings := set.Warnings(sent)
	a.events.faults(warnings)
	if a.onGitHub() {
		a.annotate(faultAnnotations(warnings)...)
	}
	for _, f := range warnings {
		if count[f.Code]++; all || count[f.Code] <= few {
			fmt.Fprintf(w, "warning: %v\n", f)
		}
	}
	if set.Catalog == nil && len(set.Drafts) > 0 {
		fmt.Fprintln(w, needsCatalog)
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

// sentByLedger tells which items were sent, as far as the ledger says. Where it
// can't be read, nothing counts as sent.
func (w *workspace) sentByLedger(ctx context.Context) func(spec.Address) bool {
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

// planOptions say how a plan is made.
type planOptions struct {
	// scopes tells what the token must allow; reading alone if nil.
	scopes      func(*spec.Set, plan.Past) []string
	connections int
	resend      plan.Resend
	// withFaults gives the plan also where a repayment's amount goes the wrong
	// way, for a person to approve.
	withFaults bool
}

// plan makes the plan of a workspace. It stops before any request where the
// files are wrong.
func (w *workspace) plan(ctx context.Context, o planOptions) (*session, *plan.Plan, error) {
	pending := func(spec.Address) bool { return true } // judged below, when it is known what is sent
	if err := w.set.Err(pending); err != nil {
		return nil, nil, w.set.Err(w.sentByLedger(ctx))
	}
	if err := w.checkAddresses(); err != nil {
		return nil, nil, err
	}
	past, err := w.past(ctx)
	if err != nil {
		return nil, nil, err
	}
	scopes := []string{kiva.ScopeReadLoans}
	if o.scopes != nil {
		scopes = o.scopes(w.set, past)
	}
	s, err := w.connect(ctx, scopes, o.connections)
	if err != nil {
		return nil, nil, err
	}
	state, err := s.observe(ctx, o.resend)
	if err != nil {
		return nil, nil, err
	}
	s.counted, s.listed = state.Counted, state.Listed
	p := plan.Compute(w.set, state, o.resend)
	p.Addresses = w.env.declared
	sends := p.Sends()
	settled := func(address spec.Address) bool {
		if address.Kind() == "repayment" {
			return isKnownRow(state.Past, state.Loans, address)
		}
		return !sends[address]
	}
	w.app.warn(w.set, settled, false)
	err = w.set.Err(settled)
	if !o.withFaults {
		for _, fault := range p.Faults {
			err = multierror.Append(err, fault)
		}
	}
	return s, p, err
}

// past reads the ledger, where it is known whose; else it returns nil.
func (w *workspace) past(ctx context.Context) (plan.Past, error) {
	if w.set.Settings.PartnerID == "" {
		return nil, nil
	}
	l, err := w.openLedger()
	if err != nil {
		return nil, err
	}
	reading := w.app.stage("reading the ledger")
	defer reading.end()
	return l.LoadFollowed(ctx, reading.at)
}

const needsCatalog = "hint: names, and the check of numbers, need Kiva's lists: kivaform catalog pull"

func scopesFor(set *spec.Set, open func(spec.Address) bool, past plan.Past) []string {
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

// applyOptions are those of every command that writes to the ledger.
func (s *session) applyOptions(now time.Time) apply.Options {
	return apply.Options{Ledger: s.ledger, Run: newRun(now), Program: programVersion(), Commit: s.commit()}
}

// newRun names a run: when it began, and something that no other run has.
func newRun(now time.Time) string {
	var b [3]byte
	rand.Read(b[:])
	return fmt.Sprintf("%s-%x", now.UTC().Format("20060102T150405Z"), b)
}

// A followedSource tells how many of Kiva's loans were read.
type followedSource struct {
	plan.Source
	stage *stage

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
	f.stage.at(f.read, total)
	return page, nil
}

// observe reads what a plan must know of Kiva and the ledger, and tells how far
// it is.
func (s *session) observe(ctx context.Context, resend plan.Resend) (*plan.State, error) {
	asking := s.app.stage("reading Kiva's loans")
	defer asking.end()
	source := &followedSource{Source: s.client, stage: asking, totals: make(map[kiva.Status]int)}
	return plan.Observe(ctx, s.set, s.ledger, source, resend)
}
