package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// In a job of GitHub Actions the program prints annotations, which GitHub shows
// at the lines of a pull request, and a summary of the job. The runner reads
// commands from both streams (docs.github.com, "Workflow commands for GitHub
// Actions"); they go to the standard error, so that the output can be piped.

// maxAnnotations is the number of annotations of one kind in a step, beyond
// which GitHub drops them.
const maxAnnotations = 10

// An Annotation is a remark on a line of a file.
type Annotation struct {
	Level        string // error or warning
	File         string // relative to the workspace; empty if unknown
	Line, Column int    // 0 if unknown
	Title        string
	Message      string
}

// OnGitHub reports whether this is a job of GitHub Actions.
func (c *Console) OnGitHub() bool { return c.Getenv("GITHUB_ACTIONS") == "true" }

// Annotate keeps annotations until the command ends, when errors are printed
// first.
func (c *Console) Annotate(list ...Annotation) {
	if c.OnGitHub() {
		c.annotations = append(c.annotations, list...)
	}
}

// PrintAnnotations prints at most maxAnnotations annotations, and the number of
// others.
func (c *Console) PrintAnnotations() {
	list, out := c.annotations, asIs(c.Err)
	slices.SortStableFunc(list, func(x, y Annotation) int { return strings.Compare(x.Level, y.Level) })
	for _, one := range list[:min(len(list), maxAnnotations)] {
		fmt.Fprintln(out, one.runnerCommand(c.inRepository(one.File)))
	}
	if more := list[min(len(list), maxAnnotations):]; len(more) > 0 {
		errors := 0
		for _, one := range more {
			if one.Level == "error" {
				errors++
			}
		}
		fmt.Fprintf(out, "::notice title=kivaform::%s and %s more; kivaform validate lists the faults of all files\n",
			Plural(errors, "error"), Plural(len(more)-errors, "warning"))
	}
}

// runnerCommand returns the annotation as a command for the runner. file is
// empty if it isn't in the repository.
func (n Annotation) runnerCommand(file string) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+commandProperty.Replace(value)) }
	if file != "" {
		add("file", file)
		if n.Line > 0 {
			add("line", fmt.Sprint(n.Line))
		}
		if n.Column > 0 {
			add("col", fmt.Sprint(n.Column))
		}
	}
	add("title", n.Title)
	return fmt.Sprintf("::%s %s::%s", n.Level, strings.Join(properties, ","), commandData.Replace(n.Message))
}

// The runner's escapes for characters that would end a value.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// inRepository returns a file's path from the repository's root, or "" if it is
// outside.
func (c *Console) inRepository(file string) string {
	if file == "" {
		return ""
	}
	path, err := filepath.Abs(filepath.Join(c.Dir, filepath.FromSlash(file)))
	if err != nil {
		return ""
	}
	path, err = filepath.Rel(realPath(c.Getenv("GITHUB_WORKSPACE")), realPath(path))
	if err != nil || !filepath.IsLocal(path) {
		return ""
	}
	return filepath.ToSlash(path)
}

// realPath resolves links, if it can.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
