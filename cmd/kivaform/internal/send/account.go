package send

import (
	"fmt"
	"io"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/spec"
)

// printAccount prints what a run did: the count of everything, then whatever went
// wrong beside the line that caused it, then what people must do. The sandbox
// tells whether Kiva is one.
func printAccount(a *session.App, acc *view.Account, summary string, sandbox bool) {
	w := a.Out
	fmt.Fprintln(w, summary)
	if acc.Stop != nil {
		fmt.Fprintf(w, "\nStopped early: %s\n", acc.Stop.Message)
	}
	for _, p := range acc.Parts() {
		part(w, p)
		if p.Undecided {
			settle(a, w, acc.Unanswered)
		}
	}
	people(a, w, acc.Todo, a.ShowsPersonal(a.Out), sandbox)
}

func part(w io.Writer, p view.Part) {
	fmt.Fprintf(w, "\n%s\n", p.Title)
	n := len(p.Entries)
	for _, e := range p.Entries[:min(n, session.ManyEntries)] {
		fmt.Fprintf(w, "  %s  %s%s\n", spec.Harmless(e.Place.Short()), spec.Harmless(string(e.Address)), spec.Harmless(cli.Because(e.Message)))
	}
	if n > session.ManyEntries {
		fmt.Fprintf(w, "  and %d more\n", n-session.ManyEntries)
	}
	fmt.Fprintf(w, "  %s\n", p.Next)
}

// people says what must now be done by hand.
func people(a *session.App, w io.Writer, tasks []view.Task, shown, sandbox bool) {
	if len(tasks) == 0 {
		return
	}
	fmt.Fprintf(w, "\nWhat people must do now in PA2 (%q lists it again)\n", a.Command("todo"))
	for _, t := range tasks {
		text := t.Text()
		if t.Kind == view.TaskConfirm {
			text += ": " + session.SecretURL(t.ConfirmURL, shown)
		}
		fmt.Fprintln(w, "  "+text)
	}
	if sandbox {
		fmt.Fprintln(w, session.WhereSandbox)
	}
}

// accountCode is the exit code of a run.
func accountCode(acc *apply.Account, c plan.Counts) int {
	undone := acc.Count(apply.Rejected) + acc.Count(apply.NotSent) + acc.Count(apply.NotAttempted) + acc.Count(apply.Taken)
	switch {
	case acc.Count(apply.Unknown) > 0:
		return cli.ExitPerson
	case acc.Stop == apply.StopInterrupted:
		return cli.ExitInterrupted
	case acc.StopErr != nil && session.Unauthorised(acc.StopErr) && acc.Count(apply.Sent) == 0:
		return cli.ExitUnauthorised
	case undone > 0:
		return cli.ExitPartly
	}
	return personCode(c)
}

// personCode is the exit code where nothing went wrong. What Kiva rejected before,
// and nobody has mended since, leaves a run partly done, as it did the run that
// sent it: a pipeline that goes on shall not turn green over it.
func personCode(c plan.Counts) int {
	switch {
	case c.Has(plan.Action.NeedsPerson):
		return cli.ExitPerson
	case c[plan.Rejected] > 0:
		return cli.ExitPartly
	}
	return cli.ExitDone
}
