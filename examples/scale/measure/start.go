package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// start measures the shortest runs of kivaform, in processor time, against the
// start of a Go program that does nothing.
func (b *bench) start(ctx context.Context) error {
	quickstart, err := b.quickstart(ctx)
	if err != nil {
		return err
	}
	trials := []trial{
		{name: "a program that does nothing", run: func(ctx context.Context) (sample, error) {
			return run(exec.CommandContext(ctx, b.program("floor"), "nothing", "."), regexp.MustCompile("^0"))
		}},
		{name: "kivaform version", bound: 4, run: func(ctx context.Context) (sample, error) {
			return run(b.command(ctx, "kivaform", []string{"version"}), regexp.MustCompile("^kivaform "))
		}},
		{name: "plan of the quickstart", bound: 8, run: func(ctx context.Context) (sample, error) {
			return run(b.command(ctx, "kivaform", []string{"-C", quickstart, "plan"}, "HOME="+b.dir), regexp.MustCompile("to send"))
		}},
	}
	medians, err := b.rounds(ctx, trials)
	if err != nil {
		return err
	}
	floor := medians[0]
	b.startTime = medians[1].wall
	for i, t := range trials[1:] {
		if got := medians[i+1]; b.only.MatchString(t.name) {
			b.rows = append(b.rows, row{
				what: t.name, against: trials[0].name, unit: processor,
				base: floor.cpu.Seconds(), got: got.cpu.Seconds(), bound: t.bound, sample: got, floor: floor,
			})
		}
	}
	return nil
}

// quickstart copies the example as it is in git.
func (b *bench) quickstart(ctx context.Context) (string, error) {
	module, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(b.dir, "quickstart")
	if err := os.RemoveAll(dir); err != nil { // an earlier try's
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(strings.TrimSpace(string(module)), "examples", "quickstart"))); err != nil {
		return "", err
	}
	return dir, os.RemoveAll(filepath.Join(dir, ".kivaform"))
}
