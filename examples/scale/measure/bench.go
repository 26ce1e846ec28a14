package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// A bench measures, and gathers rows.
type bench struct {
	n     int     // the largest number of drafts
	runs  int     // of each trial
	slack float64 // by which each bound may be passed
	tries int     // of the whole, until no row falls short
	only  *regexp.Regexp
	log   io.Writer
	out   io.Writer // gets the table

	dir       string        // for programs and workspaces
	startTime time.Duration // of kivaform
	rows      []row
}

// A scene measures what belongs together.
type scene func(context.Context) error

func (b *bench) scenes() []scene {
	all := []scene{b.start}
	sizes := []int{1_000, b.n / 10, b.n}
	slices.Sort(sizes)
	for _, n := range slices.Compact(sizes) {
		all = append(all, b.drafts(n))
	}
	return append(all, b.growth, b.sent, b.report, b.applyDrafts, b.applyRows, b.photos)
}

// build makes the programs that are run.
func (b *bench) build(ctx context.Context) error {
	c := exec.CommandContext(ctx, "go", "build", "-o", b.dir+string(filepath.Separator),
		"kivaform/cmd/kivaform", "kivaform/examples/scale", "kivaform/examples/scale/floor", "kivaform/examples/scale/standin")
	c.Stdout, c.Stderr = b.log, b.log
	return c.Run()
}

func (b *bench) program(name string) string { return filepath.Join(b.dir, name) }

// A trial is one thing that is measured.
type trial struct {
	name   string
	bound  float64                     // how many times the floor it may take; 0 where nothing is asked
	limit  time.Duration               // what it may take, whatever the floor takes
	before func(context.Context) error // isn't measured
	run    func(context.Context) (sample, error)
}

// compare measures trials and what they are held against, in turns, and makes a
// row of each. It opens the place only where a row is wanted, and returns the
// medians by the trials' names.
func (b *bench) compare(ctx context.Context, p *place, floor trial, trials ...trial) (map[string]sample, error) {
	trials = slices.DeleteFunc(trials, func(t trial) bool { return !b.only.MatchString(t.name) })
	if len(trials) == 0 {
		return nil, nil
	}
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	defer p.close()
	medians, err := b.rounds(ctx, append([]trial{floor}, trials...))
	if err != nil {
		return nil, err
	}
	byName := make(map[string]sample)
	for i, t := range trials {
		m := medians[i+1]
		byName[t.name] = m
		b.rows = append(b.rows, rowOf(t, m, floor.name, medians[0]))
	}
	return byName, nil
}

// rounds runs trials one after the other, again and again, so that a slow
// minute of the machine is everybody's, and returns the median of each.
func (b *bench) rounds(ctx context.Context, trials []trial) ([]sample, error) {
	samples := make([][]sample, len(trials))
	for round := range b.runs {
		for i, t := range trials {
			s, err := t.once(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
			fmt.Fprintf(b.log, "%d of %d: %s: %s\n", round+1, b.runs, t.name, s)
			samples[i] = append(samples[i], s)
		}
	}
	medians := make([]sample, len(trials))
	for i := range samples {
		medians[i] = median(samples[i])
	}
	return medians, nil
}

func (t trial) once(ctx context.Context) (sample, error) {
	if t.before != nil {
		if err := t.before(ctx); err != nil {
			return sample{}, fmt.Errorf("before it: %w", err)
		}
	}
	return t.run(ctx)
}

// computed is a floor that needs no measuring.
func computed(name string, d time.Duration) trial {
	return trial{name: name, run: func(context.Context) (sample, error) { return sample{wall: d}, nil }}
}
