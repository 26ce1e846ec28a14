package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// In a job of GitHub Actions the program tells the runner what is wrong, so
// that it stands beside the lines of a pull request, and what was planned and
// done, for the summary of the job. The runner reads its commands from both
// streams (docs.github.com, "Workflow commands for GitHub Actions"); they go
// to the standard error, so that the output can go on into a program.

// maxAnnotations is how many annotations a step may have of one kind before
// GitHub drops the others.
const maxAnnotations = 10

// An Annotation is a remark on a line of a file.
type Annotation struct {
	Level        string // error or warning
	File         string // as the workspace names it, empty if unknown
	Line, Column int    // 0 if unknown
	Title        string
	Message      string
}

// OnGitHub reports whether a job of GitHub Actions runs the program.
func (c *Console) OnGitHub() bool { return c.Getenv("GITHUB_ACTIONS") == "true" }

// Annotate keeps what is to be said about lines until the command ends: then
// errors come first.
func (c *Console) Annotate(list ...Annotation) {
	if c.OnGitHub() {
		c.annotations = append(c.annotations, list...)
	}
}

// PrintAnnotations prints the annotations of a command, at most maxAnnotations,
// and how many more there are.
func (c *Console) PrintAnnotations() {
	list, out := c.annotations, asIs(c.Err)
	slices.SortStableFunc(list, func(x, y Annotation) int { return strings.Compare(x.Level, y.Level) })
	for _, one := range list[:min(len(list), maxAnnotations)] {
		fmt.Fprintln(out, one.command(c.inRepository(one.File)))
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

// command is the annotation as the runner reads it. The file is empty where it
// isn't in the repository.
func (n Annotation) command(file string) string {
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

// What the runner takes for the end of a value is written as it reads it back.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// inRepository returns a file of the workspace as GitHub names it, by its path
// from the root of the repository; "" where it isn't below that.
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

// realPath follows links; where it can't, it returns the path as it is.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
