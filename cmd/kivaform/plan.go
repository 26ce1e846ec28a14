package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/view"
)

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
		if err := planFile.check(&a.console, "--out", f.out); err != nil {
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
		Args: noFile,
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

// save keeps a plan in a file.
func (w *workspace) save(saved *plan.Saved, f planFlags) error {
	if err := savePlan(w.app, f.out, saved); err != nil {
		return err
	}
	w.app.events.send(view.Saved{File: f.out, SavedID: saved.ID, Expires: saved.Expires})
	fmt.Fprintf(w.app.err, "saved in %s; it can be applied once, until %s: %s\n", f.out, saved.Expires.UTC().Format(minute), w.app.applySaved(f.out))
	return nil
}
