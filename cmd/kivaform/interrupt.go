package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/send"
	"kivaform/cmd/kivaform/internal/session"
)

// secondAfter is how long after the first signal an interrupt can be a person's
// second one. Sooner it is the first that came twice: timeout(1) signals its
// command and then the group, and wrappers pass on what the terminal gave to all.
const secondAfter = 2 * time.Second

// interruptible returns a context that ends at the first signal to stop: nothing
// more is started, and what is under way is waited for.
func interruptible(parent context.Context, a *session.App) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	received := make(chan os.Signal, 8)
	signal.Notify(received, signalsToStop()...)
	onTerminal := func() bool { return cli.HasPerson(os.Stdin) }
	s := stopper{
		signals: received, now: time.Now, onTerminal: onTerminal,
		stop: func() {
			cancel()
			send.TellWaiting(a, onTerminal(), secondAfter)
		},
		end: func() {
			send.TellLeft(a)
			os.Exit(cli.ExitInterrupted)
		},
	}
	go s.run()
	return ctx, func() { signal.Stop(received); cancel() }
}

// signalsToStop returns the signals that end a run. A hang-up that the caller
// ignores, as nohup(1) does, stays ignored.
func signalsToStop() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// A stopper follows the signals that a run receives.
type stopper struct {
	signals    <-chan os.Signal
	now        func() time.Time
	onTerminal func() bool
	stop       func() // starts nothing more
	end        func() // ends the program at once
}

// run stops at the first signal. Only an interrupt that a person typed some time
// later ends at once: every other signal may be the first one again.
func (s stopper) run() {
	if _, more := <-s.signals; !more {
		return
	}
	s.stop()
	first := s.now()
	for received := range s.signals {
		if received == os.Interrupt && s.now().Sub(first) >= secondAfter && s.onTerminal() {
			s.end()
			return
		}
	}
}
