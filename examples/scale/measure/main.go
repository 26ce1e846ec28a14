// Command measure holds kivaform against what any program would need for the
// same work on the same machine, and prints a Markdown table. It ends with 1
// where kivaform needs more than it may.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

// errShort says that a row of the table isn't met.
var errShort = errors.New("a row falls short")

func main() {
	b := &bench{log: os.Stderr, out: os.Stdout}
	flag.IntVar(&b.n, "n", 100_000, "the largest `number` of drafts; all else is in proportion")
	flag.IntVar(&b.runs, "runs", 5, "how often each thing is measured; medians count")
	small := flag.Bool("small", false, "2,000 drafts, and a row fails only where it is at twice its bound, three times in a row")
	only := flag.String("rows-only", "", "the rows whose names match a `regexp`, and what follows from them")
	flag.Parse()
	var err error
	if b.only, err = regexp.Compile(*only); err != nil || flag.NArg() > 0 || b.n < 1 || b.runs < 1 {
		fmt.Fprintln(os.Stderr, "measure: no such flags or arguments:", errors.Join(err, errors.New("see -help")))
		os.Exit(2)
	}
	b.slack, b.tries = 1, 1
	if *small {
		b.n, b.slack, b.tries = 2_000, 2, 3
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = b.measure(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// measure runs all scenes, and prints the table also where a row falls short.
func (b *bench) measure(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "kivaform-scale-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.build(ctx); err != nil {
		return err
	}
	return b.all(ctx, b.scenes())
}

// all runs scenes and prints their table. Where a row falls short they are run
// again, as often as may be: what is only the machine's fault passes.
func (b *bench) all(ctx context.Context, scenes []scene) error {
	for try := range b.tries {
		b.rows = nil
		for _, s := range scenes {
			if err := s(ctx); err != nil {
				return err
			}
		}
		if try > 0 {
			fmt.Fprintf(b.out, "\nOnce more, because a row fell short:\n\n")
		}
		fmt.Fprint(b.out, b.table())
		if !b.short() {
			return nil
		}
	}
	return errShort
}
