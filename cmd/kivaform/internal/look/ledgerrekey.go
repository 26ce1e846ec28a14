package look

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

func ledgerRekeyCommand(a *session.App) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "rekey",
		Short: "Use the ledger with another key, because the former was lost or must change",
		Long: `Record that the ledger's digests are made with the key in KIVAFORM_LEDGER_KEY from
now on. It is for a key that was lost, or that others may know. Set the new key
wherever the ledger is used; the former is refused.

Nothing is sent again. What was recorded with the former key can't be compared with
the files any more: it counts as unchanged, also if its file was changed since. Nor
are loans, journals and reports found alike by their contents that were sent before.
Changes that you know of, make in PA2.`,
		Example: `  kivaform ledger rekey --reason "the key was lost with the old pipeline"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runLedgerRekey(cmd.Context(), w, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, for whoever reads the ledger")
	return c
}

func runLedgerRekey(ctx context.Context, w *session.Workspace, reason string) error {
	key, err := w.LedgerKey()
	if err != nil {
		return err
	}
	if key == nil {
		return cli.WithCode(cli.ExitInvalid, errors.New("set KIVAFORM_LEDGER_KEY to the new key, of 16 characters or more"))
	}
	store, err := w.OpenOwnPlace()
	if err != nil {
		return err
	}
	switch err := ledger.RekeyStore(ctx, store, key, session.NewRun(time.Now()), reason); {
	case errors.Is(err, ledger.ErrSameKey):
		_, err := fmt.Fprintln(w.App.Out, "nothing to do: the ledger has this key already")
		return err
	case err != nil:
		return err
	}
	_, err = fmt.Fprintln(w.App.Out, "The ledger has the new key. What was sent before counts as unchanged, as it can't be compared with the files any more.")
	return err
}
