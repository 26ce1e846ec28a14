package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kivaform/apply"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/spec"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	autoApprove       bool
	confirmProduction bool
	assumeEmpty       bool
	duplicateBatch    bool
	full              bool
	parallelism       int
	batch             int
	onUnknown         string
	maxWait           time.Duration
	deadline          time.Duration
	digest            string
	resend            []string
	events            eventFlags
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Send what the plan says, each thing at most once",
		Long: `Make the plan, show it, ask, and send. Each request is recorded in the ledger
before it leaves and after it ended, so that nothing is sent twice. Where the
outcome of a request can't be known, nothing more is started and a person
decides.

With PLAN, a plan that "plan --out" saved, exactly that is sent: it is refused
where the files or the ledger have moved on, and can be used once.

Nothing that was sent can be taken back: Kiva's API can't change or delete it.`,
		Example: `  kivaform apply
  kivaform apply --auto-approve --parallelism 8
  kivaform apply november.kfplan`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return withCode(exitInvalid, err)
			}
			if err := a.openEvents("apply", f.events); err != nil {
				return err
			}
			var saved *plan.Saved
			if len(args) > 0 {
				var err error
				if saved, err = readPlan(cmd.Context(), args[0]); err != nil {
					return err
				}
				if a.environment == "" {
					a.environment = saved.Environment
				}
			}
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			return w.runApply(cmd.Context(), f, saved)
		},
	}
	f.register(c.Flags())
	return c
}

func (f *applyFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.autoApprove, "auto-approve", false, "don't ask")
	flags.BoolVar(&f.confirmProduction, "confirm-production", false, "send to production without asking for the partner's id")
	flags.BoolVar(&f.assumeEmpty, "assume-empty", false, "begin with an empty ledger although Kiva lists loans of this partner")
	flags.BoolVar(&f.duplicateBatch, "allow-duplicate-batch", false, "send repayments although an upload for another period of the last 31 days had the same rows")
	flags.BoolVar(&f.full, "full", false, "show every row and what is unchanged, too")
	flags.IntVar(&f.parallelism, "parallelism", 4, "requests under way at once")
	flags.IntVar(&f.batch, "batch", 250, "repayment rows in one upload, at most 300")
	flags.StringVar(&f.onUnknown, "on-unknown", "stop", "when the outcome of a request isn't known: stop, or continue with the others")
	flags.DurationVar(&f.maxWait, "max-wait", 5*time.Minute, "how long to wait, for one request, when Kiva asks to come back later")
	flags.DurationVar(&f.deadline, "deadline", 0, "start nothing more so long after the command's start, the time waited for your answer not counted; give less than the pipeline's own limit")
	flags.StringVar(&f.digest, "expect-digest", "", "refuse any plan but the one with this digest")
	f.events.register(flags)
	flags.StringArrayVar(&f.resend, "resend", nil, "send a draft or journal again that PA2 no longer has, by its address; may be repeated")
}

func (f applyFlags) check() error {
	var errs []error
	if f.parallelism < 1 || f.parallelism > 64 {
		errs = append(errs, fmt.Errorf("--parallelism is 1 to 64, not %d", f.parallelism))
	}
	if f.batch < 1 || f.batch > kiva.MaxRepayments {
		errs = append(errs, fmt.Errorf("--batch is 1 to %d, not %d", kiva.MaxRepayments, f.batch))
	}
	if f.onUnknown != "stop" && f.onUnknown != "continue" {
		errs = append(errs, fmt.Errorf("--on-unknown is stop or continue, not %q", f.onUnknown))
	}
	if f.deadline < 0 || f.maxWait < 0 {
		errs = append(errs, errors.New("--deadline and --max-wait aren't negative"))
	}
	return errors.Join(errs...)
}

func (w *workspace) runApply(ctx context.Context, f applyFlags, saved *plan.Saved) error {
	a := w.app
	if saved != nil {
		if err := w.usable(ctx, saved, time.Now()); err != nil {
			return err
		}
	}
	resend := make(plan.Resend)
	for _, address := range f.resend {
		resend[spec.ParseAddress(address)] = true
	}
	s, p, err := w.plan(ctx, planOptions{scopes: applyScopes(resend), connections: f.parallelism, resend: resend})
	if err != nil {
		return err
	}
	if err := checkResend(p, f.resend); err != nil {
		return err
	}
	if saved != nil {
		if err := saved.Restrict(p); err != nil {
			return refusePlan(err)
		}
	}
	if err := f.expect(p); err != nil {
		return err
	}
	a.events.plan(func() *view.View { return w.buildView(p, view.Meta{}, a.tellsPersonal()) }, f.full)
	w.summarizePlan(p, view.Meta{})
	if err := a.show(p, f.full); err != nil {
		return err
	}
	counts := p.Count()
	if !counts.Has(plan.Action.Acts) {
		fmt.Fprintln(a.out, a.verdict(counts))
		return said(personCode(counts))
	}
	if err := s.guard(ctx, p, f); err != nil {
		return err
	}
	asked := time.Now()
	if err := s.confirm(ctx, f); err != nil {
		return err
	}
	return s.send(ctx, p, f, saved, a.begun.Add(time.Since(asked)))
}

// expect refuses a plan that isn't the one that was reviewed.
func (f applyFlags) expect(p *plan.Plan) error {
	if f.digest == "" {
		return nil
	}
	if digest := p.Digest(); f.digest != digest {
		return withCode(exitRefused, hint.With(fmt.Errorf("the plan's digest is %s, not the expected %s: nothing was sent", digest, f.digest), "plan again, and have it reviewed again"))
	}
	return nil
}

// send carries the plan out and tells what became of it. The deadline counts
// from begun; a saved plan stays unused where it has passed already.
func (s *session) send(ctx context.Context, p *plan.Plan, f applyFlags, saved *plan.Saved, begun time.Time) error {
	o := s.applyOptions(time.Now())
	o.Kiva, o.Photos = s.client, s.set
	o.Parallelism, o.RepaymentBatch, o.MaxWait = f.parallelism, f.batch, max(f.maxWait, 1) // 0 is no wait; to apply it would be the usual one
	o.ContinueOnUnknown = f.onUnknown == "continue"
	var sending *stage
	o.Notify = func(e apply.Event) { sending.follow(e); s.app.events.step(e) }
	mayStart := ctx
	if f.deadline > 0 {
		var cancel context.CancelFunc
		mayStart, cancel = context.WithDeadline(ctx, begun.Add(f.deadline))
		defer cancel()
	}
	if saved != nil && mayStart.Err() == nil {
		if err := s.ledger.UsePlan(ctx, saved.ID, o.Run, time.Now()); err != nil {
			return refusePlan(err)
		}
	}
	signal.Ignore(syscall.SIGPIPE) // whoever reads may go away; a request under way must not
	sending = s.app.stage("sending")
	account, err := apply.Run(mayStart, p, o)
	sending.end()
	if err != nil {
		return err
	}
	s.app.events.send(s.app.accountData(account, o.Run, s.app.tellsPersonal()))
	data := s.app.accountData(account, o.Run, s.app.showsPersonal(s.app.out))
	s.app.printAccount(&data, account.String(), s.env.sandbox())
	s.app.tellAccount(account, o.Run)
	return said(accountCode(account, p.Count()))
}

// checkResend refuses addresses that can't be sent again, and says what
// sending again means.
func checkResend(p *plan.Plan, addresses []string) error {
	found := make(map[string]plan.Item)
	for item := range p.Items() {
		found[string(item.Address())] = item
	}
	for _, address := range addresses {
		item, there := found[string(spec.ParseAddress(address))]
		switch {
		case !there:
			return withCode(exitInvalid, fmt.Errorf("--resend %s: there is no such draft or journal in the files", address))
		case !item.Again:
			return withCode(exitRefused, fmt.Errorf("--resend %s: it is %s; only what was sent, and is known to be sent, can be sent again", address, item.Action))
		case item.Action != plan.Submit:
			return withCode(exitRefused, fmt.Errorf("--resend %s: %s; sending it again would make a second one", address, inEnglish(item.Reason)))
		}
	}
	return nil
}

// applyScopes are those that the run needs: reading, and creating what the
// ledger doesn't know as sent.
func applyScopes(resend plan.Resend) func(*spec.Set, plan.Past) []string {
	return func(set *spec.Set, past plan.Past) []string {
		return scopesFor(set, func(address spec.Address) bool {
			return past == nil || past.Last(address) == nil || past.Last(address).Outcome.MayRepeat() || resend[address]
		}, past)
	}
}
