package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"kivaform/apply"
	"kivaform/plan/view"
	"kivaform/spec"
)

// events are the streams into which a command writes what it does, for
// programs; none where nobody asked for any.
type events struct {
	streams []*view.Stream
	files   []*os.File
}

// openEvents begins the streams that a command's flags ask for. With --json
// the stream takes the place of everything that people would read on the
// standard output.
func (a *app) openEvents(command string, f eventFlags) error {
	if f.into != "" {
		file, err := eventsFile.open(&a.console, "--json-into", f.into)
		if err != nil {
			return err
		}
		a.events.files = append(a.events.files, file)
		a.events.streams = append(a.events.streams, view.NewStream(file))
	}
	if f.json {
		a.events.streams = append(a.events.streams, view.NewStream(asJSON(a.out)))
		a.out = io.Discard
	}
	a.events.send(view.Start{
		FormatVersion: view.FormatVersion, Program: programVersion(), Command: command, At: time.Now().UTC(),
	})
	return nil
}

// wanted reports whether anybody listens.
func (e *events) wanted() bool { return len(e.streams) > 0 }

func (e *events) send(list ...view.Event) {
	for _, s := range e.streams {
		s.Send(list...)
	}
}

// plan tells a plan; the view is made only if somebody listens.
func (e *events) plan(view func() *view.View, all bool) {
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
		e.send(view.NewFault(f))
	}
}

// step tells one step of apply.
func (e *events) step(s apply.Event) {
	switch s.Kind {
	case apply.Sending:
		e.send(view.Sending{Address: s.Address, Items: s.Items, Done: s.Done, Total: s.Total})
	case apply.Finished:
		e.send(view.Finished{Address: s.Address, Items: s.Items, Outcome: outcomeName(s.Outcome), Message: s.Message, Done: s.Done, Total: s.Total})
	case apply.Pausing:
		e.send(view.Pausing{Address: s.Address, Items: s.Items, Seconds: s.Wait.Seconds(), Message: s.Message})
	case apply.Stopping:
		e.send(view.Stopping{Message: s.Message})
	}
}

// end tells how the command ended. It returns what kept the streams from being
// whole.
func (e *events) end(failed error) error {
	if !e.wanted() {
		return nil
	}
	e.faults(faultsOf(failed))
	end := view.End{ExitCode: exitCode(failed), At: time.Now().UTC()}
	end.Error, end.Hint = explained(failed)
	e.send(end)
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

// eventFlags choose whether a command tells programs what it does.
type eventFlags struct {
	json bool
	into string
}

func (f *eventFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.json, "json", false, "print events for programs, a JSON object a line, in place of text")
	flags.StringVar(&f.into, "json-into", "", "write the same events into a file, beside the text; older events are replaced")
}
