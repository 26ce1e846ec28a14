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
	"kivaform/spec"
)

// AckCommand makes "kivaform ack".
func AckCommand(a *session.App) *cobra.Command {
	var reason string
	var distinct bool
	c := &cobra.Command{
		Use:   "ack ADDRESS...",
		Short: "Say that PA2 was corrected, an amount is right, or it is another thing",
		Long: `Record that a person has made PA2 agree with the files about something that was
changed after it was sent. From then on it counts as unchanged.

For a repayment whose amount went the wrong way (less repaid than before, or
more owed), record that the amount is right: the next apply sends it.

With --distinct, for what the plan shows as ≈ (alike): record that it is another
thing than the one that it is alike to. The next apply sends it. A report's address
(repayments/2026-11) stands for all of its rows that are alike.`,
		Example: `  kivaform ack loan_draft/L-1042 --reason "amount corrected in PA2"
  kivaform ack repayment/2026-11/L-0871 --reason "payment of October was reversed"
  kivaform ack loan_draft/l-12 --distinct --reason "another borrower"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return cli.WithCode(cli.ExitInvalid, errors.New("--reason is needed: what was done, for whoever reads the ledger"))
			}
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return ack(cmd.Context(), w, args, distinct, reason)
		},
	}
	c.Flags().BoolVar(&distinct, "distinct", false, "it is another thing than the one that it is alike to: send it")
	c.Flags().StringVar(&reason, "reason", "", "what was done; needed")
	return c
}

func ack(ctx context.Context, w *session.Workspace, addresses []string, distinct bool, reason string) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	o := s.ApplyOptions(time.Now())
	for _, address := range expandReports(p, addresses) {
		outcome, err := apply.Acknowledge(ctx, p, spec.ParseAddress(address), distinct, reason, o)
		if errors.Is(err, apply.ErrNothingToAcknowledge) {
			return cli.WithCode(cli.ExitInvalid, err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w.App.Out, "%s: %s\n", address, outcome)
	}
	return nil
}
