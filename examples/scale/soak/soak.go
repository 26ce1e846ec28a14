package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"kivaform/examples/scale/workspace"
)

type options struct {
	drafts, kills int
	seed          uint64
	out           io.Writer
}

// A soak is a workspace whose drafts are applied again and again until all are
// at Kiva.
type soak struct {
	options
	program, dir string
	random       *rand.Rand
	kiva         *kiva
}

func run(ctx context.Context, dir string, o options) error {
	program, err := build(ctx, dir)
	if err != nil {
		return err
	}
	s := &soak{options: o, program: program, dir: filepath.Join(dir, "workspace"), random: rand.New(rand.NewPCG(o.seed, 0))}
	if s.kiva, err = serve(o.seed); err != nil {
		return err
	}
	defer s.kiva.Close()
	err = workspace.Write(s.dir, workspace.Options{Drafts: o.drafts, Each: 100, Seed: o.seed, Today: time.Now(), API: s.kiva.URL})
	if err != nil {
		return err
	}
	return errors.Join(s.untilDone(ctx), s.verdict(ctx))
}

// untilDone applies, and decides what is unknown, until an apply has nothing
// left to do.
func (s *soak) untilDone(ctx context.Context) error {
	moments := s.moments()
	fmt.Fprintf(s.out, "| run | ended | requests | MiB, by tenths of its requests | peak |\n|--:|---|--:|---|--:|\n")
	for n := 1; n <= 10*(s.kills+10); n++ {
		r, err := s.apply(ctx, moments)
		if err != nil {
			return fmt.Errorf("run %d: %w", n, err)
		}
		fmt.Fprintf(s.out, "| %d | %s |\n", n, r)
		if err := r.memory.flat(s.drafts / 10); err != nil {
			return fmt.Errorf("run %d: %w", n, err)
		}
		if r.killed {
			moments = moments[1:]
		}
		if r.done() {
			return nil
		}
		if err := s.decide(ctx); err != nil {
			return err
		}
	}
	return errors.New("the runs don't come to an end")
}

// moments are the numbers of requests after which the program is killed. The
// first run is left alone for half of the drafts, to see its memory.
func (s *soak) moments() []int {
	var all []int
	half := s.drafts / 2
	for i := range s.kills {
		all = append(all, half+min(i, 1)*s.random.IntN(s.drafts-half))
	}
	slices.Sort(all)
	return all
}

// verdict looks whether each draft was accepted once, and whether the ledger
// says the same.
func (s *soak) verdict(ctx context.Context) error {
	record, err := s.kiva.accepted()
	if err != nil {
		return err
	}
	var errs []error
	for i := range s.drafts {
		id := workspace.DraftLoanID(i)
		if record[id] != 1 {
			errs = append(errs, fmt.Errorf("%s was accepted %d times", id, record[id]))
		}
		delete(record, id)
	}
	if len(record) > 0 {
		errs = append(errs, fmt.Errorf("%d drafts were accepted that aren't in the files", len(record)))
	}
	errs = append(errs, s.must(ctx, "ledger", "verify"), s.must(ctx, "plan", "--detailed-exitcode"))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%d drafts, each accepted once; %d requests, %d of them made to fail.\n",
		s.drafts, s.kiva.requests.Load(), s.kiva.failed.Load())
	return nil
}
