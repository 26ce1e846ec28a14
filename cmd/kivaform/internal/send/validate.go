package send

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan/view"
	"kivaform/spec"
)

// ValidateCommand makes "kivaform validate".
func ValidateCommand(a *session.App) *cobra.Command {
	var f session.EventFlags
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check the files, without asking Kiva",
		Long: `Check every file of the workspace and print all that is wrong, each with its
place and what to do. It makes no request and starts no program: it looks into a
ledger only where that is a folder. What is wrong only in documents that weren't
sent yet, as a date that has passed, is then left to "kivaform plan".`,
		Example: "  kivaform validate",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.OpenEvents("validate", f); err != nil {
				return err
			}
			w, err := a.Look(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.Close()
			sent := sentByFolder(cmd.Context(), w)
			a.Warn(w.Set, sent, true)
			if err := w.Set.Err(sent); err != nil {
				return err
			}
			a.Events.Send(files(w.Set))
			_, err = fmt.Fprintf(a.Out, "valid: %s\n", contents(w.Set))
			return err
		},
	}
	f.Register(c.Flags())
	return c
}

// files counts what a workspace holds.
func files(set *spec.Set) view.Files {
	f := view.Files{LoanDrafts: len(set.Drafts), Journals: len(set.Journals), RepaymentReports: len(set.Reports)}
	for _, r := range set.Reports {
		f.Rows += len(r.Rows)
	}
	return f
}

// contents says what a workspace holds.
func contents(set *spec.Set) string {
	f := files(set)
	s := fmt.Sprintf("%s, %s, %s", cli.Plural(f.LoanDrafts, "loan draft"), cli.Plural(f.Journals, "journal"), cli.Plural(f.RepaymentReports, "repayment report"))
	if f.Rows > 0 {
		s += " of " + cli.Plural(f.Rows, "row")
	}
	return s
}

// sentByFolder tells which items were sent, as far as a ledger in a folder says.
// Another one isn't opened, and all counts as sent: of what was not, plan will say
// what is wrong.
func sentByFolder(ctx context.Context, w *session.Workspace) func(spec.Address) bool {
	if session.IsFolder(w.LedgerPlace()) {
		return w.SentByLedger(ctx)
	}
	all := func(spec.Address) bool { return true }
	if left := session.CountFaultsOf(w.Set.Err(nil)) - session.CountFaultsOf(w.Set.Err(all)); left > 0 {
		fmt.Fprintf(w.App.Err, "%s left to kivaform plan: each counts only where its document wasn't sent yet, which the ledger (%s) isn't asked\n", cli.Plural(left, "fault"), session.Redacted(w.LedgerPlace()))
	}
	return all
}
