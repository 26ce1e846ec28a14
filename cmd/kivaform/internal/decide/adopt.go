package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// AdoptCommand makes "kivaform adopt".
func AdoptCommand(a *session.App) *cobra.Command {
	var statuses []string
	var write, reason string
	c := &cobra.Command{
		Use:   "adopt [ADDRESS...]",
		Short: "Record the loans that Kiva lists already, or one that was typed in PA2",
		Long: `List the partner's loans at Kiva and record each that the ledger doesn't know, so
that no draft of them is ever sent. Nothing is sent.

With --write, what Kiva shows of each loan becomes a file in a folder, for loans
that have no document yet. Kiva doesn't tell everything: comments say what is
missing.

Kiva doesn't list drafts that aren't published, journals and repayments: which of
those were sent before, only the partner knows. Give the address of each that a
person has typed in PA2, or that was sent without this ledger, and --reason: it
counts as being at Kiva, as it stands in the files, and is never sent.`,
		Example: `  kivaform adopt
  kivaform adopt --status payingBack --status fundRaising
  kivaform adopt --write loans/adopted
  kivaform adopt loan_draft/L-1042 --reason "typed in PA2 on 12 November"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkAdopt(args, statuses, write, reason); err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			if len(args) > 0 {
				return adoptByHand(cmd.Context(), w, args, reason)
			}
			return adopt(cmd.Context(), w, statuses, write)
		},
	}
	c.Flags().StringArrayVar(&statuses, "status", nil, "only loans of this status; may be repeated")
	c.Flags().StringVar(&write, "write", "", "write what Kiva shows of each loan as a file in this folder")
	c.Flags().StringVar(&reason, "reason", "", "how it came to Kiva; needed with an address")
	return c
}

func checkAdopt(addresses, statuses []string, write, reason string) error {
	switch {
	case len(addresses) == 0 && reason != "":
		return errors.New("--reason goes with the address of what was typed in PA2")
	case len(addresses) > 0 && (len(statuses) > 0 || write != ""):
		return errors.New("--status and --write are for the loans that Kiva lists, not for an address")
	case len(addresses) > 0 && strings.TrimSpace(reason) == "":
		return errors.New("--reason is needed: how it came to Kiva, for later readers of the ledger")
	}
	return nil
}

// adoptByHand records items that people have typed in PA2.
func adoptByHand(ctx context.Context, w *session.Workspace, addresses []string, reason string) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	o := s.ApplyOptions(time.Now())
	for _, address := range addresses {
		err := apply.AdoptByHand(ctx, p, spec.ParseAddress(address), reason, o)
		if errors.Is(err, apply.ErrNothingToAcknowledge) {
			return cli.WithCode(cli.ExitInvalid, err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w.App.Out, "%s: adopted\n", address)
	}
	return nil
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
	fmt.Fprintln(w.App.Err, "Kiva doesn't list drafts that aren't published, journals and repayments. If any were sent without this ledger: kivaform adopt ADDRESS --reason \"...\"")
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
	err := fmt.Errorf("the list of Kiva isn't whole: %s came, and Kiva gives no count", cli.Plural(list.Read, "loan"))
	if list.Total >= 0 {
		err = fmt.Errorf("the list of Kiva isn't whole: %s came, and Kiva counts %d", cli.Plural(list.Read, "loan"), list.Total)
	}
	return cli.WithCode(cli.ExitPartly, hint.With(err, "adopt again later: loans that aren't recorded may be sent a second time"))
}
