package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kivaform/plan/view"
	"kivaform/spec"
)

func (a *app) validateCommand() *cobra.Command {
	var f eventFlags
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
			if err := a.openEvents("validate", f); err != nil {
				return err
			}
			w, err := a.look(cmd.Context(), nil)
			if err != nil {
				return err
			}
			defer w.close()
			sent := w.sentByFolder(cmd.Context())
			a.warn(w.set, sent, true)
			if err := w.set.Err(sent); err != nil {
				return err
			}
			a.events.send(files(w.set))
			_, err = fmt.Fprintf(a.out, "valid: %s\n", contents(w.set))
			return err
		},
	}
	f.register(c.Flags())
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
	s := fmt.Sprintf("%s, %s, %s", plural(f.LoanDrafts, "loan draft"), plural(f.Journals, "journal"), plural(f.RepaymentReports, "repayment report"))
	if f.Rows > 0 {
		s += " of " + plural(f.Rows, "row")
	}
	return s
}

// sentByFolder tells which items were sent, as far as a ledger in a folder says.
// Another one isn't opened, and all counts as sent: of what was not, plan will say
// what is wrong.
func (w *workspace) sentByFolder(ctx context.Context) func(spec.Address) bool {
	if isFolder(w.ledgerPlace()) {
		return w.sentByLedger(ctx)
	}
	all := func(spec.Address) bool { return true }
	if left := countFaultsOf(w.set.Err(nil)) - countFaultsOf(w.set.Err(all)); left > 0 {
		fmt.Fprintf(w.app.err, "%s left to kivaform plan: each counts only where its document wasn't sent yet, which the ledger (%s) isn't asked\n", plural(left, "fault"), redacted(w.ledgerPlace()))
	}
	return all
}
