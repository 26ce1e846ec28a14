package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/spec"
)

// printTasks lists what is left, kind by kind.
func (a *app) printTasks(tasks []task) {
	if len(tasks) == 0 {
		fmt.Fprintln(a.out, "Nothing is left to do in PA2.")
		return
	}
	first := true
	for _, k := range taskKinds {
		of := tasksOf(tasks, k.kind)
		if len(of) == 0 {
			continue
		}
		if !first {
			fmt.Fprintln(a.out)
		}
		first = false
		fmt.Fprintln(a.out, k.title)
		for _, t := range of {
			fmt.Fprintf(a.out, "  %s  %s%s\n", t.Address, spec.Harmless(t.What), t.age())
			if then := a.then(t); then != "" {
				fmt.Fprintf(a.out, "    then: %s\n", spec.Harmless(then))
			}
			if t.hasURL() {
				fmt.Fprintf(a.out, "    %s\n", spec.Harmless(secretURL(t.URL, a.showsPersonal(a.out))))
			}
		}
	}
}

func tasksOf(tasks []task, kind string) []task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t task) bool { return t.Kind != kind })
}

// markdownTasks lists what is left as a checklist, for an issue or a message.
func (a *app) markdownTasks(tasks []task) {
	if len(tasks) == 0 {
		fmt.Fprintln(a.out, "Nothing is left to do in PA2.")
		return
	}
	for _, k := range taskKinds {
		of := tasksOf(tasks, k.kind)
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(a.out, "### %s\n\n", k.title)
		for _, t := range of {
			fmt.Fprintf(a.out, "- [ ] %s %s%s", codeSpan(t.Address), plainMarkdown(t.What), t.age())
			if then := a.then(t); then != "" {
				fmt.Fprintf(a.out, "; then: %s", codeSpan(then))
			}
			if t.hasURL() {
				fmt.Fprintf(a.out, ": %s", plainMarkdown(secretURL(t.URL, a.tellsPersonal())))
			}
			fmt.Fprintln(a.out)
		}
		fmt.Fprintln(a.out)
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
func overdue(tasks []task, age time.Duration, now time.Time) []task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t task) bool { return t.Since == nil || now.Sub(*t.Since) <= age })
}
