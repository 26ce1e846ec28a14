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

	"kivaform/apply/ledger/history"
	"kivaform/plan"
	"kivaform/spec"
)

// An itemStatus is where one item is in its life.
type itemStatus struct {
	Address    plan.Address `json:"address"`
	Kind       string       `json:"kind"`
	Status     string       `json:"status"`                // on this side: see statusHelp
	KivaStatus string       `json:"kiva_status,omitempty"` // of its loan
	KivaID     string       `json:"kiva_id,omitempty"`     // of its loan
	SentAt     *time.Time   `json:"sent_at,omitempty"`
	Run        string       `json:"run,omitempty"`
	Source     string       `json:"source,omitempty"` // file:line; empty where no file has it any more
	Public     string       `json:"public,omitempty"` // what lenders see, where it was asked for
}

const statusHelp = `  to-send     the next apply sends it        waiting    its loan can't take it yet
  rejected    Kiva refused it; it goes again  not-sent   it didn't leave; it goes again
  unknown     sent, no answer is known       edited     changed after it was sent
  sent        Kiva has it                    adopted    Kiva had it before
  done        sent, and people have finished it
  to-record   Kiva lists it already, and the next apply records that`

// statusFlags are the flags of status.
type statusFlags struct {
	kind, status  string
	asJSON, asCSV bool
	public        bool
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
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
			if err := f.check(); err != nil {
				return withCode(exitInvalid, err)
			}
			w, err := a.look(cmd.Context(), &history.Options{})
			if err != nil {
				return err
			}
			defer w.close()
			return w.status(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.kind, "kind", "", "only loan_draft, journal or repayment")
	flags.StringVar(&f.status, "status", "", "only this status, here or at Kiva")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.BoolVar(&f.asCSV, "csv", false, "print CSV")
	flags.BoolVar(&f.public, "public", false, "add what lenders see, by Kiva's public API")
	return c
}

func (w *workspace) status(ctx context.Context, address string, f statusFlags) error {
	v, err := w.survey(ctx)
	if err != nil {
		return err
	}
	all, err := v.statuses(ctx)
	if err != nil {
		return v.failed(err)
	}
	if err := f.checkStatus(all); err != nil {
		return v.failed(withCode(exitInvalid, err))
	}
	all = slices.DeleteFunc(all, func(s itemStatus) bool { return !f.shows(s) || !isBelow(s.Address, address) })
	if f.public {
		if err := w.addPublic(ctx, all); err != nil {
			return v.failed(err)
		}
		fmt.Fprintln(w.app.err, publicLag)
	}
	if err := w.app.showStatuses(all, address, f, v.gap); err != nil {
		return v.failed(err)
	}
	if v.faults != nil {
		v.noteGap("what was never sent isn't listed, nor what was changed after it was sent")
	}
	return v.faults
}

// showStatuses prints items as was asked for. None of an address is an error for
// people, unless not all are known.
func (a *app) showStatuses(all []itemStatus, address string, f statusFlags, gap bool) error {
	switch {
	case f.asJSON:
		return a.writeJSON(append([]itemStatus{}, all...))
	case f.asCSV:
		return a.statusCSV(all, f.public)
	case len(all) == 0 && address != "" && !gap:
		return withCode(exitInvalid, fmt.Errorf("%s: neither the files nor the ledger know it", address))
	}
	return a.statusTable(all)
}

// isBelow reports whether an address is the given one or begins with it. A loan's
// id may be given as the partner writes it.
func isBelow(a plan.Address, given string) bool {
	if a == spec.ParseAddress(given) {
		return true
	}
	given = strings.TrimSuffix(given, "/")
	return given == "" || string(a) == given || strings.HasPrefix(string(a), given+"/")
}

func (f statusFlags) shows(s itemStatus) bool {
	kind := strings.ReplaceAll(f.kind, "-", "_")
	return (kind == "" || s.Kind == kind) && (f.status == "" || s.is(f.status))
}

// is reports whether an item has a status, here or at Kiva.
func (s itemStatus) is(status string) bool {
	return strings.EqualFold(s.Status, status) || strings.EqualFold(s.KivaStatus, status)
}

// statuses gathers what the files, the ledger and Kiva say of each item. It fails
// where the files are faulty.
func (w *workspace) planStatuses(ctx context.Context) ([]itemStatus, error) {
	s, p, err := w.plan(ctx, planOptions{withFaults: true})
	if err != nil {
		return nil, err
	}
	return (&survey{session: s, plan: p}).statuses(ctx)
}

// statuses gathers what a survey says of each item.
func (v *survey) statuses(ctx context.Context) ([]itemStatus, error) {
	found := v.statusesOfLedger()
	for item := range v.plan.Items() {
		v.note(found, item.Address(), item.Action, item.Last, item.Resource.Position())
	}
	for _, r := range v.plan.Reports {
		for i, row := range r.Rows {
			var last *plan.Attempt
			if row.Last != nil {
				of := *row.Last.Attempt
				of.Outcome = row.Last.Outcome
				last = &of
			}
			v.note(found, r.RowAddress(i), row.Action, last, r.Report.RowPos(i))
		}
	}
	return v.withLoans(ctx, found)
}

// statusesOfLedger returns where each item stands by what was attempted.
func (s *session) statusesOfLedger() map[plan.Address]*itemStatus {
	found := make(map[plan.Address]*itemStatus)
	for state := range s.ledger.History().States() {
		found[state.Address] = statusByLedger(state.Address, state.Standing())
	}
	return found
}

func statusByLedger(a plan.Address, now history.Standing) *itemStatus {
	s := &itemStatus{Address: a, Kind: a.Kind(), Status: standingWord(now), Run: now.Run}
	if !now.SentAt.IsZero() {
		s.SentAt = &now.SentAt
	}
	return s
}

// standingWord names where an item stands, in one word.
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

// note adds what the plan says of an item of the files.
func (w *workspace) note(found map[plan.Address]*itemStatus, a plan.Address, action plan.Action, last *plan.Attempt, pos spec.Pos) {
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

// withLoans adds what Kiva shows of the items' loans, and sorts by address.
func (s *session) withLoans(ctx context.Context, found map[plan.Address]*itemStatus) ([]itemStatus, error) {
	ids := make(map[string]bool)
	for a := range found {
		ids[loanOf(a)] = true
	}
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	loans, err := plan.FindLoans(ctx, s.client, list)
	if err != nil {
		return nil, err
	}
	all := make([]itemStatus, 0, len(found))
	for a, item := range found {
		if loan := loans[loanOf(a)]; loan != nil {
			item.KivaStatus, item.KivaID = string(loan.Status), loan.KivaID
		}
		all = append(all, *item)
	}
	slices.SortFunc(all, func(a, b itemStatus) int { return strings.Compare(string(a.Address), string(b.Address)) })
	return all, nil
}

func (a *app) statusTable(all []itemStatus) error {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s%s\n", s.Address, s.Status, orDash(spec.Harmless(s.KivaStatus)), orDash(spec.Harmless(s.KivaID)), s.when(), orDash(spec.Harmless(s.Run)), s.publicCell())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, plural(len(all), "item"))
	return err
}

// publicCell is the column of what lenders see, where it was asked for.
func (s itemStatus) publicCell() string {
	if s.Public == "" {
		return ""
	}
	return "\t" + spec.Harmless(s.Public)
}

func (s itemStatus) when() string {
	if s.SentAt == nil {
		return "-"
	}
	return s.SentAt.UTC().Format("2006-01-02 15:04")
}

func (a *app) statusCSV(all []itemStatus, public bool) error {
	columns := []string{"address", "kind", "status", "kiva_status", "kiva_id", "sent_at", "run", "source"}
	if public {
		columns = append(columns, "public")
	}
	sheet, err := newSheet(asStyled(a.out), columns)
	for _, s := range all {
		sent := ""
		if s.SentAt != nil {
			sent = s.SentAt.UTC().Format(time.RFC3339)
		}
		cells := []string{string(s.Address), s.Kind, s.Status, s.KivaStatus, s.KivaID, sent, s.Run, s.Source}
		if public {
			cells = append(cells, s.Public)
		}
		err = errors.Join(err, sheet.write(cells))
	}
	return errors.Join(err, sheet.end())
}
