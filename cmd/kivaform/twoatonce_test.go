package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"kivaform/cmd/kivaform/internal/cli"
)

// Two and three processes apply one workspace with one ledger at the same time.
// Each item is accepted once, and the accounts add up.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	n := 5
	if long() {
		n = 50
	}
	var codes [256]atomic.Int32
	repeat(t, n, func(ctx context.Context, dir string, i int) error {
		endings, err := atOnce(ctx, dir, 2+i%2, rand.New(rand.NewPCG(5, uint64(i))))
		for _, e := range endings {
			codes[e.code&0xff].Add(1)
		}
		if err != nil {
			return fmt.Errorf("%w\n%v", err, endings)
		}
		return nil
	})
	for code := range codes {
		if n := codes[code].Load(); n > 0 {
			t.Logf("exit %d: %d processes", code, n)
		}
	}
}

func atOnce(ctx context.Context, dir string, processes int, random *rand.Rand) ([]ending, error) {
	m, err := newMonth(dir)
	if err != nil {
		return nil, err
	}
	defer m.close()
	endings := make([]ending, processes)
	g := new(errgroup.Group)
	for i := range endings {
		late := time.Duration(random.IntN(120)) * time.Millisecond
		g.Go(func() (err error) {
			time.Sleep(late)
			endings[i], err = end(m.applyCommand(ctx))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return endings, err
	}
	sent := 0
	for _, e := range endings {
		n, err := sentBy(e)
		if err != nil {
			return endings, err
		}
		sent += n
	}
	if sent != monthItems {
		return endings, fmt.Errorf("the accounts say that %d items were sent, not %d", sent, monthItems)
	}
	return endings, m.verdict(ctx)
}

var accountLine = regexp.MustCompile(`(?m)^(?:sent (\d+)(?:, taken \d+)?|taken \d+|Nothing to do\.|Nothing to send\. .*)$`)

// sentBy reads how many items a run says that it sent. A run that looks while a
// request of another is under way can't know how that will end, and says so by
// exitPerson; by itself no run leaves anything unknown, rejected or undone.
func sentBy(e ending) (int, error) {
	found := accountLine.FindStringSubmatch(e.out)
	if found == nil || e.code != cli.ExitDone && e.code != cli.ExitPartly && e.code != cli.ExitPerson {
		return 0, fmt.Errorf("want an account of what was sent or taken, got %s", e)
	}
	if found[1] == "" {
		return 0, nil
	}
	return strconv.Atoi(found[1])
}
