package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"

	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/text"
	"kivaform/plan/view"
	"kivaform/spec"
)

func (a *app) validateCommand() *cobra.Command {
	var f eventFlags
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check the files, without asking Kiva",
		Long: `Check every file of the workspace and print all that is wrong, each with its
place and what to do. It makes no request and starts no program: it looks into a
ledger only where that is a folder. What is wrong only in documents that weren't
sent yet, as a date that has passed, is then left to "kivaform plan".`,
		Example: "  kivaform validate",
		GroupID: groupDaily,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.openEvents("validate", f); err != nil {
				return err
			}
			w, err := a.look(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.close()
			sent := w.sentByFolder(cmd.Context())
			a.warn(w.set, sent, true)
			if err := w.set.Err(sent); err != nil {
				return err
			}
			a.events.send(files(w.set))
			_, err = fmt.Fprintf(a.out, "valid: %s\n", contents(w.set))
			return err
		},
	}
	f.register(c.Flags())
	return c
}

// files counts what a workspace holds.
func files(set *spec.Set) view.Files {
	f := view.Files{LoanDrafts: len(set.Drafts), Journals: len(set.Journals), RepaymentReports: len(set.Reports)}
	for _, r := range set.Reports {
		f.Rows += len(r.Rows)
	}
	return f
}

// contents says what a workspace holds.
func contents(set *spec.Set) string {
	f := files(set)
	s := fmt.Sprintf("%s, %s, %s", plural(f.LoanDrafts, "loan draft"), plural(f.Journals, "journal"), plural(f.RepaymentReports, "repayment report"))
	if f.Rows > 0 {
		s += " of " + plural(f.Rows, "row")
	}
	return s
}

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

// sentByFolder tells which items were sent, as far as a ledger in a folder says.
// Another one isn't opened, and all counts as sent: of what was not, plan will say
// what is wrong.
func (w *workspace) sentByFolder(ctx context.Context) func(spec.Address) bool {
	if isFolder(w.ledgerPlace()) {
		return w.sentByLedger(ctx)
	}
	all := func(spec.Address) bool { return true }
	if left := countFaultsOf(w.set.Err(nil)) - countFaultsOf(w.set.Err(all)); left > 0 {
		fmt.Fprintf(w.app.err, "%s left to kivaform plan: each counts only where its document wasn't sent yet, which the ledger (%s) isn't asked\n", plural(left, "fault"), redacted(w.ledgerPlace()))
	}
	return all
}

func countFaultsOf(err error) int { return len(faultsOf(err)) }

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

// planFlags are the flags of plan.
type planFlags struct {
	full, detailed bool
	out            string
	ttl            time.Duration
	shown          formatFlags
	events         eventFlags
}

func (f planFlags) check(a *app) error {
	if f.ttl <= 0 {
		return withCode(exitInvalid, fmt.Errorf("--ttl is more than nothing, not %s", f.ttl))
	}
	if f.events.json && f.shown.format != formatText {
		return withCode(exitInvalid, hint.With(fmt.Errorf("--json prints events, and --format %s one document: choose one of them", f.shown.format), "--json-into writes the events into a file"))
	}
	if f.out != "" {
		if err := planFile.check(a, "--out", f.out); err != nil {
			return err
		}
	}
	return f.shown.check()
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan",
		Short: "Say what would be sent to Kiva",
		Long: `Compare the files with what was sent before and with what Kiva shows, and print
what "apply" would do. Nothing is sent and nothing is recorded.

  +  will be sent                  ≠  changed after it was sent: correct it in PA2
  =  at Kiva already: recorded     …  waiting: its loan can't take it yet
  ~  changed amount: sent again    ?  sent, and no answer is known

With --out the plan is saved, to be reviewed and applied later. A saved plan
holds no names, texts or photos, and can be used once.`,
		Example: `  kivaform plan
  kivaform plan --env staging --full
  kivaform plan --out november.kfplan
  kivaform plan --format markdown --max-bytes 60000
  kivaform plan --format html --lang es --personal=show > plan.html`,
		GroupID: groupDaily,
		Args:    noFile,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(a); err != nil {
				return err
			}
			if err := a.openEvents("plan", f.events); err != nil {
				return err
			}
			w, err := a.look(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.close()
			return w.runPlan(cmd.Context(), f)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.full, "full", false, "show every row and what is unchanged, too")
	flags.BoolVar(&f.detailed, "detailed-exitcode", false, "end with 2 where anything is to be done")
	flags.StringVar(&f.out, "out", "", "save the plan in a file; an older saved plan is replaced")
	f.shown.register(flags)
	f.events.register(flags)
	flags.DurationVar(&f.ttl, "ttl", 72*time.Hour, "how long a saved plan may be applied")
	return c
}

func (w *workspace) runPlan(ctx context.Context, f planFlags) error {
	s, p, err := w.plan(ctx, planOptions{})
	if err != nil {
		return errors.Join(w.presentFaulty(ctx, p, err, f), err)
	}
	if err := s.noteEmptyLedger(ctx, p); err != nil {
		return err
	}
	s.warnOfStaleCatalog(ctx, p)
	var saved *plan.Saved
	if f.out != "" {
		saved = p.Save(time.Now(), f.ttl, programVersion(), w.commit())
	}
	if err := w.present(ctx, p, saved, f); err != nil {
		return err
	}
	if saved != nil {
		if err := w.save(saved, f); err != nil {
			return err
		}
	}
	if f.detailed && p.Count().Has(func(action plan.Action) bool { return action.Acts() || action.NeedsPerson() }) {
		return said(exitChanges)
	}
	return nil
}

// presentFaulty shows a plan that can't be applied to those who read it
// elsewhere: a comment or a page that stayed as it was would tell them nothing.
func (w *workspace) presentFaulty(ctx context.Context, p *plan.Plan, err error, f planFlags) error {
	if p == nil || f.shown.format == formatText {
		return nil
	}
	p.Faults = faultsOf(err)
	return w.present(ctx, p, nil, f)
}

// present shows a plan as it was asked for, and tells it to whoever listens.
func (w *workspace) present(ctx context.Context, p *plan.Plan, saved *plan.Saved, f planFlags) error {
	a := w.app
	digest := sync.OnceValue(p.Digest)
	go digest() // while the plan is shown
	m := view.Meta{}
	if saved != nil {
		m.Created, m.Expires, m.SavedID = saved.Created, saved.Expires, saved.ID
	}
	view := sync.OnceValue(func() *view.View {
		m.Digest = digest()
		return w.view(p, m, a.tellsPersonal())
	})
	a.events.plan(view, f.full)
	w.summarizePlan(p, m)
	if f.shown.format != formatText {
		return f.shown.write(ctx, a.out, view(), w.set, f.full)
	}
	if err := a.show(p, f.full); err != nil {
		return err
	}
	counts := p.Count()
	if saved != nil {
		fmt.Fprintln(a.out, a.savedVerdict(f.out, counts))
	} else {
		fmt.Fprintln(a.out, a.verdict(counts))
	}
	if counts.Has(plan.Action.Acts) {
		fmt.Fprintf(a.out, "Digest of this plan: %s\n", digest())
	}
	return nil
}

// view returns a plan as programs and pages see it. Personal values are masked
// there also on a terminal: what they make of it goes on.
func (w *workspace) view(p *plan.Plan, m view.Meta, personal bool) *view.View {
	sends := p.Sends()
	m.Program, m.Commit = programVersion(), w.commit()
	m.Warnings = w.set.Warnings(func(address spec.Address) bool { return !sends[address] })
	if m.Digest == "" {
		m.Digest = p.Digest()
	}
	if m.Created.IsZero() {
		m.Created = time.Now().UTC().Truncate(time.Second)
	}
	return view.New(p, m, personal)
}

// save keeps a plan in a file.
func (w *workspace) save(saved *plan.Saved, f planFlags) error {
	if err := savePlan(w.app, f.out, saved); err != nil {
		return err
	}
	w.app.events.send(view.Saved{File: f.out, SavedID: saved.ID, Expires: saved.Expires})
	fmt.Fprintf(w.app.err, "saved in %s; it can be applied once, until %s: %s\n", f.out, saved.Expires.UTC().Format(minute), w.app.applySaved(f.out))
	return nil
}

// verdict is the last line of a plan.
func (a *app) verdict(c plan.Counts) string {
	switch {
	case c.Has(plan.Action.Acts):
		return fmt.Sprintf("\"%s\" does this. What is sent can't be taken back.", a.command("apply"))
	case c.Has(plan.Action.NeedsPerson):
		return "Nothing to send. Something needs a person: see above."
	}
	return "Nothing to do."
}

// show prints a plan on the standard output.
func (a *app) show(p *plan.Plan, full bool) error {
	if a.out == io.Discard { // events take its place
		return nil
	}
	width, _ := terminal(a.out)
	shown := view.New(p, view.Meta{}, a.showsPersonal(a.out))
	return text.Write(asStyled(a.out), shown, text.Options{Color: a.colored(a.out), Width: width, Full: full})
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
