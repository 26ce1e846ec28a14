package send

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
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
	assumeListed      bool
	duplicateBatch    bool
	full              bool
	parallelism       int
	batch             int
	onUnknown         string
	maxWait           time.Duration
	deadline          time.Duration
	digest            string
	resend            []string
	reason            string
	events            session.EventFlags
}

// ApplyCommand makes "kivaform apply".
func ApplyCommand(a *session.App) *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Send what the plan says, each thing at most once",
		Long: `Make the plan, show it, ask, and send. Each request is recorded in the ledger
before it leaves and after it ended, so that nothing is sent twice without a
person's word. Where the outcome of a request can't be known, nothing more is
started and a person decides. What needs a person otherwise (≠, ≈), or was
rejected by Kiva as it is (✗), isn't sent; the rest is.

With PLAN, a plan that "plan --out" saved, exactly that is sent: it is refused
where the files or the ledger have moved on, and can be used once.

Ctrl-C, TERM and HUP start nothing more and wait for the requests under way. A
second Ctrl-C on a terminal, two seconds later or more, ends at once, and names
what is then unknown.

Nothing that was sent can be taken back: Kiva's API can't change or delete it.`,
		Example: `  kivaform apply
  kivaform apply --auto-approve --parallelism 8
  kivaform apply --resend repayment/2026-11/L-0871 --reason "not in PA2's upload"
  kivaform apply november.kfplan`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			if err := a.OpenEvents("apply", f.events); err != nil {
				return err
			}
			var saved *plan.Saved
			if len(args) > 0 {
				var err error
				if saved, err = readPlan(cmd.Context(), args[0]); err != nil {
					return err
				}
				if a.Environment == "" {
					a.Environment = saved.Environment
				}
			}
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runApply(cmd.Context(), w, f, saved)
		},
	}
	f.register(c.Flags())
	return c
}

func (f *applyFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.autoApprove, "auto-approve", false, "don't ask")
	flags.BoolVar(&f.confirmProduction, "confirm-production", false, "send to production without asking for the partner's id")
	flags.BoolVar(&f.assumeEmpty, "assume-empty", false, "begin with an empty ledger although Kiva lists loans of this partner")
	flags.BoolVar(&f.assumeListed, "assume-listed", false, assumeListedUsage)
	flags.BoolVar(&f.duplicateBatch, "allow-duplicate-batch", false, "send repayments although an upload for another period of the last 31 days had the same rows")
	flags.BoolVar(&f.full, "full", false, "show every row and what is unchanged, too")
	flags.IntVar(&f.parallelism, "parallelism", 4, "requests under way at once")
	flags.IntVar(&f.batch, "batch", 250, "repayment rows in one upload, at most 300")
	flags.StringVar(&f.onUnknown, "on-unknown", "stop", "when the outcome of a request isn't known: stop, or continue with the others")
	flags.DurationVar(&f.maxWait, "max-wait", 5*time.Minute, "how long to wait, for one request, when Kiva asks to come back later")
	flags.DurationVar(&f.deadline, "deadline", 0, "start nothing more so long after the command's start, the time waited for your answer not counted; give less than the pipeline's own limit")
	flags.StringVar(&f.digest, "expect-digest", "", "refuse any plan but the one with this digest")
	f.events.Register(flags)
	flags.StringArrayVar(&f.resend, "resend", nil, "send a draft, journal or repayment again that PA2 hasn't got, or that Kiva rejected, by its address; may be repeated")
	flags.StringVar(&f.reason, "reason", "", "with --resend, why, for the ledger")
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
	if f.reason != "" && len(f.resend) == 0 {
		errs = append(errs, errors.New("--reason goes with --resend"))
	}
	if f.deadline < 0 || f.maxWait < 0 {
		errs = append(errs, errors.New("--deadline and --max-wait aren't negative"))
	}
	return errors.Join(errs...)
}

func runApply(ctx context.Context, w *session.Workspace, f applyFlags, saved *plan.Saved) error {
	a := w.App
	if saved != nil {
		if err := usable(ctx, w, saved, time.Now()); err != nil {
			return err
		}
	}
	resend := make(plan.Resend)
	for _, address := range f.resend {
		resend[spec.ParseAddress(address)] = true
	}
	s, p, err := w.Plan(ctx, session.PlanOptions{Scopes: applyScopes(resend), Connections: f.parallelism, Resend: resend,
		AssumeListed: f.assumeListed || saved != nil && saved.AssumeListed})
	if err != nil {
		return err
	}
	if err := checkResend(p, f.resend); err != nil {
		return err
	}
	if saved != nil {
		if err := holdToSaved(ctx, s, p, saved); err != nil {
			return err
		}
	}
	if err := f.expect(p); err != nil {
		return err
	}
	a.Events.Plan(func() *view.View { return buildView(w, p, view.Meta{}, a.TellsPersonal()) }, f.full)
	summarizePlan(w, p, view.Meta{})
	if err := show(a, p, f.full); err != nil {
		return err
	}
	counts := p.Count()
	if !counts.Has(plan.Action.Acts) {
		fmt.Fprintln(a.Out, verdict(a, counts))
		return cli.ExitWithoutMessage(personCode(counts))
	}
	if err := guard(ctx, s, p, f); err != nil {
		return err
	}
	asked := time.Now()
	if err := confirm(ctx, s, f); err != nil {
		return err
	}
	return send(ctx, s, p, f, saved, a.Begun.Add(time.Since(asked)))
}

// expect refuses a plan that isn't the one that was reviewed.
func (f applyFlags) expect(p *plan.Plan) error {
	if f.digest == "" {
		return nil
	}
	if digest := p.Digest(); f.digest != digest {
		return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("the plan's digest is %s, not the expected %s: nothing was sent", digest, f.digest), "plan again, and have it reviewed again"))
	}
	return nil
}

// send carries the plan out and tells what became of it. The deadline counts
// from begun; a saved plan stays unused where it has passed already.
func send(ctx context.Context, s *session.Session, p *plan.Plan, f applyFlags, saved *plan.Saved, begun time.Time) error {
	o := s.ApplyOptions(time.Now())
	o.Kiva, o.Photos = s.Client, s.Set
	o.Parallelism, o.RepaymentBatch, o.MaxWait = f.parallelism, f.batch, max(f.maxWait, 1) // 0 is no wait; to apply it would be the usual one
	o.ResendReason = f.reason
	o.ContinueOnUnknown = f.onUnknown == "continue"
	var sending *cli.Stage
	o.InFlight = &s.App.InFlight
	o.Notify = func(e apply.Event) { follow(sending, e); s.App.Events.Step(e) }
	mayStart := ctx
	if f.deadline > 0 {
		var cancel context.CancelFunc
		mayStart, cancel = context.WithDeadline(ctx, begun.Add(f.deadline))
		defer cancel()
	}
	if saved != nil && mayStart.Err() == nil {
		if err := s.Ledger.UsePlan(ctx, saved.ID, o.Run, time.Now()); err != nil {
			return refusePlan(err)
		}
	}
	signal.Ignore(syscall.SIGPIPE) // whoever reads may go away; a request under way must not
	sending = s.App.Stage("sending")
	account, err := apply.Run(mayStart, p, o)
	sending.End()
	if err != nil {
		return err
	}
	s.App.Events.Send(accountData(s.App, account, o.Run, s.App.TellsPersonal()))
	data := accountData(s.App, account, o.Run, s.App.ShowsPersonal(s.App.Out))
	printAccount(s.App, &data, account.String(), s.Env.Sandbox())
	tellAccount(s.App, account, o.Run)
	return cli.ExitWithoutMessage(accountCode(account, p.Count()))
}

// checkResend refuses addresses that can't be sent again, and says what
// sending again means.
func checkResend(p *plan.Plan, addresses []string) error {
	found := make(map[plan.Address]plan.Item)
	for item := range p.Items() {
		found[item.Address()] = item
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			found[r.RowAddress(i)] = plan.Item{Action: row.Action, Again: row.Again, Reason: row.Reason}
		}
	}
	for _, address := range addresses {
		item, there := found[spec.ParseAddress(address)]
		switch {
		case !there:
			return cli.WithCode(cli.ExitInvalid, fmt.Errorf("--resend %s: there is no such draft, journal or repayment in the files", address))
		case item.Action == plan.Unknown:
			return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("--resend %s: it was sent, and no answer is known", address), "look for it in PA2, then say what you found: kivaform resolve --list"))
		case !item.Again:
			return cli.WithCode(cli.ExitRefused, fmt.Errorf("--resend %s: it is %s; only what was sent before, or rejected as it is, can be sent again", address, item.Action))
		case !item.Action.Sends():
			return cli.WithCode(cli.ExitRefused, fmt.Errorf("--resend %s: %s; sending it again would make a second one", address, session.InEnglish(item.Reason)))
		}
	}
	return nil
}

// applyScopes are those that the run needs: reading, and creating what the
// ledger doesn't know as sent.
func applyScopes(resend plan.Resend) func(*spec.Set, plan.Past) []string {
	return func(set *spec.Set, past plan.Past) []string {
		scopes := session.ScopesFor(set, func(address spec.Address) bool {
			return past == nil || past.Last(address) == nil || past.Last(address).Outcome.MayRepeat() || resend[address]
		}, past)
		for address := range resend {
			if address.Kind() == "repayment" && !slices.Contains(scopes, kiva.ScopeCreateRepayment) {
				scopes = append(scopes, kiva.ScopeCreateRepayment)
			}
		}
		return scopes
	}
}
