package look

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger/merge"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
)

func ledgerMergeCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "merge OTHER",
		Short: "Bring in what another copy of the ledger knows",
		Long: `Add to the ledger what another copy of it knows and it doesn't, of all
environments and partners. It is for a ledger in a folder that was used in two
clones at the same time. Nothing is replaced or removed; run it again where it was
stopped. What has a number that is taken here gets the next one, and says which it
had. The other copy stays as it is.

End all runs that use either copy before. It ends with 8 where both copies sent the
same thing: then look for a second one in PA2.

Where git reports a conflict in the ledger's folder, both sides were sent. Put this
side's files back whole, and bring in the other side, which git still has:

  git restore --source=HEAD --staged --worktree -- ledger
  git worktree add --detach ../other MERGE_HEAD
  kivaform ledger merge ../other/ledger
  git add ledger
  git commit
  git worktree remove ../other

Was one side taken and committed already? Then the other one is HEAD^2, or any
commit that has it, in place of MERGE_HEAD. In a rebase, say git rebase --abort, and
merge instead.

` + session.PlacesHelp,
		Example: "  kivaform ledger merge ../other/ledger",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runLedgerMerge(cmd.Context(), w, args[0])
		},
	}
}

func runLedgerMerge(ctx context.Context, w *session.Workspace, other string) error {
	from, err := openStoreAt(w, other)
	if err != nil {
		return err
	}
	to, err := w.OpenOwnPlace()
	if err != nil {
		return err
	}
	m, err := merge.Copies(ctx, from, to)
	if err != nil {
		return err
	}
	return printMerged(w.App, m)
}

// printMerged prints the merged objects, and the items that a person must check.
func printMerged(a *session.App, m *merge.Result) error {
	if m.Objects == 0 {
		fmt.Fprintln(a.Out, "nothing to bring in: the ledger has all that the other copy has")
	} else {
		fmt.Fprintf(a.Out, "%s brought in, of %s; read again and compared: nothing of the other copy is missing\n",
			cli.Plural(m.Objects, "object"), cli.Plural(m.Attempts, "new attempt"))
	}
	for _, v := range m.Moved {
		fmt.Fprintf(a.Out, "%s of the other copy is %s here (%s, partner %s)\n",
			nameAttempt(v.Stream, v.From), nameAttempt(v.Stream, v.To), v.Environment, v.PartnerID)
	}
	if len(m.Twice) == 0 {
		return nil
	}
	fmt.Fprintln(a.Out, "Each copy sent these, or may have: look for a second one in PA2, and remove it there")
	for _, t := range m.Twice {
		fmt.Fprintf(a.Out, "  %s: %s and %s (%s, partner %s)\n",
			t.Item, nameAttempt(t.Stream, t.Before), nameAttempt(t.Stream, t.Attempt), t.Environment, t.PartnerID)
	}
	return cli.ExitWithoutMessage(cli.ExitPerson)
}

// nameAttempt names one attempt of a stream.
func nameAttempt(stream plan.Address, number int) string {
	if stream.Kind() == "loan_draft" {
		return fmt.Sprintf("attempt %d on %s", number, stream)
	}
	return fmt.Sprintf("%s/%d", stream, number)
}
