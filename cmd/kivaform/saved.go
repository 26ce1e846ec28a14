package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"kivaform/kiva/money"
	"kivaform/plan"
)

func savePlan(file string, s *plan.Saved) error {
	data, err := s.Encode()
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

func readPlan(file string) (*plan.Saved, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, withCode(exitInvalid, fmt.Errorf("read the plan: %w", err))
	}
	s, err := plan.ReadSaved(data)
	if err != nil {
		return nil, withCode(exitInvalid, fmt.Errorf("%s: %w", file, err))
	}
	return s, nil
}

// usable refuses a saved plan that can't be applied, whatever the files say.
func (w *workspace) usable(ctx context.Context, s *plan.Saved, now time.Time) error {
	if s.Environment != w.env.Name {
		return withCode(exitRefused, fmt.Errorf("the plan is for the environment %s, not %s", s.Environment, w.env.Name))
	}
	if id := w.set.Settings.PartnerID; id != "" && s.PartnerID != id {
		return withCode(exitRefused, fmt.Errorf("the plan is for partner %s, not %s", s.PartnerID, id))
	}
	w.set.Settings.PartnerID = s.PartnerID
	l, err := w.openLedger()
	if err != nil {
		return err
	}
	if err := l.PlanUnused(ctx, s.ID); err != nil {
		return refusePlan(err)
	}
	if now.After(s.Expires) {
		return withCode(exitRefused, fmt.Errorf("the plan expired on %s; hint: plan again", s.Expires.Format("2006-01-02 15:04 UTC")))
	}
	return nil
}

// refusePlan gives the errors of a plan that may not be applied their code.
func refusePlan(err error) error {
	var stale *plan.StaleError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stale):
		return withCode(exitRefused, err)
	case strings.Contains(err.Error(), "; hint: "):
		return withCode(exitRefused, err)
	}
	return withCode(exitRefused, fmt.Errorf("%w; hint: plan again", err))
}

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show PLAN",
		Short: "Show a saved plan",
		Long: `Show what a saved plan would do. It holds no names, texts or photos, so none are
shown; "kivaform plan" shows them from the files.`,
		Example: "  kivaform show november.kfplan",
		GroupID: groupLook,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := readPlan(args[0])
			if err != nil {
				return err
			}
			return a.showSaved(s)
		},
	}
}

func (a *app) showSaved(s *plan.Saved) error {
	fmt.Fprintf(a.out, "Saved plan for %s, partner %s\n\n", s.Environment, s.PartnerID)
	fmt.Fprintf(a.out, "  digest     %s\n  created    %s\n  expires    %s\n", s.Digest, s.Created.Format(time.RFC3339), s.Expires.Format(time.RFC3339))
	if s.Commit != "" {
		fmt.Fprintf(a.out, "  commit     %s\n", s.Commit)
	}
	fmt.Fprintf(a.out, "  unchanged  %s\n\n", plural(s.Unchanged, "item"))
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, i := range s.Items {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", i.Action, i.Address, savedAmount(i.Currency, i.Amount), i.Source)
	}
	for _, r := range s.Reports {
		for _, row := range r.Rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Action, plan.RowAddress(r.Period, row.LoanID), savedAmount(row.Currency, row.Amount), row.Source)
		}
	}
	return table.Flush()
}

func savedAmount(currency string, amount money.Amount) string {
	if amount.IsZero() && currency == "" {
		return ""
	}
	return strings.TrimSpace(currency + " " + amount.Format())
}
