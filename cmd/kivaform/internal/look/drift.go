package look

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger/history"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// driftOptions are the flags of drift.
type driftOptions struct{ asJSON, public bool }

// DriftCommand returns "kivaform drift".
func DriftCommand(a *session.App) *cobra.Command {
	var o driftOptions
	c := &cobra.Command{
		Use:   "drift",
		Short: "Find loans that somebody changed in PA2",
		Long: `Compare the loan drafts that were sent with the loans that Kiva lists, in what both
sides hold: amount, currency, location, name and number of borrowers. Nothing is
sent.

A status that moved on is expected. It ends with 2 where a loan was changed in
PA2, or is gone: it was listed and is no more, or Kiva lists it as deleted or
expired before it was published.

--public compares with what lenders see instead, and counts the journals and the
repayments that they see. A loan that Kiva lists and lenders don't see isn't
compared; how many those are is said.`,
		Example: "  kivaform drift\n  kivaform drift --public\n  kivaform drift --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.Look(cmd.Context(), &history.Options{Values: true})
			if err != nil {
				return err
			}
			defer w.Close()
			return runDrift(cmd.Context(), w, o)
		},
	}
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&o.public, "public", false, "compare with what lenders see, by Kiva's public API")
	return c
}

func runDrift(ctx context.Context, w *session.Workspace, o driftOptions) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	held := heldDrafts(s, p)
	loans, err := plan.FindLoans(ctx, s.Client, loanIDs(held))
	if err != nil {
		return err
	}
	unseen := 0
	if o.public {
		listed, all := loans, len(held)
		if loans, err = publicLoans(ctx, w, listed); err != nil {
			return err
		}
		held = dropUnseen(held, listed, loans)
		unseen = all - len(held)
	}
	drifts := plan.CompareHeld(held, loans)
	if err := showDrifts(ctx, w, drifts, unseen, o); err != nil {
		return err
	}
	if slices.ContainsFunc(drifts, func(d plan.Drift) bool { return d.Kind.NeedsPerson() }) {
		return cli.ExitWithoutMessage(cli.ExitChanges)
	}
	return nil
}

func loanIDs(held []plan.Held) []string {
	ids := make([]string, len(held))
	for i, h := range held {
		ids[i] = h.Address.Parts()[1]
	}
	return ids
}

// dropUnseen drops the drafts whose loans Kiva lists and lenders don't see.
func dropUnseen(held []plan.Held, listed, seen map[string]*kiva.Loan) []plan.Held {
	return slices.DeleteFunc(held, func(h plan.Held) bool {
		id := h.Address.Parts()[1]
		return listed[id] != nil && seen[id] == nil
	})
}

func showDrifts(ctx context.Context, w *session.Workspace, drifts []plan.Drift, unseen int, o driftOptions) error {
	if o.asJSON {
		return writeDriftJSON(w.App, drifts)
	}
	printDrift(w.App, drifts)
	if o.public {
		return printSeen(ctx, w, unseen)
	}
	return nil
}

// heldDrafts returns the loan drafts at Kiva as recorded in the ledger. That has
// only digests of names, so names come from the files of unchanged drafts.
func heldDrafts(s *session.Session, p *plan.Plan) []plan.Held {
	names := make(map[plan.Address][]string)
	for _, item := range p.Drafts {
		if item.Action == plan.Unchanged {
			names[item.Address()] = possibleNames(item.Resource.(*spec.LoanDraft))
		}
	}
	var held []plan.Held
	listed := make(map[string]bool) // loans that Kiva has listed before
	for state := range s.Ledger.History().States() {
		if !state.WasAtKiva() {
			continue
		}
		a := state.Address
		if a.Kind() == "loan_draft" {
			held = append(held, plan.Held{Address: a, Values: state.Values(), Names: names[a]})
		}
		if a.Kind() != "loan_draft" || state.WasAdopted() {
			listed[session.LoanOf(a)] = true
		}
	}
	for i, h := range held {
		held[i].Published = listed[session.LoanOf(h.Address)]
	}
	slices.SortFunc(held, func(a, b plan.Held) int { return strings.Compare(string(a.Address), string(b.Address)) })
	return held
}

// possibleNames returns the names that Kiva may give the loan: its documents don't
// say whether the family name is included.
func possibleNames(d *spec.LoanDraft) []string {
	if d.IsGroup() {
		return []string{d.GroupName}
	}
	return []string{d.Entreps[0].FirstName, d.Borrower()}
}

func printDrift(a *session.App, drifts []plan.Drift) {
	counts := make(map[plan.DriftKind]int)
	statuses := make(map[kiva.Status]int)
	for _, d := range drifts {
		counts[d.Kind]++
		if d.Kind == plan.MovedOn {
			statuses[d.Status]++
		}
		if d.Kind.NeedsPerson() {
			fmt.Fprintf(a.Out, "%s  %s  %s %s\n", d.Kind, d.Address, cli.OrDash(spec.Harmless(string(d.Status))), spec.Harmless(d.KivaID))
		}
		for _, f := range d.Differences {
			hidden := f.Personal && !a.ShowsPersonal(a.Out)
			fmt.Fprintf(a.Out, "  %s: %s here, %s at Kiva\n", f.Field, maskIf(f.Ours, hidden), maskIf(f.Kivas, hidden))
		}
	}
	fmt.Fprintf(a.Out, "%s as sent, %d changed in PA2, %d gone, %s not published yet\n",
		cli.Plural(counts[plan.MovedOn], "loan"), counts[plan.Changed], counts[plan.Gone], cli.Plural(counts[plan.DraftOnly], "draft"))
	var words []string
	for status, n := range statuses {
		words = append(words, fmt.Sprintf("%d %s", n, spec.Harmless(string(status))))
	}
	if slices.Sort(words); len(words) > 0 {
		fmt.Fprintf(a.Out, "as sent: %s\n", strings.Join(words, ", "))
	}
}

const mask = "••••••"

// maskIf returns a mask in place of a hidden value.
func maskIf(s string, hidden bool) string {
	if hidden {
		return mask
	}
	return spec.Harmless(s)
}

func writeDriftJSON(a *session.App, drifts []plan.Drift) error {
	type difference struct {
		Field string `json:"field"`
		Ours  string `json:"here"`
		Kivas string `json:"at_kiva"`
	}
	type drift struct {
		Address     plan.Address   `json:"address"`
		Kind        plan.DriftKind `json:"kind"`
		Status      kiva.Status    `json:"kiva_status,omitempty"`
		KivaID      string         `json:"kiva_id,omitempty"`
		Differences []difference   `json:"differences,omitempty"`
	}
	list := make([]drift, len(drifts))
	for i, d := range drifts {
		list[i] = drift{Address: d.Address, Kind: d.Kind, Status: d.Status, KivaID: d.KivaID}
		for _, f := range d.Differences {
			hidden := f.Personal && !a.TellsPersonal()
			list[i].Differences = append(list[i].Differences, difference{f.Field, maskIf(f.Ours, hidden), maskIf(f.Kivas, hidden)})
		}
	}
	return a.WriteJSON(list)
}
