package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/followup"
	"kivaform/apply/ledger/history"
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

func (a *app) todoCommand() *cobra.Command {
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

Where files are faulty, it lists what the ledger and Kiva tell, then the faults,
and ends with 3.

With --fail-older-than it ends with 8 where anything has waited longer, so that
a pipeline can remind people.`,
		Example: `  kivaform todo
  kivaform todo --done journals/1 --done repayments/2026-11
  kivaform todo --markdown --fail-older-than 7d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			age, err := f.check()
			if err != nil {
				return withCode(exitInvalid, err)
			}
			claims := followup.NewClaims(f.done)
			whole := &history.Options{Retain: followup.LeftToPeople}
			if len(claims) > 0 {
				whole.Retain = claims.Concern
			}
			w, err := a.look(cmd.Context(), whole)
			if err != nil {
				return err
			}
			defer w.close()
			if len(claims) > 0 {
				return w.markDone(cmd.Context(), claims)
			}
			return w.todo(cmd.Context(), f, age)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.BoolVar(&f.markdown, "markdown", false, "print a checklist in Markdown")
	flags.StringVar(&f.olderThan, "fail-older-than", "", "end with 8 where anything has waited longer, as 7d or 36h")
	flags.StringArrayVar(&f.done, "done", nil, "say that journals were confirmed, or a report finalised; may be repeated")
	return c
}

// todo lists what is left to people, and after it the faults of the files.
func (w *workspace) todo(ctx context.Context, f todoFlags, age time.Duration) error {
	v, err := w.survey(ctx)
	if err != nil {
		return err
	}
	tasks, err := v.tasks(ctx)
	if err != nil {
		return v.failed(err)
	}
	if err := w.showTasks(tasks, f); err != nil {
		return err
	}
	late := w.app.remind(tasks, age)
	if v.faults != nil {
		v.noteGap("what was changed after it was sent isn't listed")
		return v.faults
	}
	return late
}

// todoFlags are the flags of todo.
type todoFlags struct {
	asJSON, markdown bool
	olderThan        string
	done             []string
}

// check returns the age from which on a task is overdue, 0 for none.
func (f todoFlags) check() (time.Duration, error) {
	if f.asJSON && f.markdown {
		return 0, errors.New("--json and --markdown exclude each other")
	}
	if f.olderThan == "" {
		return 0, nil
	}
	return parseAge(f.olderThan)
}

func (w *workspace) showTasks(tasks []view.Task, f todoFlags) error {
	a := w.app
	switch {
	case f.asJSON:
		return a.writeJSON(a.maskTasks(tasks))
	case f.markdown:
		a.markdownTasks(tasks)
	default:
		a.printTasks(tasks)
	}
	if !f.asJSON && w.env.sandbox() && len(tasks) > 0 {
		fmt.Fprintln(a.out, whereSandbox)
	}
	return nil
}

// remind ends with the code for people where a task is overdue.
func (a *app) remind(tasks []view.Task, age time.Duration) error {
	if age == 0 {
		return nil
	}
	late := overdue(tasks, age, time.Now())
	if len(late) == 0 {
		return nil
	}
	fmt.Fprintf(a.err, "%s left for longer than allowed\n", plural(len(late), "task"))
	return said(exitPerson)
}

// tasks gathers what is left to people.
func (v *survey) tasks(ctx context.Context) ([]view.Task, error) {
	var work followup.Work
	for _, attempt := range v.ledger.History().Retained() {
		work.Add(attempt)
	}
	loans, err := plan.FindLoans(ctx, v.client, work.DraftLoans())
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool, len(loans))
	for id, loan := range loans {
		listed[id] = loan != nil
	}
	return work.Tasks(followup.Known{Plan: v.plan, Listed: listed, Now: time.Now(), MayRun: v.mayRun()}), nil
}

// maskTasks returns tasks as programs may be told of them. Where the addresses by
// which journals are confirmed may not be shown, a mask stands for each.
func (a *app) maskTasks(tasks []view.Task) []view.Task {
	masked := make([]view.Task, len(tasks))
	for i, t := range tasks {
		masked[i] = t.Masked(a.tellsPersonal())
	}
	return masked
}
