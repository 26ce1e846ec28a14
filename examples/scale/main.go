// Command scale writes a workspace of any size, to see how kivaform does with
// it. The same flags write the same files; with -api, on the same day.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"kivaform/examples/scale/workspace"
)

func main() {
	var o workspace.Options
	flag.IntVar(&o.Drafts, "drafts", 10_000, "loan drafts")
	flag.IntVar(&o.Rows, "rows", 0, "rows of one repayment report")
	flag.IntVar(&o.Photos, "photos", 0, "drafts with a photo of about 2 MB")
	flag.IntVar(&o.Each, "each", 100, "drafts in a file")
	flag.Uint64Var(&o.Seed, "seed", 1, "what the random choices begin with")
	flag.StringVar(&o.API, "api", "", "the `address` of a stand-in for Kiva; the sandbox if empty")
	today := flag.String("today", "", "the `day` that the dates are right on; 2026-11-20 if empty, or with -api the machine's")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./examples/scale [flags] DIR")
		flag.PrintDefaults()
	}
	flag.Parse()
	switch {
	case *today == "" && o.API == "":
		*today = "2026-11-20"
	case *today == "":
		*today = time.Now().Format(time.DateOnly)
	}
	var err error
	if o.Today, err = time.Parse(time.DateOnly, *today); err == nil {
		err = o.Check()
	}
	if err != nil || flag.NArg() != 1 {
		if err != nil {
			fmt.Fprintln(os.Stderr, "scale:", err)
		}
		flag.Usage()
		os.Exit(2)
	}
	if err := workspace.Write(flag.Arg(0), o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}
