package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/plan/view"
	"kivaform/spec"
)

// events are the streams into which a command writes what it does, for
// programs; none where nobody asked for any.
type events struct {
	streams []*view.Stream
	files   []*os.File
}

// OpenEvents begins the streams that a command's flags ask for. With --json
// the stream takes the place of everything that people would read on the
// standard output.
func (a *App) OpenEvents(command string, f EventFlags) error {
	if f.into != "" {
		file, err := cli.EventsFile.Open(&a.Console, "--json-into", f.into)
		if err != nil {
			return err
		}
		a.Events.files = append(a.Events.files, file)
		a.Events.streams = append(a.Events.streams, view.NewStream(file))
	}
	if f.Json {
		a.Events.streams = append(a.Events.streams, view.NewStream(cli.AsJSON(a.Out)))
		a.Out = io.Discard
	}
	a.Events.Send(view.Start{
		FormatVersion: view.FormatVersion, Program: cli.ProgramVersion(), Command: command, At: time.Now().UTC(),
	})
	return nil
}

// wanted reports whether anybody listens.
func (e *events) wanted() bool { return len(e.streams) > 0 }

// Send writes events to all streams.
func (e *events) Send(list ...view.Event) {
	for _, s := range e.streams {
		s.Send(list...)
	}
}

// Plan tells a plan; the view is made only if somebody listens.
func (e *events) Plan(view func() *view.View, all bool) {
	if !e.wanted() {
		return
	}
	v := view()
	for _, s := range e.streams {
		s.Plan(v, all)
	}
}

// faults tells what is wrong or odd in the files.
func (e *events) faults(list []*spec.Fault) {
	if !e.wanted() {
		return
	}
	for _, f := range list {
		e.Send(view.NewFault(f))
	}
}

// Step tells one step of apply.
func (e *events) Step(s apply.Event) {
	switch s.Kind {
	case apply.Sending:
		e.Send(view.Sending{Address: s.Address, Items: s.Items, Done: s.Done, Total: s.Total})
	case apply.Finished:
		e.Send(view.Finished{Address: s.Address, Items: s.Items, Outcome: OutcomeName(s.Outcome), Message: s.Message, Done: s.Done, Total: s.Total})
	case apply.Pausing:
		e.Send(view.Pausing{Address: s.Address, Items: s.Items, Seconds: s.Wait.Seconds(), Message: s.Message})
	case apply.Stopping:
		e.Send(view.Stopping{Message: s.Message})
	}
}

// End tells how the command ended. It returns what kept the streams from being
// whole.
func (e *events) End(failed error) error {
	if !e.wanted() {
		return nil
	}
	e.faults(FaultsOf(failed))
	end := view.End{ExitCode: ExitCode(failed), At: time.Now().UTC()}
	end.Error, end.Hint = explained(failed)
	e.Send(end)
	var errs []error
	for _, s := range e.streams {
		errs = append(errs, s.Err())
	}
	for _, f := range e.files {
		errs = append(errs, f.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write the events: %w", err)
	}
	return nil
}

// EventFlags choose whether a command tells programs what it does.
type EventFlags struct {
	Json bool
	into string
}

// Register adds the flags.
func (f *EventFlags) Register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.Json, "json", false, "print events for programs, a JSON object a line, in place of text")
	flags.StringVar(&f.into, "json-into", "", "write the same events into a file, beside the text; older events are replaced")
}
