package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"kivaform/kiva/hint"
)

// streams are the standard streams, or a test's.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// A console is what one run of the program reads and writes: its streams, its
// environment variables, and the flags that every command has.
type console struct {
	streams
	getenv      func(string) string
	begun       time.Time
	dir         string
	environment string
	color       string
	personal    string
	verbose     bool
	annotations []annotation
}

// terminal returns the width of a stream that is a terminal.
func terminal(w any) (width int, ok bool) {
	f, isFile := behind(w).(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

// check refuses values of the common flags that mean nothing.
func (c *console) check() error {
	var errs []error
	if info, err := os.Stat(c.dir); err == nil && !info.IsDir() {
		return withCode(exitInvalid, hint.With(fmt.Errorf("-C %s: this is a file", c.dir), "name the workspace, the folder of kiva.yaml"))
	}
	if c.color != "auto" && c.color != "always" && c.color != "never" {
		errs = append(errs, fmt.Errorf("--color is auto, always or never, not %q", c.color))
	}
	if c.personal != "auto" && c.personal != "show" && c.personal != "mask" {
		errs = append(errs, fmt.Errorf("--personal is auto, show or mask, not %q", c.personal))
	}
	if err := errors.Join(errs...); err != nil {
		return withCode(exitInvalid, err)
	}
	return nil
}

// colored reports whether a stream gets colours.
func (c *console) colored(w io.Writer) bool {
	switch c.color {
	case "always":
		return true
	case "never":
		return false
	}
	_, ok := terminal(w)
	return ok && c.getenv("NO_COLOR") == "" && c.getenv("TERM") != "dumb"
}

// showsPersonal reports whether a text for people gets personal data.
func (c *console) showsPersonal(w io.Writer) bool {
	_, ok := terminal(w)
	return c.tellsPersonal() || c.personal == "auto" && ok
}

// tellsPersonal reports whether any other format gets personal data: what
// programs read, and pages. Also on a terminal they don't unasked, because they
// are made to be passed on.
func (c *console) tellsPersonal() bool { return c.personal == "show" }

// variable reads NAME, or the file that NAME_FILE names.
func (c *console) variable(name string) (string, error) {
	if value := c.getenv(name); value != "" {
		return value, nil
	}
	file := c.getenv(name + "_FILE")
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

func (c *console) writeJSON(v any) error { return encodeJSON(asJSON(c.out), v) }

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
