package look

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger/seen"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
)

func ledgerAcceptCommand(a *session.App) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "accept",
		Short: "Go on with a ledger that went back, moved to another address or took another's place",
		Long: `Record that the ledger is used on as it is, although it has less than it had, or
took the place of another one, or its environment has another address by now. What
is missing counts as never sent from then on, and the next apply sends it: first put
the newest copy back, bring it in (kivaform ledger merge), or look in PA2.

What was accepted, and the reason, stay in the ledger, so that other machines go on,
too.`,
		Example: `  kivaform ledger accept --reason "the database was lost; PA2 has none of the missing"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.TrimSpace(reason) == "" {
				return cli.WithCode(cli.ExitInvalid, errors.New("--reason is needed: why the ledger is right as it is, for whoever reads it"))
			}
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return acceptLedger(cmd.Context(), w, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why the ledger is right as it is; needed")
	return c
}

func acceptLedger(ctx context.Context, w *session.Workspace, reason string) error {
	w.Unchecked = true
	if w.Set.Settings.PartnerID == "" {
		if _, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0); err != nil {
			return err
		}
	}
	l, err := w.OpenLedger()
	if err != nil {
		return err
	}
	if err := l.Prepare(ctx); err != nil {
		return err
	}
	file, was := w.SeenLedger(), seen.Record{}
	if file != nil {
		if was, err = file.Read(); err != nil {
			return err
		}
	}
	doubts, acceptance, err := l.Doubts(ctx, was.Identity, was.Extent)
	if err != nil {
		return err
	}
	if len(doubts) == 0 {
		fmt.Fprintln(w.App.Out, "nothing to accept: the ledger has all that is known of it")
		return nil
	}
	acceptance.Run, acceptance.Reason = session.NewRun(time.Now()), reason
	if err := l.Accept(ctx, acceptance); err != nil {
		return err
	}
	if file != nil {
		if err := file.Reset(l); err != nil {
			return err
		}
	}
	for _, doubt := range doubts {
		fmt.Fprintf(w.App.Out, "accepted: %s\n", session.HarmlessMessage(doubt))
	}
	_, err = fmt.Fprintln(w.App.Out, "The ledger is used on as it is. What is missing in it counts as never sent.")
	return err
}
