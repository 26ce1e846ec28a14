// Command kivaform plans and applies what a lending partner sends to Kiva:
// loan drafts, journals and repayment reports, described in YAML.
package main

import (
	"context"
	"os"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the program and returns its exit code.
func mainCode() int {
	cli.DelayCollection()
	a := new(session.App)
	ctx, stop := interruptible(context.Background(), a)
	defer stop()
	return runApp(ctx, a, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
}
