package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"kivaform/apply"
	"kivaform/plan"
)

// progress tells on the standard error what apply does: one line that moves on
// a terminal, a line for each request elsewhere.
type progress struct {
	w      io.Writer
	moving bool

	mu    sync.Mutex
	wrote bool
}

func newProgress(w io.Writer) *progress {
	_, moving := terminal(w)
	return &progress{w: w, moving: moving}
}

func (p *progress) notify(e apply.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case apply.Sending:
		if p.moving {
			p.move("sending %s, %d of %d done", e.Stream, e.Done, e.Total)
		}
	case apply.Finished:
		if p.moving {
			p.move("%d of %d done", e.Done, e.Total)
			return
		}
		p.line("%s: %s (%d of %d)%s", e.Stream, ended(e), e.Done, e.Total, because(e.Message))
	case apply.Pausing:
		p.line("%s: %s, waiting %s", e.Stream, e.Message, e.Wait)
	case apply.Stopping:
		p.line("%s", e.Message)
	}
}

func ended(e apply.Event) string {
	if e.Items > 1 {
		return fmt.Sprintf("%s %s", e.Outcome, plural(e.Items, "item"))
	}
	return string(e.Outcome)
}

func because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}

func (p *progress) move(format string, args ...any) {
	fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
	p.wrote = true
}

func (p *progress) line(format string, args ...any) {
	if p.wrote {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.wrote = false
	}
	fmt.Fprintf(p.w, format+"\n", args...)
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrote {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// account prints what a run did: the count of everything, then whatever went
// wrong beside the line that caused it, then what people must do.
func (a *app) account(acc *apply.Account) {
	fmt.Fprintln(a.out, acc)
	if acc.Stop != "" {
		fmt.Fprintf(a.out, "\nStopped early: %s\n", acc.StopMessage)
	}
	for _, part := range []struct {
		title   string
		outcome apply.Outcome
		next    string
	}{
		{"Unknown", apply.Unknown, "A person must find out in PA2 whether Kiva has these. Until then they are not sent again."},
		{"Rejected", apply.Rejected, "Kiva refused these. Mend the files and apply again; what was sent stays sent."},
		{"Taken", apply.Taken, "Another run has these. Plan again when it has ended."},
		{"Not sent", apply.NotSent, "These did not leave. The next apply tries again."},
		{"Not attempted", apply.NotAttempted, "These were not begun. The next apply goes on with them."},
	} {
		a.entries(part.title, part.next, acc.Failures, part.outcome)
	}
	a.entries("Kiva remarks", "These were taken; look at them in PA2.", acc.Warnings, apply.Sent)
	a.people(acc)
}

const manyEntries = 50

func (a *app) entries(title, next string, all []apply.Entry, o apply.Outcome) {
	shown := 0
	for _, e := range all {
		if e.Outcome != o {
			continue
		}
		if shown++; shown == 1 {
			fmt.Fprintf(a.out, "\n%s\n", title)
		}
		if shown <= manyEntries {
			fmt.Fprintf(a.out, "  %s  %s%s\n", e.Pos.Short(), e.Address, because(e.Message))
		}
	}
	if shown > manyEntries {
		fmt.Fprintf(a.out, "  and %d more\n", shown-manyEntries)
	}
	if shown > 0 {
		fmt.Fprintf(a.out, "  %s\n", next)
	}
}

// people says what must now be done by hand.
func (a *app) people(acc *apply.Account) {
	drafts := 0
	var lines, reports []string
	for _, r := range acc.Receipts {
		switch r.Kind {
		case "loan_draft":
			drafts += r.Items
		case "journal":
			for _, receipt := range r.Receipts {
				lines = append(lines, fmt.Sprintf("read and publish %s: %s", plural(r.Items, "journal"), a.secretURL(receipt.ConfirmURL)))
			}
		case "repayment":
			if name := string(r.Stream); len(reports) == 0 || reports[len(reports)-1] != name {
				reports = append(reports, name)
			}
		}
	}
	if drafts > 0 {
		lines = append([]string{"complete and publish " + plural(drafts, "loan draft")}, lines...)
	}
	for _, r := range reports {
		lines = append(lines, "finalise the repayment report "+strings.TrimPrefix(r, "repayments/"))
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(a.out, "\nWhat people must do now in PA2 (\"kivaform todo\" lists it again)")
	for _, l := range lines {
		fmt.Fprintln(a.out, "  "+l)
	}
}

// secretURL shows an address that lets whoever has it publish, on a terminal
// only.
func (a *app) secretURL(u string) string {
	switch {
	case u == "":
		return "Kiva gave no address; look under Journals"
	case a.showsPersonal(a.out):
		return u
	}
	return "its address is shown on a terminal, or with --personal=show"
}

// accountCode is the exit code of a run.
func accountCode(acc *apply.Account, c plan.Counts) int {
	undone := acc.Count(apply.Rejected) + acc.Count(apply.NotSent) + acc.Count(apply.NotAttempted) + acc.Count(apply.Taken)
	switch {
	case acc.Count(apply.Unknown) > 0:
		return exitPerson
	case acc.Stop == apply.StopInterrupted:
		return exitInterrupted
	case acc.StopErr != nil && unauthorised(acc.StopErr) && acc.Count(apply.Sent) == 0:
		return exitUnauthorised
	case undone > 0:
		return exitPartly
	}
	return personCode(c)
}

// personCode is the exit code where nothing went wrong.
func personCode(c plan.Counts) int {
	if c.Has(plan.Action.NeedsPerson) {
		return exitPerson
	}
	return exitDone
}
