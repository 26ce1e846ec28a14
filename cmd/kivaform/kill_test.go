package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/plan"
)

// long reports whether the proofs run in full.
func long() bool { return os.Getenv("KIVAFORM_LONG") != "" }

// A killTally counts over all kills.
type killTally struct{ kills, survived, exists, absent, again, leftovers atomic.Int64 }

func (c *killTally) String() string {
	return fmt.Sprintf("%d runs killed, %d had ended before; unknown resolved as existing %d, as absent %d; %d runs afterwards; %d unfinished files left behind",
		c.kills.Load(), c.survived.Load(), c.exists.Load(), c.absent.Load(), c.again.Load(), c.leftovers.Load())
}

// The program is killed at random moments. A person decides what is unknown,
// others apply again until all is done, and Kiva has each item once.
func TestKillMatrix(t *testing.T) {
	t.Parallel()
	n := 15
	if long() {
		n = 220 // of which 200 and more are killed before they end by themselves
	}
	c := new(killTally)
	requests := requestsOfARun(t)
	repeat(t, n, func(ctx context.Context, dir string, i int) error {
		random := rand.New(rand.NewPCG(4, uint64(i)))
		m := moment{request: i * (requests + 1) / n, delay: time.Duration(random.IntN(8000)) * time.Microsecond}
		if err := kill(ctx, c, dir, i, m); err != nil {
			return fmt.Errorf("killed %s after request %d of %d: %w", m.delay, m.request, requests, err)
		}
		return nil
	})
	t.Log(c)
	if c.kills.Load() < int64(n)*2/3 || c.exists.Load()+c.absent.Load() == 0 {
		t.Error("too few runs were killed at a moment that mattered")
	}
}

// A moment is some time after a request has come to the sandbox, or after the
// program's start for request 0. However slow the machine is, moments that
// follow from each other's requests are spread over the whole run.
type moment struct {
	request int
	delay   time.Duration
}

// repeat does n trials, two at a time, each in a folder of its own.
func repeat(t *testing.T, n int, do func(ctx context.Context, dir string, i int) error) {
	t.Helper()
	g := new(errgroup.Group)
	g.SetLimit(2)
	for i := range n {
		dir := t.TempDir()
		g.Go(func() error {
			if err := do(t.Context(), dir, i); err != nil {
				t.Errorf("trial %d: %v", i, err)
			}
			return nil
		})
	}
	g.Wait()
}

// requestsOfARun returns how many requests a run makes that nobody disturbs.
func requestsOfARun(t *testing.T) int {
	t.Helper()
	m, err := newMonth(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	e, err := end(m.applyCommand(t.Context()))
	if err != nil || e.code != cli.ExitDone || !strings.Contains(e.out, fmt.Sprintf("\nsent %d\n", monthItems)) {
		t.Fatalf("%v, %s", err, e)
	}
	requests := m.web.Requests()
	if err := m.verdict(t.Context()); err != nil {
		t.Fatal(err)
	}
	return requests
}

func kill(ctx context.Context, c *killTally, dir string, i int, when moment) error {
	m, err := newMonth(dir)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.killed(ctx, c, when); err != nil {
		return err
	}
	if i%2 == 0 { // somebody applies before anybody has looked
		if err := m.applyAround(ctx, c); err != nil {
			return err
		}
	}
	if err := m.decideAll(ctx, c); err != nil {
		return err
	}
	c.again.Add(1)
	if e, err := end(m.applyCommand(ctx)); err != nil || e.code != cli.ExitDone {
		return fmt.Errorf("the last run: %v, %s", err, e)
	}
	return m.verdict(ctx)
}

// killed begins a run and kills it.
func (m *month) killed(ctx context.Context, c *killTally, when moment) error {
	run := m.applyCommand(ctx)
	if err := run.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	for m.web.Requests() < when.request && len(ended) == 0 {
		time.Sleep(100 * time.Microsecond)
	}
	time.Sleep(when.delay)
	run.Process.Kill()
	err := <-ended
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) && !exited.Exited() {
		c.kills.Add(1)
	} else if err == nil {
		c.survived.Add(1)
	} else {
		return fmt.Errorf("the run ended by itself: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(m.dir, "ledger", "pilot", "*", "*", ".tmp-*"))
	c.leftovers.Add(int64(len(left)))
	return err
}

// applyAround applies while something is unknown: that isn't sent, all else is.
func (m *month) applyAround(ctx context.Context, c *killTally) error {
	unknown, err := m.unknown(ctx)
	if err != nil {
		return err
	}
	before, err := m.web.Accepted()
	if err != nil {
		return err
	}
	c.again.Add(1)
	e, err := end(m.applyCommand(ctx))
	if want := map[bool]int{true: cli.ExitDone, false: cli.ExitPerson}[len(unknown) == 0]; err != nil || e.code != want {
		return fmt.Errorf("%d attempts are unknown: %v, %s", len(unknown), err, e)
	}
	after, err := m.web.Accepted()
	if err != nil {
		return err
	}
	for _, attempt := range unknown {
		for _, a := range m.itemsOf(attempt.Intent) {
			if len(after[a]) != len(before[a]) {
				return fmt.Errorf("%s was sent while it was unknown", a)
			}
		}
	}
	return nil
}

func (m *month) unknown(ctx context.Context) ([]*ledger.Attempt, error) {
	attempts, err := m.attempts(ctx)
	var unknown []*ledger.Attempt
	for _, a := range attempts {
		if a.Outcome() == plan.OutcomeUnknown {
			unknown = append(unknown, a)
		}
	}
	return unknown, err
}

// decideAll resolves what is unknown as a person does who looks into PA2.
func (m *month) decideAll(ctx context.Context, c *killTally) error {
	unknown, err := m.unknown(ctx)
	if err != nil || len(unknown) == 0 {
		return err
	}
	record, err := m.web.Accepted()
	if err != nil {
		return err
	}
	var decisions []map[string]string
	for _, attempt := range unknown {
		items, there := m.itemsOf(attempt.Intent), 0
		for _, a := range items {
			there += min(1, len(record[a]))
		}
		decision := map[string]string{"address": string(attempt.Address()), "decision": "exists"}
		switch there {
		case len(items):
			c.exists.Add(1)
		case 0:
			c.absent.Add(1)
			decision["decision"], decision["reason"] = "absent", "not in PA2"
		default:
			return fmt.Errorf("%s: Kiva has %d of %d items", string(attempt.Address()), there, len(items))
		}
		decisions = append(decisions, decision)
	}
	data, err := yaml.Marshal(decisions)
	if err != nil {
		return err
	}
	file := filepath.Join(m.dir, "ledger", "decisions.txt") // no document of the workspace
	if err := os.WriteFile(file, data, 0o666); err != nil {
		return err
	}
	defer os.Remove(file)
	_, err = m.must(ctx, cli.ExitDone, "resolve", "--file", file, "--run-ended")
	return err
}
