package apply_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
)

// long reports whether the proofs run in full.
func long() bool { return os.Getenv("KIVAFORM_LONG") != "" }

// The machine stops before or after a write to the ledger, or before or after
// a request: at each such step in turn. Others take over, a person decides
// what is unknown, and in the end Kiva has each item once.
func TestCrashMatrix(t *testing.T) {
	t.Parallel()
	steps := stepsOfARun(t)
	if want := 2 * (2 + 3*trialRequests); steps != want {
		t.Fatalf("a run has %d steps, want %d: an intent, a request and an outcome for each of %d requests, the ledger's first object and the run's mark", steps, want, trialRequests)
	}
	c := new(tally)
	all(t, steps, func(ctx context.Context, step int) error {
		return crash(ctx, c, 1, step)
	})
	t.Logf("%d steps: %s", steps, c)
	checkTally(t, c)
}

// The same with four requests under way at once, at random steps, and machines
// that stop again and again.
func TestCrashMatrixInParallel(t *testing.T) {
	t.Parallel()
	steps, n := 2*(1+3*trialRequests), 40
	if long() {
		n = 300
	}
	c := new(tally)
	all(t, n, func(ctx context.Context, i int) error {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		stops := make([]int, 1+random.IntN(4))
		for k := range stops {
			stops[k] = random.IntN(steps)
		}
		return crash(ctx, c, 4, stops...)
	})
	t.Log(c)
	checkTally(t, c)
}

// Many batches of one stream take their numbers side by side, without a race.
func TestBatchesSideBySide(t *testing.T) {
	w := newWorld(0, 60, 60)
	account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism, o.JournalBatch, o.RepaymentBatch = 8, 1, 1 })
	if got := w.kiva.sorted(); account.String() != "sent 120" || len(slices.Compact(got)) != 120 {
		t.Errorf("%s, received %d", account, len(got))
	}
}

// all does n trials, some at once, and reports each that fails.
func all(t *testing.T, n int, do func(ctx context.Context, i int) error) {
	t.Helper()
	const atOnce = 8
	g := new(errgroup.Group)
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error {
			if err := do(t.Context(), i); err != nil {
				t.Errorf("trial %d: %v", i, err)
			}
			return nil
		})
	}
	g.Wait()
}

// checkTally tells that every item was accepted once, and that the trials had
// something to prove.
func checkTally(t *testing.T, c *tally) {
	t.Helper()
	checkOnce(t, c)
	if c.exists.Load() == 0 || c.absent.Load() == 0 {
		t.Errorf("%s: nothing was ever unknown", c)
	}
}

// checkOnce tells that every item was accepted once.
func checkOnce(t *testing.T, c *tally) {
	t.Helper()
	if c.doubles.Load() != 0 || c.lost.Load() != 0 || c.sent.Load() != trialItems*c.trials.Load() {
		t.Errorf("%s; want %d items in each trial", c, trialItems)
	}
}

// stepsOfARun counts the steps of a run that nothing disturbs.
func stepsOfARun(t *testing.T) int {
	t.Helper()
	tr, err := newTrial(new(tally))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.web.Close()
	m := &machine{trial: tr, power: endless(), options: apply.Options{Parallelism: 1}}
	account, err := m.run(t.Context())
	if err != nil || account.String() != fmt.Sprintf("sent %d", trialItems) {
		t.Fatalf("%v, %v", account, err)
	}
	if err := tr.verdict(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m.power.taken
}

// crash does one trial with machines that stop after so many steps each.
func crash(ctx context.Context, c *tally, parallelism int, stops ...int) error {
	return crashOn(ctx, c, new(ledgertest.Memory), parallelism, stops...)
}

// crashOn does so with an empty ledger in a store.
func crashOn(ctx context.Context, c *tally, store ledger.Store, parallelism int, stops ...int) error {
	tr, err := newTrial(c)
	if err != nil {
		return err
	}
	defer tr.web.Close()
	tr.store.Store = store
	for _, stop := range stops {
		c.steps.Add(1)
		m := &machine{trial: tr, power: &power{left: stop}, options: apply.Options{Parallelism: parallelism}}
		if _, err := m.run(ctx); err != nil && !errors.Is(err, errPower) {
			return fmt.Errorf("stopped after %d: %w", stop, err)
		}
	}
	if err := tr.restart(ctx); err != nil {
		return fmt.Errorf("stopped after %d: %w", stops, err)
	}
	return tr.sentOnce()
}

// sentOnce tells that every item left once: this sandbox takes what arrives,
// so nobody had a reason to send anything a second time.
func (tr *trial) sentOnce() error {
	for a, n := range tr.sends {
		if n != 1 {
			return fmt.Errorf("%s left %d times", a, n)
		}
	}
	return nil
}
