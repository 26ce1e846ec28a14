// Package look has the commands that only read: status, drift, ledger and public.
package look

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger/history"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/spec"
)

// An itemStatus is the state of one item.
type itemStatus struct {
	Address    plan.Address `json:"address"`
	Kind       string       `json:"kind"`
	Status     string       `json:"status"`                // here: see statusHelp
	KivaStatus string       `json:"kiva_status,omitempty"` // of its loan
	KivaID     string       `json:"kiva_id,omitempty"`     // of its loan
	SentAt     *time.Time   `json:"sent_at,omitempty"`
	Run        string       `json:"run,omitempty"`
	Source     string       `json:"source,omitempty"` // file:line; empty if no file has it
	Public     string       `json:"public,omitempty"` // with --public: the state that lenders see
}

const statusHelp = `  to-send     the next apply sends it        waiting    its loan can't take it yet
  rejected    Kiva refused it; mend it       not-sent   it didn't leave; it goes again
  unknown     sent, no answer is known       edited     changed after it was sent
  sent        Kiva has it                    adopted    Kiva had it before
  alike       may be at Kiva under another id: a person decides
  done        sent, and people have finished it
  to-record   Kiva lists it already, and the next apply records that`

// statusOptions are the argument and the flags of status.
type statusOptions struct {
	address       string
	kind, status  string
	asJSON, asCSV bool
	public        bool
}

// StatusCommand returns "kivaform status".
func StatusCommand(a *session.App) *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use:   "status [ADDRESS]",
		Short: "Where each item is in its life",
		Long: `List every item of the files and of the ledger: what became of it here, the
status and id of its loan at Kiva, when it was sent and by which run. An ADDRESS
may be the beginning of several: repayment/2026-11. Where files are faulty, it
lists what the ledger and Kiva tell, then the faults, and ends with 3.

` + statusHelp + `

--public adds what lenders see: the public status of a loan, whether a journal is
published, whether a repayment is settled.

` + sheetHelp,
		Example: `  kivaform status
  kivaform status --public
  kivaform status loan_draft/L-1042
  kivaform status --kind journal --status waiting
  kivaform status --csv > status.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			w, err := a.Look(cmd.Context(), &history.Options{})
			if err != nil {
				return err
			}
			defer w.Close()
			o.address = strings.Join(args, "")
			return runStatus(cmd.Context(), w, o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.kind, "kind", "", "only loan_draft, journal or repayment")
	flags.StringVar(&o.status, "status", "", "only this status, here or at Kiva")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	flags.BoolVar(&o.asCSV, "csv", false, "print CSV")
	flags.BoolVar(&o.public, "public", false, "add what lenders see, by Kiva's public API")
	return c
}

func runStatus(ctx context.Context, w *session.Workspace, o statusOptions) error {
	v, err := w.Survey(ctx)
	if err != nil {
		return err
	}
	all, err := surveyStatuses(ctx, v)
	if err != nil {
		return v.Failed(err)
	}
	if err := o.checkStatus(all); err != nil {
		return v.Failed(cli.WithCode(cli.ExitInvalid, err))
	}
	all = slices.DeleteFunc(all, func(s itemStatus) bool { return !o.selects(s) })
	if o.public {
		if err := addPublic(ctx, w, all); err != nil {
			return v.Failed(err)
		}
		fmt.Fprintln(w.App.Err, publicLag)
	}
	if err := showStatuses(w.App, all, o, v.Gap); err != nil {
		return v.Failed(err)
	}
	if v.Faults != nil {
		v.NoteGap("what was never sent isn't listed, nor what was changed after it was sent")
	}
	return v.Faults
}

// showStatuses prints items in the format of the flags. In a table, an address
// without items is an error, unless gap is set because not all items are known.
func showStatuses(a *session.App, all []itemStatus, o statusOptions, gap bool) error {
	switch {
	case o.asJSON:
		return a.WriteJSON(append([]itemStatus{}, all...))
	case o.asCSV:
		return writeStatusCSV(a, all, o.public)
	case len(all) == 0 && o.address != "" && !gap:
		return cli.WithCode(cli.ExitInvalid, fmt.Errorf("%s: neither the files nor the ledger know it", o.address))
	}
	return printStatuses(a, all)
}

// isBelow reports whether an address is the given one or below it. The loan's id
// may be in the partner's form.
func isBelow(a plan.Address, given string) bool {
	if a == spec.ParseAddress(given) {
		return true
	}
	given = strings.TrimSuffix(given, "/")
	return given == "" || string(a) == given || strings.HasPrefix(string(a), given+"/")
}

func (o statusOptions) selects(s itemStatus) bool {
	kind := strings.ReplaceAll(o.kind, "-", "_")
	return (kind == "" || s.Kind == kind) && (o.status == "" || s.hasStatus(o.status)) && isBelow(s.Address, o.address)
}

// hasStatus reports whether an item has a status, here or at Kiva.
func (s itemStatus) hasStatus(status string) bool {
	return strings.EqualFold(s.Status, status) || strings.EqualFold(s.KivaStatus, status)
}

// planStatuses collects the states of all items from the files, the ledger and
// Kiva. It fails if the files are faulty.
func planStatuses(ctx context.Context, w *session.Workspace) ([]itemStatus, error) {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return nil, err
	}
	return surveyStatuses(ctx, &session.Survey{Session: s, Plan: p})
}

// surveyStatuses collects the states of all items in a survey.
func surveyStatuses(ctx context.Context, v *session.Survey) ([]itemStatus, error) {
	found := statusesOfLedger(v.Session)
	for item := range v.Plan.Items() {
		mergePlanStatus(found, item.Address(), item.Action, item.Last, item.Resource.Position())
	}
	for _, r := range v.Plan.Reports {
		for i, row := range r.Rows {
			var last *plan.Attempt
			if row.Last != nil {
				of := *row.Last.Attempt
				of.Outcome = row.Last.Outcome
				last = &of
			}
			mergePlanStatus(found, r.RowAddress(i), row.Action, last, r.Report.RowPos(i))
		}
	}
	return withLoans(ctx, v.Session, found)
}

// statusesOfLedger returns the states of all items in the ledger.
func statusesOfLedger(s *session.Session) map[plan.Address]*itemStatus {
	found := make(map[plan.Address]*itemStatus)
	for state := range s.Ledger.History().States() {
		found[state.Address] = statusOf(state.Address, state.Standing())
	}
	return found
}

func statusOf(a plan.Address, now history.Standing) *itemStatus {
	s := &itemStatus{Address: a, Kind: a.Kind(), Status: standingWord(now), Run: now.Run}
	if !now.SentAt.IsZero() {
		s.SentAt = &now.SentAt
	}
	return s
}

// standingWord returns the status of an item in the ledger.
func standingWord(now history.Standing) string {
	switch o := now.Outcome; {
	case now.Done:
		return "done"
	case now.Adopted:
		return "adopted"
	case o.AtKiva():
		return "sent"
	case o == plan.OutcomeAbsent || o == plan.OutcomeApproved:
		return "to-send"
	}
	return string(now.Outcome)
}

// mergePlanStatus adds the plan's status of an item in the files.
func mergePlanStatus(found map[plan.Address]*itemStatus, a plan.Address, action plan.Action, last *plan.Attempt, pos spec.Pos) {
	s := found[a]
	if s == nil {
		s = &itemStatus{Address: a, Kind: a.Kind()}
		found[a] = s
	}
	s.Source = pos.Short()
	switch {
	case action.Sends() && last != nil && last.Outcome == plan.OutcomeRejected:
		s.Status = string(plan.OutcomeRejected)
	case action.Sends() && last != nil && last.Outcome == plan.OutcomeNotSent:
		s.Status = string(plan.OutcomeNotSent)
	case action.Sends():
		s.Status = "to-send"
	case action == plan.Adopt:
		s.Status = "to-record"
	case action != plan.Unchanged:
		s.Status = action.String()
	}
}

// withLoans adds the statuses and ids of the items' loans at Kiva, and sorts by
// address.
func withLoans(ctx context.Context, s *session.Session, found map[plan.Address]*itemStatus) ([]itemStatus, error) {
	ids := make(map[string]bool)
	for a := range found {
		ids[session.LoanOf(a)] = true
	}
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	loans, err := plan.FindLoans(ctx, s.Client, list)
	if err != nil {
		return nil, err
	}
	all := make([]itemStatus, 0, len(found))
	for a, item := range found {
		if loan := loans[session.LoanOf(a)]; loan != nil {
			item.KivaStatus, item.KivaID = string(loan.Status), loan.KivaID
		}
		all = append(all, *item)
	}
	slices.SortFunc(all, func(a, b itemStatus) int { return strings.Compare(string(a.Address), string(b.Address)) })
	return all, nil
}

func printStatuses(a *session.App, all []itemStatus) error {
	table := a.NewTable()
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s%s\n", s.Address, s.Status, cli.OrDash(spec.Harmless(s.KivaStatus)), cli.OrDash(spec.Harmless(s.KivaID)), s.sentCell(), cli.OrDash(spec.Harmless(s.Run)), s.publicCell())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.Out, cli.Plural(len(all), "item"))
	return err
}

// publicCell returns the cell of the public state, if there is one.
func (s itemStatus) publicCell() string {
	if s.Public == "" {
		return ""
	}
	return "\t" + spec.Harmless(s.Public)
}

func (s itemStatus) sentCell() string {
	if s.SentAt == nil {
		return "-"
	}
	return s.SentAt.UTC().Format("2006-01-02 15:04")
}

func writeStatusCSV(a *session.App, all []itemStatus, public bool) error {
	columns := []string{"address", "kind", "status", "kiva_status", "kiva_id", "sent_at", "run", "source"}
	if public {
		columns = append(columns, "public")
	}
	sheet, err := newSheet(cli.AsStyled(a.Out), columns)
	for _, s := range all {
		sent := ""
		if s.SentAt != nil {
			sent = s.SentAt.UTC().Format(time.RFC3339)
		}
		cells := []string{string(s.Address), s.Kind, s.Status, s.KivaStatus, s.KivaID, sent, s.Run, s.Source}
		if public {
			cells = append(cells, s.Public)
		}
		err = errors.Join(err, sheet.writeRow(cells))
	}
	return errors.Join(err, sheet.flush())
}
