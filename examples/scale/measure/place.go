package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A place is a workspace, a stand-in for Kiva that it knows, and a folder for
// caches.
type place struct {
	bench   *bench
	size    []string                    // flags of the generator
	standin []string                    // flags of the stand-in
	ready   func(context.Context) error // completes the place, where it isn't nil

	dir, workspace, cache string
	api                   string // the stand-in's address
	stop                  func() error
	warm                  bool   // the last plan was of the files as they are
	original              []byte // of a file that is changed
	changes               int
	put                   int // folders aside
}

// open makes the place.
func (p *place) open(ctx context.Context) error {
	var err error
	if p.dir, err = os.MkdirTemp(p.bench.dir, "place-"); err != nil {
		return err
	}
	p.workspace, p.cache = filepath.Join(p.dir, "workspace"), filepath.Join(p.dir, "cache")
	fmt.Fprintln(p.bench.log, "workspace:", strings.Join(p.size, " "))
	if err := p.startStandin(ctx); err != nil {
		return fmt.Errorf("stand-in: %w", err)
	}
	generate := append(p.size, "-api", p.api, p.workspace)
	if _, err := run(exec.CommandContext(ctx, p.bench.program("scale"), generate...), anything); err != nil {
		return err
	}
	if err := p.quietly(ctx, "", "catalog", "pull"); err != nil || p.ready == nil {
		return err
	}
	return p.ready(ctx)
}

var anything = regexp.MustCompile("")

// quietly runs the program, and measures nothing.
func (p *place) quietly(ctx context.Context, says string, args ...string) error {
	s, err := run(p.kivaform(ctx, args...), regexp.MustCompile(says))
	fmt.Fprintf(p.bench.log, "kivaform %s: %s\n", strings.Join(args, " "), s)
	return err
}

func (p *place) startStandin(ctx context.Context) error {
	c := exec.CommandContext(ctx, p.bench.program("standin"), p.standin...)
	c.Stderr = p.bench.log
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		return err
	}
	p.stop = func() error { return errors.Join(in.Close(), c.Wait()) }
	line, err := bufio.NewReader(out).ReadString('\n')
	p.api = strings.TrimSpace(line)
	return err
}

// close leaves the files, as aside does.
func (p *place) close() error { return p.stop() }

// kivaform is a run of the program in the workspace.
func (p *place) kivaform(ctx context.Context, args ...string) *exec.Cmd {
	return p.bench.command(ctx, "kivaform", append([]string{"-C", p.workspace}, args...), "HOME="+p.dir, "XDG_CACHE_HOME="+p.cache)
}

// command runs a program on two processors.
func (b *bench) command(ctx context.Context, name string, args []string, env ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, b.program(name), args...)
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "GOMAXPROCS=2", "KIVA_CLIENT_ID=standin", "KIVA_CLIENT_SECRET=standin", "KIVAFORM_ALLOW_HOSTS=127.0.0.1"}, env...)
	return c
}

// floor reads a part of the workspace and nothing more: yaml, csv or hash.
func (p *place) floor(name, part string, n int) trial {
	return trial{name: name, run: func(ctx context.Context) (sample, error) {
		return run(p.bench.command(ctx, "floor", []string{part, p.workspace}), regexp.MustCompile(fmt.Sprintf("^%d\n", n)))
	}}
}

// runs is a trial of the program that must say something.
func (p *place) runs(t trial, says string, args ...string) trial {
	t.run = func(ctx context.Context) (sample, error) {
		return run(p.kivaform(ctx, args...), regexp.MustCompile(says))
	}
	return t
}
