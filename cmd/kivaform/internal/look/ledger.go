package look

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// LedgerCommand returns "kivaform ledger".
func LedgerCommand(a *session.App) *cobra.Command {
	c := &cobra.Command{
		Use:     "ledger",
		Short:   "Look at what was sent",
		Long:    "Look at the ledger: what was sent, when, by which run, and how it ended.",
		Example: "  kivaform ledger list\n  kivaform ledger show loan_draft/L-1042",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(ledgerListCommand(a), ledgerShowCommand(a), ledgerVerifyCommand(a), ledgerCopyCommand(a), ledgerMergeCommand(a), ledgerAcceptCommand(a), ledgerRekeyCommand(a), ledgerExportCommand(a))
	return c
}

// A listedAttempt is an attempt in a list, as JSON.
type listedAttempt struct {
	Address  plan.Address `json:"address"` // of a draft, a report or a batch of journals: journals/2
	Request  plan.Address `json:"request"` // of a draft or a batch: also repayments/2026-11/3
	Attempt  int          `json:"attempt"`
	Outcome  plan.Outcome `json:"outcome"`
	Rejected int          `json:"rejected,omitempty"` // rows of an accepted upload
	Items    int          `json:"items"`
	At       time.Time    `json:"at"`
	Run      string       `json:"run"`
}

func runLedgerList(ctx context.Context, a *session.App, prefix string, asJSON bool) error {
	list := []listedAttempt{}
	err := eachAttempt(ctx, a, func(attempt *ledger.Attempt) error {
		if in := attempt.Intent; matchesPrefix(attempt, prefix) {
			list = append(list, listedAttempt{session.StreamAddress(attempt), attempt.Address(), in.Attempt, attempt.Outcome(), countRejected(attempt), len(in.Items) + len(in.Rows), in.At.UTC(), in.Run})
		}
		return nil
	})
	if err != nil && (asJSON || len(list) == 0) {
		return err
	}
	if asJSON {
		return a.WriteJSON(list)
	}
	return errors.Join(err, printAttempts(a, list, prefix)) // of a damaged ledger, the attempts before the damage
}

func printAttempts(a *session.App, list []listedAttempt, prefix string) error {
	table := a.NewTable()
	if len(list) == 0 {
		fmt.Fprintln(table, nothingSent(prefix))
	} else {
		fmt.Fprintln(table, "ADDRESS\tATTEMPT\tOUTCOME\tITEMS\tWHEN (UTC)\tRUN")
	}
	for _, one := range list {
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\t%s\n", one.Address, one.Attempt, one.outcomeText(), one.Items, one.At.Format("2006-01-02 15:04"), one.Run)
	}
	return table.Flush()
}

func ledgerListCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list [PREFIX]",
		Short:   "List every attempt, or those whose address begins with PREFIX",
		Example: "  kivaform ledger list\n  kivaform ledger list repayments/",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLedgerList(cmd.Context(), a, strings.Join(args, ""), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func nothingSent(prefix string) string {
	if prefix == "" {
		return "nothing was sent yet"
	}
	return "nothing of this address was sent"
}

// matchesPrefix reports whether an address of an attempt, its batch's or an item's,
// begins with a prefix. A loan's id in the prefix may be in the partner's form.
func matchesPrefix(a *ledger.Attempt, prefix string) bool {
	return hasPrefix(a, prefix) || hasPrefix(a, string(spec.ParseAddress(prefix)))
}

func hasPrefix(a *ledger.Attempt, prefix string) bool {
	if strings.HasPrefix(string(a.Numbered()), prefix) {
		return true
	}
	return slices.ContainsFunc(a.Addresses(), func(item plan.Address) bool { return strings.HasPrefix(string(item), prefix) })
}

// outcomeText returns the outcome, with the number of rejected rows.
func (l listedAttempt) outcomeText() string {
	if l.Rejected > 0 {
		return fmt.Sprintf("accepted, %d rejected", l.Rejected)
	}
	return string(l.Outcome)
}

// countRejected counts the rejected rows of an accepted upload.
func countRejected(a *ledger.Attempt) int {
	if a.Outcome() != plan.OutcomeAccepted {
		return 0
	}
	return a.RejectedRows()
}

func ledgerShowCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:     "show ADDRESS",
		Short:   "Show all that the ledger holds of an address, as JSON",
		Example: "  kivaform ledger show loan_draft/L-1042\n  kivaform ledger show repayment/2026-11/L-0871",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLedgerShow(cmd.Context(), a, args[0])
		},
	}
}

func runLedgerShow(ctx context.Context, a *session.App, address string) error {
	found := []shownAttempt{}
	err := eachAttempt(ctx, a, func(attempt *ledger.Attempt) error {
		if attempt.Concerns(spec.ParseAddress(address)) {
			found = append(found, showAttempt(a, attempt))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("%s: nothing of that address was sent", address), "kivaform ledger list"))
	}
	return a.WriteJSON(found)
}

func ledgerVerifyCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Find broken, foreign or missing objects",
		Long: `Read every object of the ledger, of all environments and partners, and say which
are broken, foreign or missing, and what follows from it. It ends with 1 where
it found any.`,
		Example: "  kivaform ledger verify",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runLedgerVerify(cmd.Context(), w, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runLedgerVerify(ctx context.Context, w *session.Workspace, asJSON bool) error {
	store, err := w.OpenStore()
	if err != nil {
		return err
	}
	if err := w.CheckHoldsLedger(); err != nil {
		return err
	}
	v, err := audit.Verify(ctx, store)
	if err != nil {
		return err
	}
	if asJSON {
		err = w.App.WriteJSON(v)
	} else {
		printVerification(w.App, v)
	}
	if err == nil && len(v.Findings) > 0 {
		err = cli.ExitWithoutMessage(cli.ExitError)
	}
	return err
}

func printVerification(a *session.App, v *audit.Verification) {
	for _, f := range v.Findings {
		fmt.Fprintf(a.Out, "%s %s\n  %s\n", spec.Harmless(f.Key), spec.Harmless(f.Problem), spec.Harmless(f.Meaning))
	}
	fmt.Fprintf(a.Out, "%s of %s read, %s; %s not known how they ended (kivaform resolve --list)\n",
		cli.Plural(v.Objects, "object"), cli.Plural(v.Attempts, "attempt"), cli.Plural(len(v.Findings), "fault"), cli.Plural(v.Unknown, "attempt"))
}

// A shownAttempt is an attempt as JSON.
type shownAttempt struct {
	Address plan.Address   `json:"address"`
	Outcome plan.Outcome   `json:"outcome"`
	Done    bool           `json:"done,omitempty"`
	Intent  ledger.Intent  `json:"intent"`
	Result  *ledger.Result `json:"result,omitempty"`
}

// showAttempt removes the addresses that let any reader publish journals, unless
// --personal=show.
func showAttempt(a *session.App, attempt *ledger.Attempt) shownAttempt {
	if r := attempt.Result; r != nil && !a.TellsPersonal() {
		for i := range r.Receipts {
			r.Receipts[i].ConfirmURL = ""
		}
	}
	return shownAttempt{attempt.Address(), attempt.Outcome(), attempt.Done, attempt.Intent, attempt.Result}
}

// eachAttempt calls f for each attempt in the workspace's ledger. It requests a
// token only if kiva.yaml doesn't name the partner.
func eachAttempt(ctx context.Context, a *session.App, f func(*ledger.Attempt) error) error {
	w, err := a.OpenSettings(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	if w.Set.Settings.PartnerID == "" {
		if _, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0); err != nil {
			return err
		}
	}
	l, err := w.OpenLedger()
	if err != nil {
		return err
	}
	if err := w.CheckHoldsLedger(); err != nil {
		return err
	}
	for attempt, err := range l.Attempts(ctx) {
		if err != nil {
			return err
		}
		if err := f(attempt); err != nil {
			return err
		}
	}
	return nil
}
