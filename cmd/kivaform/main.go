// Command kivaform plans and applies what a lending partner sends to Kiva:
// loan drafts, journals and repayment reports, described in YAML.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"kivaform/cmd/kivaform/internal/cli"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the program and returns its exit code.
func mainCode() int {
	cli.DelayCollection()
	ctx, stop := interruptible(context.Background())
	defer stop()
	return run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
}

// interruptible returns a context that ends at the first interrupt: nothing
// more is started, and what is under way is waited for. The second interrupt
// ends the program at once.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(cli.ExitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}
