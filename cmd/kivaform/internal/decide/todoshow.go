package decide

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan/view"
	"kivaform/spec"
)

// printTasks lists what is left, kind by kind.
func printTasks(a *session.App, tasks []view.Task) {
	if len(tasks) == 0 {
		fmt.Fprintln(a.Out, "Nothing is left to do in PA2.")
		return
	}
	first := true
	for _, kind := range view.TaskKinds {
		of := tasksOf(tasks, kind)
		if len(of) == 0 {
			continue
		}
		if !first {
			fmt.Fprintln(a.Out)
		}
		first = false
		fmt.Fprintln(a.Out, taskTitles[kind])
		for _, t := range of {
			fmt.Fprintf(a.Out, "  %s  %s%s\n", t.Address, spec.Harmless(t.What), taskAge(t))
			if then := then(a, t); then != "" {
				fmt.Fprintf(a.Out, "    then: %s\n", spec.Harmless(then))
			}
			if tellsURL(t) {
				fmt.Fprintf(a.Out, "    %s\n", spec.Harmless(session.SecretURL(t.ConfirmURL, a.ShowsPersonal(a.Out))))
			}
		}
	}
}

// then is what to say when a task is done, where each has its own command.
func then(a *session.App, t view.Task) string {
	if t.Kind != view.TaskResolve {
		return ""
	}
	return a.DecideBy(t.Address) + ", or " + session.OrAbsent
}

// tellsURL reports whether Kiva's address is told, or that it gave none.
func tellsURL(t view.Task) bool { return t.Kind == view.TaskConfirm && !t.NoReceipt }

// taskAge says since when a task waits, where its text doesn't.
func taskAge(t view.Task) string {
	if t.Since == nil || t.Kind == view.TaskResolve || t.Kind == view.TaskCorrect || t.NoReceipt {
		return ""
	}
	return ", since " + t.Since.UTC().Format(time.DateOnly)
}

func tasksOf(tasks []view.Task, kind string) []view.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t view.Task) bool { return t.Kind != kind })
}

// markdownTasks lists what is left as a checklist, for an issue or a message.
func markdownTasks(a *session.App, tasks []view.Task) {
	if len(tasks) == 0 {
		fmt.Fprintln(a.Out, "Nothing is left to do in PA2.")
		return
	}
	for _, kind := range view.TaskKinds {
		of := tasksOf(tasks, kind)
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(a.Out, "### %s\n\n", taskTitles[kind])
		for _, t := range of {
			fmt.Fprintf(a.Out, "- [ ] %s %s%s", codeSpan(string(t.Address)), plainMarkdown(t.What), taskAge(t))
			if then := then(a, t); then != "" {
				fmt.Fprintf(a.Out, "; then: %s", codeSpan(then))
			}
			if tellsURL(t) {
				fmt.Fprintf(a.Out, ": %s", plainMarkdown(session.SecretURL(t.ConfirmURL, a.TellsPersonal())))
			}
			fmt.Fprintln(a.Out)
		}
		fmt.Fprintln(a.Out)
	}
}

// codeSpan quotes an address, which may hold any character but white space, as
// code.
func codeSpan(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// plainMarkdown keeps a text from meaning anything to Markdown or HTML.
func plainMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>#|&!~", r) {
			b.WriteByte('\\')
		}
		if r == '\n' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// parseAge reads a time such as 7d, 36h or 1d12h.
func parseAge(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	}
	n, err := strconv.Atoi(days)
	var more time.Duration
	if err == nil && rest != "" {
		more, err = time.ParseDuration(rest)
	}
	age := time.Duration(n)*24*time.Hour + more
	if err != nil || n < 0 || n > 36500 || age <= 0 {
		return 0, fmt.Errorf("--fail-older-than is a time such as 7d or 36h, not %q", s)
	}
	return age, nil
}

// overdue returns the tasks that have waited longer than allowed.
func overdue(tasks []view.Task, age time.Duration, now time.Time) []view.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t view.Task) bool { return t.Since == nil || now.Sub(*t.Since) <= age })
}
