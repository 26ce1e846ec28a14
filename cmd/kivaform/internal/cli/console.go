// Package cli is a command's access to the machine and to its user: streams that
// are safe for any text, colours, progress, questions, files named by flags, and
// the runners of pipelines. It knows nothing of loans.
package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"kivaform/kiva/hint"
)

// Streams are the standard streams, or a test's.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// A Console is one run's access to the outside: its streams, its environment
// variables, and the flags common to all commands.
type Console struct {
	Streams
	Getenv      func(string) string
	Begun       time.Time
	Dir         string
	Environment string
	Color       string
	Personal    string
	Verbose     bool
	annotations []Annotation
}

// TerminalWidth returns a stream's width; ok is false if it isn't a terminal.
func TerminalWidth(w any) (width int, ok bool) {
	f, isFile := UnwrapStream(w).(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

// HasPerson reports whether a person can have typed an interrupt: the standard
// input is a terminal, or the program belongs to one.
func HasPerson(in *os.File) bool {
	if _, ok := TerminalWidth(in); ok {
		return true
	}
	f, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// Check refuses invalid values of the common flags.
func (c *Console) Check() error {
	var errs []error
	if info, err := os.Stat(c.Dir); err == nil && !info.IsDir() {
		return WithCode(ExitInvalid, hint.With(fmt.Errorf("-C %s: this is a file", c.Dir), "name the workspace, the folder of kiva.yaml"))
	}
	if c.Color != "auto" && c.Color != "always" && c.Color != "never" {
		errs = append(errs, fmt.Errorf("--color is auto, always or never, not %q", c.Color))
	}
	if c.Personal != "auto" && c.Personal != "show" && c.Personal != "mask" {
		errs = append(errs, fmt.Errorf("--personal is auto, show or mask, not %q", c.Personal))
	}
	if err := errors.Join(errs...); err != nil {
		return WithCode(ExitInvalid, err)
	}
	return nil
}

// Colored reports whether to colour a stream.
func (c *Console) Colored(w io.Writer) bool {
	switch c.Color {
	case "always":
		return true
	case "never":
		return false
	}
	_, ok := TerminalWidth(w)
	return ok && c.Getenv("NO_COLOR") == "" && c.Getenv("TERM") != "dumb"
}

// ShowsPersonal reports whether text for people includes personal data.
func (c *Console) ShowsPersonal(w io.Writer) bool {
	_, ok := TerminalWidth(w)
	return c.TellsPersonal() || c.Personal == "auto" && ok
}

// TellsPersonal reports whether any other format, for programs or as a page,
// includes personal data. A terminal doesn't change that: such output is made to
// be passed on.
func (c *Console) TellsPersonal() bool { return c.Personal == "show" }

// Variable returns the value of NAME, or the content of the file that NAME_FILE
// names.
func (c *Console) Variable(name string) (string, error) {
	if value := c.Getenv(name); value != "" {
		return value, nil
	}
	file := c.Getenv(name + "_FILE")
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// WriteJSON prints a value as indented JSON on the standard output.
func (c *Console) WriteJSON(v any) error { return encodeJSON(AsJSON(c.Out), v) }

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// OrDash returns a text, or a dash for none.
func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Because returns a message after a colon, or nothing for none.
func Because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}

// Plural formats a count with its noun: "1 draft", "2 drafts".
func Plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// NewTable returns a writer of columns, separated by tabs, to the standard output.
func (c *Console) NewTable() *tabwriter.Writer { return tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0) }
