package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/plan/view"
	"kivaform/spec"
)

// In a job of GitHub Actions the program tells the runner what is wrong, so
// that it stands beside the lines of a pull request, and what was planned and
// done, for the summary of the job. The runner reads its commands from both
// streams (docs.github.com, "Workflow commands for GitHub Actions"); they go
// to the standard error, so that the output can go on into a program.

// maxAnnotations is how many annotations a step may have of one kind before
// GitHub drops the others.
const maxAnnotations = 10

// An annotation is a remark on a line of a file.
type annotation struct {
	level   string // error or warning
	place   view.Place
	title   string
	message string
}

func (a *app) onGitHub() bool { return a.getenv("GITHUB_ACTIONS") == "true" }

// annotate keeps what is to be said about lines until the command ends: then
// errors come first.
func (a *app) annotate(list ...annotation) {
	if a.onGitHub() {
		a.annotations = append(a.annotations, list...)
	}
}

func faultAnnotations(list []*spec.Fault) []annotation {
	out := make([]annotation, len(list))
	for i, f := range list {
		v := view.NewFault(f)
		message := v.Message
		if v.Path != "" {
			message = v.Path + ": " + message
		}
		if v.Hint != "" {
			message += "; hint: " + v.Hint
		}
		out[i] = annotation{v.Severity, v.Place, "kivaform " + v.Code, message}
	}
	return out
}

// accountAnnotations say beside the lines of the files what wasn't sent.
func accountAnnotations(acc *view.Account) []annotation {
	var out []annotation
	for _, part := range acc.Parts() {
		for _, e := range part.Entries {
			level := "error"
			if e.Outcome == "sent" || e.Outcome == "not-attempted" {
				level = "warning"
			}
			out = append(out, annotation{level, e.Place, "kivaform: " + strings.ToLower(part.Title), string(e.Address) + because(e.Message)})
		}
	}
	return out
}

// endAnnotations prints the annotations of a command, at most maxAnnotations,
// and how many more there are.
func (a *app) endAnnotations(failed error) {
	faults := faultsOf(failed)
	a.annotate(faultAnnotations(faults)...)
	if message, remedy := explained(failed); len(faults) == 0 && message != "" {
		if remedy != "" {
			message += "; hint: " + remedy
		}
		a.annotate(annotation{level: "error", title: "kivaform", message: message})
	}
	list, out := a.annotations, asIs(a.err)
	slices.SortStableFunc(list, func(x, y annotation) int { return strings.Compare(x.level, y.level) })
	for _, one := range list[:min(len(list), maxAnnotations)] {
		fmt.Fprintln(out, one.command(a.inRepository(one.place.File)))
	}
	if more := list[min(len(list), maxAnnotations):]; len(more) > 0 {
		errors := 0
		for _, one := range more {
			if one.level == "error" {
				errors++
			}
		}
		fmt.Fprintf(out, "::notice title=kivaform::%s and %s more; kivaform validate lists the faults of all files\n",
			plural(errors, "error"), plural(len(more)-errors, "warning"))
	}
}

// command is the annotation as the runner reads it. The file is empty where it
// isn't in the repository.
func (n annotation) command(file string) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+commandProperty.Replace(value)) }
	if file != "" {
		add("file", file)
		if n.place.Line > 0 {
			add("line", fmt.Sprint(n.place.Line))
		}
		if n.place.Column > 0 {
			add("col", fmt.Sprint(n.place.Column))
		}
	}
	add("title", n.title)
	return fmt.Sprintf("::%s %s::%s", n.level, strings.Join(properties, ","), commandData.Replace(n.message))
}

// What the runner takes for the end of a value is written as it reads it back.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// inRepository returns a file of the workspace as GitHub names it, by its path
// from the root of the repository; "" where it isn't below that.
func (a *app) inRepository(file string) string {
	if file == "" {
		return ""
	}
	path, err := filepath.Abs(filepath.Join(a.dir, filepath.FromSlash(file)))
	if err != nil {
		return ""
	}
	path, err = filepath.Rel(realPath(a.getenv("GITHUB_WORKSPACE")), realPath(path))
	if err != nil || !filepath.IsLocal(path) {
		return ""
	}
	return filepath.ToSlash(path)
}

// realPath follows links; where it can't, it returns the path as it is.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
