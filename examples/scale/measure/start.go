package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// start measures how little a run can take, in processor time.
func (b *bench) start(ctx context.Context) error {
	quickstart, err := b.quickstart(ctx)
	if err != nil {
		return err
	}
	for _, t := range []trial{
		{name: "kivaform version", limit: 15 * time.Millisecond, run: func(ctx context.Context) (sample, error) {
			return run(b.command(ctx, "kivaform", []string{"version"}), regexp.MustCompile("^kivaform "))
		}},
		{name: "plan of the quickstart", limit: 60 * time.Millisecond, run: func(ctx context.Context) (sample, error) {
			return run(b.command(ctx, "kivaform", []string{"-C", quickstart, "plan"}, "HOME="+b.dir), regexp.MustCompile("to send"))
		}},
	} {
		if !b.only.MatchString(t.name) {
			continue
		}
		medians, err := b.rounds(ctx, []trial{t})
		if err != nil {
			return err
		}
		b.rows = append(b.rows, row{
			what: t.name, against: "the limit", unit: processor,
			base: t.limit.Seconds(), got: medians[0].cpu.Seconds(), bound: 1, sample: medians[0],
		})
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
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(strings.TrimSpace(string(module)), "examples", "quickstart"))); err != nil {
		return "", err
	}
	return dir, os.RemoveAll(filepath.Join(dir, ".kivaform"))
}
