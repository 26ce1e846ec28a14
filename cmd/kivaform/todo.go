package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/message"
)

// A task is one thing that a person must do.
type task struct {
	Kind    string     `json:"kind"`
	Address string     `json:"address"`
	Items   int        `json:"items,omitempty"`
	URL     string     `json:"url,omitempty"`
	Since   *time.Time `json:"since,omitempty"`
	What    string     `json:"what"`

	where string // how to find in PA2 what no answer of Kiva's tells of; part of What
}

// then is what to say when a task is done, where each has its own command.
func (a *app) then(t task) string {
	if t.Kind != "resolve" {
		return ""
	}
	return a.decideBy(t.Address) + ", or " + orAbsent
}

// hasURL reports whether Kiva's address is told, or that it gave none.
func (t task) hasURL() bool { return t.Kind == "confirm" && t.where == "" }

// age says since when a task waits, where what it says doesn't.
func (t task) age() string {
	if t.Since == nil || t.Kind == "resolve" || t.Kind == "correct" || t.where != "" {
		return ""
	}
	return ", since " + t.Since.UTC().Format(time.DateOnly)
}

// The kinds of tasks, in the order in which they are listed.
var taskKinds = []struct{ kind, title string }{
	{"resolve", "Find out in PA2 whether Kiva has these (no answer is known)"},
	{"correct", "Correct in PA2 (changed after being sent)"},
	{"publish", "Complete and publish loan drafts"},
	{"confirm", "Read and publish journals (then: kivaform todo --done ADDRESS)"},
	{"finalise", "Finalise repayment reports (then: kivaform todo --done ADDRESS)"},
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
finalised: say so with --done. It takes a draft only where no document has it
any more: one that was deleted in PA2 and shall not be sent again.

Where files are faulty, it lists what the ledger and Kiva tell, then the faults,
and ends with 3.

With --fail-older-than it ends with 8 where anything has waited longer, so that
a pipeline can remind people.`,
		Example: `  kivaform todo
  kivaform todo --done journals/1 --done repayments/2026-11
  kivaform todo --markdown --fail-older-than 7d`,
		GroupID: groupDaily,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			age, err := f.check()
			if err != nil {
				return withCode(exitInvalid, err)
			}
			w, err := a.look(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			if len(f.done) > 0 {
				return w.markDone(cmd.Context(), f.done)
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

func (w *workspace) showTasks(tasks []task, f todoFlags) error {
	a := w.app
	switch {
	case f.asJSON:
		return a.writeJSON(a.maskURLs(tasks))
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
func (a *app) remind(tasks []task, age time.Duration) error {
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
func (v *survey) tasks(ctx context.Context) ([]task, error) {
	tasks, listed := edits(v.plan), make(map[plan.Address]bool)
	for _, item := range v.plan.Drafts {
		listed[item.Address()] = item.Loan != nil
	}
	var drafts []*ledger.Attempt
	reports := make(map[plan.Address]*task)
	for attempt, err := range v.ledger.Attempts(ctx) {
		if err != nil {
			return nil, err
		}
		if attempt.Outcome() == plan.OutcomeUnknown {
			t := v.resolveTask(attempt)
			if listed[attempt.Intent.Stream] {
				t.What += "; Kiva now lists a loan with this id: kivaform resolve --probe records that"
			}
			tasks = append(tasks, t)
		}
		if !leftToPeople(attempt) {
			continue
		}
		switch stream := attempt.Intent.Stream; stream.Kind() {
		case "loan_draft":
			drafts = addDraft(drafts, attempt)
		case "journals":
			tasks = append(tasks, confirmTasks(attempt)...)
		case "repayments":
			addFinalise(reports, attempt)
		}
	}
	publish, err := v.unpublished(ctx, drafts)
	if err != nil {
		return nil, err
	}
	tasks = append(tasks, publish...)
	for _, t := range reports {
		tasks = append(tasks, *t)
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return strings.Compare(a.Address, b.Address) })
	return tasks, nil
}

// edits are the items of a plan that were changed after they were sent.
func edits(p *plan.Plan) []task {
	var tasks []task
	for item := range p.Items() {
		if item.Action == plan.Edited {
			tasks = append(tasks, task{Kind: "correct", Address: string(item.Address()), What: inEnglish(item.Reason), Since: since(item.Last.At)})
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action == plan.Edited {
				tasks = append(tasks, task{Kind: "correct", Address: string(r.RowAddress(i)), What: inEnglish(row.Reason), Since: since(row.Last.At)})
			}
		}
	}
	return tasks
}

// inEnglish words a reason for commands that have one language.
func inEnglish(r plan.Reason) string { return message.English().Reason(r) }

// resolveTask is an attempt of which no answer is known. A batch is one task: it
// is looked for, and decided about, as a whole.
func (w *workspace) resolveTask(attempt *ledger.Attempt) task {
	in := attempt.Intent
	u := describeUnknown(attempt)
	t := task{Kind: "resolve", Address: u.Address, Items: len(in.Items) + len(in.Rows), Since: since(in.At), What: u.LookFor}
	if attempt.Result == nil && time.Since(in.At) < w.mayRun() {
		t.What += "; the run that sent it may still wait for the answer"
	}
	return t
}

func since(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// maskURLs takes out the addresses that let whoever has them publish, unless
// they may be shown.
func (a *app) maskURLs(tasks []task) []task {
	if a.tellsPersonal() {
		return tasks
	}
	masked := slices.Clone(tasks)
	for i := range masked {
		masked[i].URL = ""
	}
	return masked
}

func (a *app) writeJSON(v any) error { return encodeJSON(asIs(a.out), v) }

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
