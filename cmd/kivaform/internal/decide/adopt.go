package decide

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

// AdoptCommand makes "kivaform adopt".
func AdoptCommand(a *session.App) *cobra.Command {
	var statuses []string
	var write string
	c := &cobra.Command{
		Use:   "adopt",
		Short: "Record the loans that Kiva lists already",
		Long: `List the partner's loans at Kiva and record each that the ledger doesn't know, so
that no draft of them is ever sent. Nothing is sent.

With --write, what Kiva shows of each loan becomes a file in a folder, for loans
that have no document yet. Kiva doesn't tell everything: comments say what is
missing.

Kiva doesn't list journals and repayments: which of those were sent before,
only the partner knows.`,
		Example: `  kivaform adopt
  kivaform adopt --status payingBack --status fundRaising
  kivaform adopt --write loans/adopted`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return adopt(cmd.Context(), w, statuses, write)
		},
	}
	c.Flags().StringArrayVar(&statuses, "status", nil, "only loans of this status; may be repeated")
	c.Flags().StringVar(&write, "write", "", "write what Kiva shows of each loan as a file in this folder")
	return c
}

func adopt(ctx context.Context, w *session.Workspace, statuses []string, write string) error {
	if err := w.App.CheckStaysInClone("--write "+write, write); err != nil {
		return err
	}
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	if len(statuses) == 0 {
		statuses = []string{""}
	}
	var loans []kiva.Loan
	var short error
	for _, status := range statuses {
		listed, list, err := plan.ListLoans(ctx, s.Client, kiva.Status(status))
		if err != nil {
			return err
		}
		if short == nil && !list.Whole() {
			short = shortListError(list)
		}
		loans = append(loans, listed...)
	}
	adopted, err := apply.Adopt(ctx, p, loans, s.ApplyOptions(time.Now()))
	fmt.Fprintf(w.App.Out, "Kiva lists %s; recorded %d, known before %d\n", cli.Plural(len(loans), "loan"), adopted, len(loans)-adopted)
	if err == nil && write != "" {
		err = writeStubs(ctx, w, write, loans)
	}
	if err == nil {
		err = short
	}
	return err
}

// shortListError says that loans are missing from what was recorded.
func shortListError(list plan.Listing) error {
	err := fmt.Errorf("Kiva's list isn't whole: %s came, and Kiva gives no count", cli.Plural(list.Read, "loan"))
	if list.Total >= 0 {
		err = fmt.Errorf("Kiva's list isn't whole: %s came, and Kiva counts %d", cli.Plural(list.Read, "loan"), list.Total)
	}
	return cli.WithCode(cli.ExitPartly, hint.With(err, "adopt again later: loans that aren't recorded may be sent a second time"))
}
