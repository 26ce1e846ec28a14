// Package send has the commands by which files are checked, planned, shown and sent:
// validate, plan, show, apply.
package send

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/view"
)

// planFlags are the flags of plan.
type planFlags struct {
	full, detailed bool
	assumeListed   bool
	out            string
	ttl            time.Duration
	shown          formatFlags
	events         session.EventFlags
}

func (f planFlags) check(a *session.App) error {
	if f.ttl <= 0 {
		return cli.WithCode(cli.ExitInvalid, fmt.Errorf("--ttl is more than nothing, not %s", f.ttl))
	}
	if f.events.Json && f.shown.format != formatText {
		return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("--json prints events, and --format %s one document: choose one of them", f.shown.format), "--json-into writes the events into a file"))
	}
	if f.out != "" {
		if err := cli.PlanFile.Check(&a.Console, "--out", f.out); err != nil {
			return err
		}
	}
	return f.shown.check()
}

// assumeListedUsage is what plan and apply say of --assume-listed.
const assumeListedUsage = "take Kiva's list of loans for whole although it is shorter than Kiva's count: drafts that aren't in it are sent"

// PlanCommand makes "kivaform plan".
func PlanCommand(a *session.App) *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan",
		Short: "Say what would be sent to Kiva",
		Long: `Compare the files with what was sent before and with what Kiva shows, and print
what "apply" would do. Nothing is sent and nothing is recorded.

  +  will be sent                  ≠  changed after it was sent: correct it in PA2
  =  at Kiva already: recorded     …  waiting: its loan can't take it yet
  ~  changed amount: sent again    ?  sent, and no answer is known
  ≈  may be at Kiva under another id: a person decides
  ✗  rejected by Kiva as it is: mend it, or send it again by apply --resend

With --out the plan is saved, to be reviewed and applied later. A saved plan
holds no names, texts or photos, and can be used once.`,
		Example: `  kivaform plan
  kivaform plan --env staging --full
  kivaform plan --out november.kfplan
  kivaform plan --format markdown --max-bytes 60000
  kivaform plan --format html --lang es --personal=show > plan.html`,
		Args: cli.NoFile,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(a); err != nil {
				return err
			}
			if err := a.OpenEvents("plan", f.events); err != nil {
				return err
			}
			w, err := a.Look(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.Close()
			return runPlan(cmd.Context(), w, f)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.full, "full", false, "show every row and what is unchanged, too")
	flags.BoolVar(&f.detailed, "detailed-exitcode", false, "end with 2 where anything is to be done")
	flags.BoolVar(&f.assumeListed, "assume-listed", false, assumeListedUsage)
	flags.StringVar(&f.out, "out", "", "save the plan in a file; an older saved plan is replaced")
	f.shown.register(flags)
	f.events.Register(flags)
	flags.DurationVar(&f.ttl, "ttl", 72*time.Hour, "how long a saved plan may be applied")
	return c
}

func runPlan(ctx context.Context, w *session.Workspace, f planFlags) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{AssumeListed: f.assumeListed})
	if err != nil {
		return errors.Join(presentFaulty(ctx, w, p, err, f), err)
	}
	if err := noteEmptyLedger(ctx, s, p); err != nil {
		return err
	}
	warnOfStaleCatalog(ctx, s, p)
	var saved *plan.Saved
	if f.out != "" {
		saved = p.Save(time.Now(), f.ttl, cli.ProgramVersion(), w.Commit())
		extent, _ := s.Ledger.Seen()
		saved.Ledger = &extent
	}
	if err := present(ctx, w, p, saved, f); err != nil {
		return err
	}
	if saved != nil {
		if err := save(w, saved, f); err != nil {
			return err
		}
	}
	if f.detailed && p.Count().Has(func(action plan.Action) bool { return action.Acts() || action.NeedsPerson() || action == plan.Rejected }) {
		return cli.ExitWithoutMessage(cli.ExitChanges)
	}
	return nil
}

// save keeps a plan in a file.
func save(w *session.Workspace, saved *plan.Saved, f planFlags) error {
	if err := savePlan(w.App, f.out, saved); err != nil {
		return err
	}
	w.App.Events.Send(view.Saved{File: f.out, SavedID: saved.ID, Expires: saved.Expires})
	fmt.Fprintf(w.App.Err, "saved in %s; it can be applied once, until %s: %s\n", f.out, saved.Expires.UTC().Format(minute), applySaved(w.App, f.out))
	return nil
}
