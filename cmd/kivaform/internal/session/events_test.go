package session

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kivaform/plan/view"
)

// A file that can't be written to its end is an error, and stops nothing.
func TestEventsAreCut(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	e := events{streams: []*view.Stream{view.NewStream(file)}}
	e.Send(view.Stopping{Message: "the deadline has come"})
	if err := e.End(nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
