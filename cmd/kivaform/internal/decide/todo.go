package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/followup"
	"kivaform/apply/ledger/history"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/view"
)

// taskTitles says above a list of tasks of each kind what to do.
var taskTitles = map[string]string{
	view.TaskResolve:  "Find out in PA2 whether Kiva has these (no answer is known)",
	view.TaskCorrect:  "Correct in PA2 (changed after being sent)",
	view.TaskPublish:  "Complete and publish loan drafts",
	view.TaskConfirm:  "Read and publish journals (then: kivaform todo --done ADDRESS)",
	view.TaskFinalise: "Finalise repayment reports (then: kivaform todo --done ADDRESS)",
}

// TodoCommand makes "kivaform todo".
func TodoCommand(a *session.App) *cobra.Command {
	var f todoFlags
	c := &cobra.Command{
		Use:   "todo",
		Short: "List what people must do now in PA2",
		Long: `List what is left to people: drafts to publish, journals to confirm, repayment
reports to finalise, and whatever waits for a decision.

A published draft disappears from the list by itself, because Kiva lists its
loan. Kiva's API doesn't tell whether journals were confirmed or a report
finalised: say so with --done, for each batch of journals by itself. It takes a
draft only where no document has it any more: one that was deleted in PA2 and
shall not be sent again.

A report that is finalised takes no more rows: Kiva counts what is uploaded later
in the next month. Rows that are added wait, and a row that is changed needs a
person. Where PA2 still takes them for that month, or --done was a mistake:
--undone, with --reason.

Where files are faulty, it lists what the ledger and Kiva tell, then the faults,
and ends with 3.

With --fail-older-than it ends with 8 where anything has waited longer, so that
a pipeline can remind people.`,
		Example: `  kivaform todo
  kivaform todo --done journals/1 --done repayments/2026-11
  kivaform todo --undone repayments/2026-11 --reason "two branches reported late"
  kivaform todo --markdown --fail-older-than 7d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			age, err := f.check()
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			claims := followup.NewClaims(f.done)
			whole := &history.Options{Retain: followup.LeftToPeople}
			if len(claims) > 0 {
				whole.Retain = claims.Concern
			}
			w, err := a.Look(cmd.Context(), whole)
			if err != nil {
				return err
			}
			defer w.Close()
			if len(f.undone) > 0 {
				return reopen(cmd.Context(), w, f.undone, f.reason)
			}
			if len(claims) > 0 {
				return markDone(cmd.Context(), w, claims)
			}
			return todo(cmd.Context(), w, f, age)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.BoolVar(&f.markdown, "markdown", false, "print a checklist in Markdown")
	flags.StringVar(&f.olderThan, "fail-older-than", "", "end with 8 where anything has waited longer, as 7d or 36h")
	flags.StringArrayVar(&f.done, "done", nil, "say that journals were confirmed, or a report finalised; may be repeated")
	flags.StringArrayVar(&f.undone, "undone", nil, "say that a report which was finalised takes rows again; needs --reason; may be repeated")
	flags.StringVar(&f.reason, "reason", "", "why a report takes rows again")
	return c
}

// todo lists what is left to people, and after it the faults of the files.
func todo(ctx context.Context, w *session.Workspace, f todoFlags, age time.Duration) error {
	v, err := w.Survey(ctx)
	if err != nil {
		return err
	}
	tasks, err := tasks(ctx, v)
	if err != nil {
		return v.Failed(err)
	}
	if err := showTasks(w, tasks, f); err != nil {
		return err
	}
	late := remind(w.App, tasks, age)
	if v.Faults != nil {
		v.NoteGap("what was changed after it was sent isn't listed")
		return v.Faults
	}
	return late
}

// todoFlags are the flags of todo.
type todoFlags struct {
	asJSON, markdown bool
	olderThan        string
	done, undone     []string
	reason           string
}

// check returns the age from which on a task is overdue, 0 for none.
func (f todoFlags) check() (time.Duration, error) {
	if f.asJSON && f.markdown {
		return 0, errors.New("--json and --markdown exclude each other")
	}
	switch {
	case len(f.undone) > 0 && len(f.done) > 0:
		return 0, errors.New("--done and --undone exclude each other")
	case (len(f.undone) > 0) != (strings.TrimSpace(f.reason) != ""):
		return 0, errors.New("--undone and --reason need each other: for whoever reads the ledger")
	}
	if f.olderThan == "" {
		return 0, nil
	}
	return parseAge(f.olderThan)
}

func showTasks(w *session.Workspace, tasks []view.Task, f todoFlags) error {
	a := w.App
	switch {
	case f.asJSON:
		return a.WriteJSON(maskTasks(a, tasks))
	case f.markdown:
		markdownTasks(a, tasks)
	default:
		printTasks(a, tasks)
	}
	if !f.asJSON && w.Env.Sandbox() && len(tasks) > 0 {
		fmt.Fprintln(a.Out, session.WhereSandbox)
	}
	return nil
}

// remind ends with the code for people where a task is overdue.
func remind(a *session.App, tasks []view.Task, age time.Duration) error {
	if age == 0 {
		return nil
	}
	late := overdue(tasks, age, time.Now())
	if len(late) == 0 {
		return nil
	}
	fmt.Fprintf(a.Err, "%s left for longer than allowed\n", cli.Plural(len(late), "task"))
	return cli.ExitWithoutMessage(cli.ExitPerson)
}

// tasks gathers what is left to people.
func tasks(ctx context.Context, v *session.Survey) ([]view.Task, error) {
	var work followup.Work
	for _, attempt := range v.Ledger.History().Retained() {
		work.Add(attempt)
	}
	loans, err := plan.FindLoans(ctx, v.Client, work.DraftLoans())
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool, len(loans))
	for id, loan := range loans {
		listed[id] = loan != nil
	}
	return work.Tasks(followup.Known{Plan: v.Plan, Listed: listed, Now: time.Now(), MayRun: mayRun(v.Session.Workspace)}), nil
}

// maskTasks returns tasks as programs may be told of them. Where the addresses by
// which journals are confirmed may not be shown, a mask stands for each.
func maskTasks(a *session.App, tasks []view.Task) []view.Task {
	masked := make([]view.Task, len(tasks))
	for i, t := range tasks {
		masked[i] = t.Masked(a.TellsPersonal())
	}
	return masked
}
