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

// DriftCommand makes "kivaform drift".
func DriftCommand(a *session.App) *cobra.Command {
	var asJSON, public bool
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
			return drift(cmd.Context(), w, asJSON, public)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&public, "public", false, "compare with what lenders see, by Kiva's public API")
	return c
}

func drift(ctx context.Context, w *session.Workspace, asJSON, public bool) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	held := held(s, p)
	ids := make([]string, len(held))
	for i, h := range held {
		ids[i] = h.Address.Parts()[1]
	}
	loans, err := plan.FindLoans(ctx, s.Client, ids)
	if err != nil {
		return err
	}
	unseen := 0
	if public {
		listed := loans
		if loans, err = publicLoans(ctx, w, listed); err != nil {
			return err
		}
		all := len(held)
		held = slices.DeleteFunc(held, func(h plan.Held) bool {
			id := h.Address.Parts()[1]
			return listed[id] != nil && loans[id] == nil
		})
		unseen = all - len(held)
	}
	drifts := plan.CompareHeld(held, loans)
	if asJSON {
		err = driftJSON(w.App, drifts)
	} else {
		printDrift(w.App, drifts)
	}
	if err == nil && public && !asJSON {
		err = printSeen(ctx, w, unseen)
	}
	if err == nil && slices.ContainsFunc(drifts, func(d plan.Drift) bool { return d.Kind.NeedsPerson() }) {
		return cli.ExitWithoutMessage(cli.ExitChanges)
	}
	return err
}

// held returns the loan drafts that Kiva has, as the ledger recorded them. Names
// are held as digests there, so they come from the files where these are still
// what was sent.
func held(s *session.Session, p *plan.Plan) []plan.Held {
	names := make(map[plan.Address][]string)
	for _, item := range p.Drafts {
		if item.Action == plan.Unchanged {
			names[item.Address()] = shownNames(item.Resource.(*spec.LoanDraft))
		}
	}
	var held []plan.Held
	listed := make(map[string]bool) // loans that Kiva must have listed at some time
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

// shownNames are what Kiva may show as the name of a loan: its documents don't
// say whether the family name is part of it.
func shownNames(d *spec.LoanDraft) []string {
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
			fmt.Fprintf(a.Out, "  %s: %s here, %s at Kiva\n", f.Field, hide(f.Ours, hidden), hide(f.Kivas, hidden))
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

// hide returns a value as it may be shown.
func hide(s string, hidden bool) string {
	if hidden {
		return mask
	}
	return spec.Harmless(s)
}

func driftJSON(a *session.App, drifts []plan.Drift) error {
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
			list[i].Differences = append(list[i].Differences, difference{f.Field, hide(f.Ours, hidden), hide(f.Kivas, hidden)})
		}
	}
	return a.WriteJSON(list)
}
