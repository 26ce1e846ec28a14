// Command soak applies many drafts to a sandbox that fails at random, kills
// the program again and again, decides what is unknown by the sandbox's record,
// and ends with 1 where a draft was lost or came twice, or where memory grows
// with what is sent.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	o := options{out: os.Stdout}
	flag.IntVar(&o.drafts, "drafts", 100_000, "loan drafts")
	flag.IntVar(&o.kills, "kills", 20, "how often the program is killed")
	flag.Uint64Var(&o.seed, "seed", 1, "what the random choices begin with")
	flag.Parse()
	if flag.NArg() > 0 || o.drafts < 1 || o.kills < 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := inFolder(func(dir string) error { return run(ctx, dir, o) })
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func inFolder(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "kivaform-soak-")
	if err != nil {
		return err
	}
	return errors.Join(do(dir), os.RemoveAll(dir))
}

// build makes the program in a folder.
func build(ctx context.Context, dir string) (program string, err error) {
	program = filepath.Join(dir, "kivaform")
	c := exec.CommandContext(ctx, "go", "build", "-o", program, "kivaform/cmd/kivaform")
	c.Stderr = os.Stderr
	return program, c.Run()
}
