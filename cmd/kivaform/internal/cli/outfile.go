package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/google/renameio/v2"

	"kivaform/kiva/hint"
)

// A fileKind is what a command writes into a file that a flag names. A file that
// is there already is replaced only if it is of that kind: any other may be all
// that somebody has.
type fileKind struct {
	what   string // with its article
	is     func(io.Reader) bool
	stream bool // is written bit by bit, so that a pipe or a device does as well
}

// The kinds of files that commands write.
var (
	PlanFile    = fileKind{what: "a saved plan", is: isSavedPlan}
	SchemaFile  = fileKind{what: "a schema of kivaform", is: isOwnSchema}
	EventsFile  = fileKind{what: "a file of events", is: isEvents, stream: true}
	profileFile = fileKind{what: "a profile", is: isProfile, stream: true}
)

// Check refuses a file that isn't of the kind. One that isn't there, or is empty,
// may be written.
func (k fileKind) Check(c *Console, flag, file string) error {
	refuse := func(what string) error {
		return WithCode(ExitInvalid, hint.With(fmt.Errorf("%s %s: %s: nothing was written", flag, file, what), "choose another name, or remove it first"))
	}
	if err := c.CheckStaysInClone(flag+" "+file, file); err != nil {
		return err
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return WithCode(ExitInvalid, fmt.Errorf("%s: %w", flag, err))
	case info.IsDir():
		return refuse("this is a folder")
	case !info.Mode().IsRegular() && k.stream, info.Mode().IsRegular() && info.Size() == 0:
		return nil
	case !info.Mode().IsRegular():
		return refuse("this is no file")
	}
	data, err := os.Open(file)
	if err != nil {
		return WithCode(ExitInvalid, fmt.Errorf("%s: %w", flag, err))
	}
	defer data.Close()
	if !k.is(data) {
		return refuse("this is there already, and isn't " + k.what)
	}
	return nil
}

// Replace writes a file as a whole, if it may be replaced.
func (k fileKind) Replace(c *Console, flag, file string, data []byte) error {
	if err := k.Check(c, flag, file); err != nil {
		return err
	}
	if err := renameio.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("%s: write %s: %w", flag, file, err)
	}
	return nil
}

// Open begins a file anew, if it may be replaced.
func (k fileKind) Open(c *Console, flag, file string) (*os.File, error) {
	if err := k.Check(c, flag, file); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, WithCode(ExitInvalid, fmt.Errorf("%s: %w", flag, err))
	}
	return f, nil
}

// isSavedPlan knows saved plans of all versions.
func isSavedPlan(r io.Reader) bool {
	var s struct {
		FormatVersion int    `json:"format_version"`
		ID            string `json:"id"`
		Digest        string `json:"digest"`
		Key           string `json:"key"`
	}
	return json.NewDecoder(r).Decode(&s) == nil && s.FormatVersion > 0 && s.ID != "" && s.Digest != "" && s.Key != ""
}

func isOwnSchema(r io.Reader) bool {
	var s struct {
		Schema string `json:"$schema"`
		Title  string `json:"title"`
	}
	return json.NewDecoder(r).Decode(&s) == nil && strings.Contains(s.Schema, "json-schema.org/") && strings.Contains(s.Title, "kivaform")
}

// isEvents looks at the first line alone: a run that was cut left no more.
func isEvents(r io.Reader) bool {
	var e struct {
		Type          string `json:"type"`
		FormatVersion int    `json:"format_version"`
		Command       string `json:"command"`
	}
	return json.NewDecoder(r).Decode(&e) == nil && e.Type == "start" && e.FormatVersion > 0 && e.Command != ""
}

// isProfile knows what Go writes: compressed profiles, and execution traces.
func isProfile(r io.Reader) bool {
	head, _ := bufio.NewReader(r).Peek(4)
	return strings.HasPrefix(string(head), "\x1f\x8b") || string(head) == "go 1"
}
