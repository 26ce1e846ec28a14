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

// A fileKind is a kind of file that a command writes to the path of a flag. An
// existing file is replaced only if it is of the same kind: any other may be the
// user's only copy.
type fileKind struct {
	name   string // with its article
	is     func(io.Reader) bool
	stream bool // written piece by piece, so that a pipe or a device is possible
}

// Kinds of files that commands write.
var (
	PlanFile    = fileKind{name: "a saved plan", is: isSavedPlan}
	SchemaFile  = fileKind{name: "a schema of kivaform", is: isOwnSchema}
	EventsFile  = fileKind{name: "a file of events", is: isEvents, stream: true}
	profileFile = fileKind{name: "a profile", is: isProfile, stream: true}
)

// Check refuses an existing file of another kind; it accepts an empty one.
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
		return refuse("this is there already, and isn't " + k.name)
	}
	return nil
}

// Replace writes a file atomically, if Check accepts it.
func (k fileKind) Replace(c *Console, flag, file string, data []byte) error {
	if err := k.Check(c, flag, file); err != nil {
		return err
	}
	if err := renameio.WriteFile(file, data, 0o644); err != nil {
		return fmt.Errorf("%s: write %s: %w", flag, file, err)
	}
	return nil
}

// Open truncates or creates a file, if Check accepts it.
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

// isSavedPlan recognises saved plans of all versions.
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

// isEvents checks the first line only: an interrupted run may have written no
// other.
func isEvents(r io.Reader) bool {
	var e struct {
		Type          string `json:"type"`
		FormatVersion int    `json:"format_version"`
		Command       string `json:"command"`
	}
	return json.NewDecoder(r).Decode(&e) == nil && e.Type == "start" && e.FormatVersion > 0 && e.Command != ""
}

// isProfile recognises Go's compressed profiles and execution traces.
func isProfile(r io.Reader) bool {
	head, _ := bufio.NewReader(r).Peek(4)
	return strings.HasPrefix(string(head), "\x1f\x8b") || string(head) == "go 1"
}
