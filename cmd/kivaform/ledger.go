package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "ledger",
		Short:   "Look at what was sent",
		Long:    "Look at the ledger: what was sent, when, by which run, and how it ended.",
		Example: "  kivaform ledger list\n  kivaform ledger show loan_draft/L-1042",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.ledgerListCommand(), a.ledgerShowCommand(), a.ledgerVerifyCommand(), a.ledgerCopyCommand(), a.ledgerMergeCommand(), a.ledgerExportCommand())
	return c
}

// A listedAttempt is an attempt in a list, as JSON.
type listedAttempt struct {
	Address  plan.Address `json:"address"` // a draft's, a report's, or that of a batch of journals: journals/2
	Request  plan.Address `json:"request"` // the draft's, or the batch's: also repayments/2026-11/3
	Attempt  int          `json:"attempt"`
	Outcome  plan.Outcome `json:"outcome"`
	Rejected int          `json:"rejected,omitempty"` // rows of an accepted upload
	Items    int          `json:"items"`
	At       time.Time    `json:"at"`
	Run      string       `json:"run"`
}

func (a *app) listJSON(ctx context.Context, prefix string) error {
	list := []listedAttempt{}
	err := a.attempts(ctx, func(attempt *ledger.Attempt) error {
		if in := attempt.Intent; begins(attempt, prefix) {
			list = append(list, listedAttempt{streamAddress(attempt), attempt.Address(), in.Attempt, attempt.Outcome(), rejectedRows(attempt), len(in.Items) + len(in.Rows), in.At.UTC(), in.Run})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.writeJSON(list)
}

func (a *app) ledgerListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list [PREFIX]",
		Short:   "List every attempt, or those whose address begins with PREFIX",
		Example: "  kivaform ledger list\n  kivaform ledger list repayments/",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			prefix := strings.Join(args, "")
			if asJSON {
				return a.listJSON(cmd.Context(), prefix)
			}
			table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			n := 0
			err := a.attempts(cmd.Context(), func(attempt *ledger.Attempt) error {
				in := attempt.Intent
				if !begins(attempt, prefix) {
					return nil
				}
				if n++; n == 1 {
					fmt.Fprintln(table, "ADDRESS\tATTEMPT\tOUTCOME\tITEMS\tWHEN (UTC)\tRUN")
				}
				_, err := fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\t%s\n", streamAddress(attempt), in.Attempt, outcomeText(attempt),
					len(in.Items)+len(in.Rows), in.At.UTC().Format("2006-01-02 15:04"), in.Run)
				return err
			})
			if err == nil && n == 0 {
				_, err = fmt.Fprintln(table, nothingSent(prefix))
			}
			return errors.Join(err, table.Flush())
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

// begins reports whether an address of an attempt begins with a prefix: its
// batch's, or one of its items'. A loan's id may stand there as the partner
// writes it.
func begins(a *ledger.Attempt, prefix string) bool {
	return hasPrefix(a, prefix) || hasPrefix(a, string(spec.ParseAddress(prefix)))
}

func hasPrefix(a *ledger.Attempt, prefix string) bool {
	if strings.HasPrefix(string(a.Numbered()), prefix) {
		return true
	}
	return slices.ContainsFunc(a.Addresses(), func(item plan.Address) bool { return strings.HasPrefix(string(item), prefix) })
}

// outcomeText says how an attempt ended, and that some rows ended otherwise.
func outcomeText(a *ledger.Attempt) string {
	if n := rejectedRows(a); n > 0 {
		return fmt.Sprintf("accepted, %d rejected", n)
	}
	return string(a.Outcome())
}

// rejectedRows counts the rows of an accepted upload that Kiva refused.
func rejectedRows(a *ledger.Attempt) int {
	if a.Outcome() != plan.OutcomeAccepted {
		return 0
	}
	return len(a.RejectedRows())
}

func (a *app) ledgerShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show ADDRESS",
		Short:   "Show all that the ledger holds of an address, as JSON",
		Example: "  kivaform ledger show loan_draft/L-1042\n  kivaform ledger show repayment/2026-11/L-0871",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found := []shownAttempt{}
			err := a.attempts(cmd.Context(), func(attempt *ledger.Attempt) error {
				if attempt.Concerns(spec.ParseAddress(args[0])) {
					found = append(found, a.shown(attempt))
				}
				return nil
			})
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return withCode(exitInvalid, hint.With(fmt.Errorf("%s: nothing of that address was sent", args[0]), "kivaform ledger list"))
			}
			return a.writeJSON(found)
		},
	}
}

func (a *app) ledgerVerifyCommand() *cobra.Command {
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
			w, err := a.openSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			store, err := w.openStore()
			if err != nil {
				return err
			}
			if err := w.checkHoldsLedger(); err != nil {
				return err
			}
			v, err := ledger.Verify(cmd.Context(), store)
			if err != nil {
				return err
			}
			if asJSON {
				err = a.writeJSON(v)
			} else {
				a.printVerification(v)
			}
			if err == nil && len(v.Findings) > 0 {
				err = said(exitError)
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) printVerification(v *ledger.Verification) {
	for _, f := range v.Findings {
		fmt.Fprintf(a.out, "%s %s\n  %s\n", spec.Harmless(f.Key), spec.Harmless(f.Problem), spec.Harmless(f.Meaning))
	}
	fmt.Fprintf(a.out, "%s of %s read, %s; %s not known how they ended (kivaform resolve --list)\n",
		plural(v.Objects, "object"), plural(v.Attempts, "attempt"), plural(len(v.Findings), "fault"), plural(v.Unknown, "attempt"))
}

// A shownAttempt is an attempt as JSON.
type shownAttempt struct {
	Address plan.Address   `json:"address"`
	Outcome plan.Outcome   `json:"outcome"`
	Done    bool           `json:"done,omitempty"`
	Intent  ledger.Intent  `json:"intent"`
	Result  *ledger.Result `json:"result,omitempty"`
}

// shown takes the addresses out that let whoever has them publish, unless they
// may be shown.
func (a *app) shown(attempt *ledger.Attempt) shownAttempt {
	if r := attempt.Result; r != nil && !a.tellsPersonal() {
		for i := range r.Receipts {
			r.Receipts[i].ConfirmURL = ""
		}
	}
	return shownAttempt{attempt.Address(), attempt.Outcome(), attempt.Done, attempt.Intent, attempt.Result}
}

// attempts calls f for each attempt of the workspace's ledger. It asks for a
// token only where kiva.yaml doesn't name the partner.
func (a *app) attempts(ctx context.Context, f func(*ledger.Attempt) error) error {
	w, err := a.openSettings(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if w.set.Settings.PartnerID == "" {
		if _, err := w.connect(ctx, []string{kiva.ScopeReadLoans}, 0); err != nil {
			return err
		}
	}
	l, err := w.openLedger()
	if err != nil {
		return err
	}
	if err := w.checkHoldsLedger(); err != nil {
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
