package apply_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply"
	"kivaform/kiva/sandbox"
	"kivaform/plan"
)

const (
	// hangAnswer is how long a machine waits where an answer never comes.
	hangAnswer = 2 * time.Second
	// noWait makes a run go away when Kiva asks to come back later.
	noWait = time.Millisecond
)

// outcomes says what the ledger must know of a request that met a fault once.
// A 401, and a 403 that names the token, get a new token and go through.
var outcomes = map[string]plan.Outcome{
	"refuse":         plan.OutcomeUnknown,
	"drop-before":    plan.OutcomeUnknown,
	"drop-after":     plan.OutcomeUnknown,
	"timeout-before": plan.OutcomeUnknown,
	"timeout-after":  plan.OutcomeUnknown,
	"truncate":       plan.OutcomeUnknown,
	"garbage":        plan.OutcomeUnknown,
	"empty":          plan.OutcomeUnknown,
	"slow":           plan.OutcomeUnknown, // slower than the machine waits
	"redirect":       plan.OutcomeUnknown,
	"redirect-after": plan.OutcomeUnknown,
	"500":            plan.OutcomeUnknown,
	"500-after":      plan.OutcomeUnknown,
	"502":            plan.OutcomeUnknown,
	"502-after":      plan.OutcomeUnknown,
	"503":            plan.OutcomeUnknown,
	"503-retry":      plan.OutcomeUnknown,
	"503-after":      plan.OutcomeUnknown,
	"cache-after":    plan.OutcomeUnknown,
	"504-after":      plan.OutcomeUnknown,
	"403-page":       plan.OutcomeUnknown,
	"403-after":      plan.OutcomeUnknown,
	"429":            plan.OutcomeNotSent,
	"400":            plan.OutcomeRejected,
	"401":            plan.OutcomeAccepted,
	"403":            plan.OutcomeRejected,
	"403-token":      plan.OutcomeAccepted,
	"404":            plan.OutcomeRejected,
	"405":            plan.OutcomeRejected,
	"413":            plan.OutcomeRejected,
	"415":            plan.OutcomeRejected,
	"422":            plan.OutcomeRejected,
}

// writes are the endpoints that create, with the requests that each gets.
var writes = []struct {
	endpoint string
	requests int
}{{"loan_draft", trialDrafts}, {"journals", 2}, {"repayments", 3}}

func kinds(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, line := range sandbox.Faults() {
		name := strings.Fields(line)[0]
		if outcomes[name] == "" {
			t.Fatalf("nothing says what becomes of a write that meets %s", name)
		}
		names = append(names, name)
	}
	return names
}

// hangs reports whether a machine must give up waiting to get over a fault.
func hangs(kind string) bool { return strings.HasPrefix(kind, "timeout") || kind == "slow" }

func answerTime(kinds ...string) time.Duration {
	if slices.ContainsFunc(kinds, hangs) {
		return hangAnswer
	}
	return 0
}

// Each way in which a write can end, at the first, a middle and the last
// request of each endpoint: the ledger knows of it what the fault allows to
// know, and in the end each item is at Kiva once.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	type fault struct {
		kind, endpoint string
		skip           int
	}
	var faults []fault
	for _, kind := range kinds(t) {
		for _, w := range writes {
			for _, skip := range slices.Compact([]int{0, w.requests / 2, w.requests - 1}) {
				faults = append(faults, fault{kind, w.endpoint, skip})
			}
		}
	}
	c := new(tally)
	all(t, len(faults), func(ctx context.Context, i int) error {
		f := faults[i]
		if err := faultyWrite(ctx, c, f.kind, f.endpoint, f.skip); err != nil {
			return fmt.Errorf("%s at %s after %d: %w", f.kind, f.endpoint, f.skip, err)
		}
		return nil
	})
	t.Logf("%d faults: %s", len(faults), c)
	checkTally(t, c)
}

func faultyWrite(ctx context.Context, c *tally, kind, endpoint string, skip int) error {
	tr, err := newTrial(c)
	if err != nil {
		return err
	}
	defer tr.web.Close()
	if err := tr.fail(fmt.Sprintf("%s:%s:1:%d", kind, endpoint, skip)); err != nil {
		return err
	}
	m := &machine{trial: tr, power: endless(), answer: answerTime(kind), options: apply.Options{Parallelism: 1, MaxWait: noWait}}
	account, err := m.run(ctx)
	if err != nil {
		return err
	}
	want := outcomes[kind]
	switch got, err := tr.outcome(ctx, m.call(endpoint, skip)); {
	case err != nil:
		return err
	case got != want:
		return fmt.Errorf("the ledger says %s, want %s; the run: %s", got, want, account)
	}
	wantStop := stops(want)
	if kind == "403" {
		wantStop = apply.StopUnauthorised
	}
	if account.Stop != wantStop {
		return fmt.Errorf("the run stopped by %q, want %q: %s", account.Stop, wantStop, account)
	}
	return tr.restart(ctx)
}

// stops says why a run starts nothing more after one request of an outcome.
func stops(o plan.Outcome) apply.Stop {
	switch o {
	case plan.OutcomeUnknown:
		return apply.StopUnknown
	case plan.OutcomeNotSent:
		return apply.StopBusy
	}
	return ""
}

func (tr *trial) fail(faults ...string) error {
	for _, s := range faults {
		f, err := sandbox.ParseFault(s)
		if err != nil {
			return err
		}
		tr.server.AddFault(f)
	}
	return nil
}

// call returns the nth request of the machine to an endpoint.
func (m *machine) call(endpoint string, n int) call {
	for _, c := range m.calls {
		if c.endpoint != endpoint {
			continue
		}
		if n == 0 {
			return c
		}
		n--
	}
	return call{}
}

// outcome returns what the ledger knows of the attempt that a request was.
func (tr *trial) outcome(ctx context.Context, c call) (plan.Outcome, error) {
	if len(c.items) == 0 {
		return "", errors.New("the request was never made")
	}
	for attempt, err := range tr.ledger().Attempts(ctx) {
		if err != nil {
			return "", err
		}
		if slices.Equal(itemsOf(attempt.Intent), c.items) {
			return attempt.Outcome(), nil
		}
	}
	return "", fmt.Errorf("the ledger knows nothing of %q", c.items)
}

// Where Kiva says when to come back, the same attempt waits as told and goes
// through: nothing is left for the next run.
func TestFaultMatrixWaits(t *testing.T) {
	t.Parallel()
	var faults []string
	for _, w := range writes {
		faults = append(faults, fmt.Sprintf("429:%s:1:%d", w.endpoint, w.requests/2))
	}
	c := new(tally)
	all(t, len(faults), func(ctx context.Context, i int) error {
		tr, err := newTrial(c)
		if err != nil {
			return err
		}
		defer tr.web.Close()
		if err := tr.fail(faults[i]); err != nil {
			return err
		}
		m := &machine{trial: tr, power: endless(), options: apply.Options{MaxWait: 10 * time.Second}}
		account, err := m.run(ctx)
		if err != nil || account.Count(apply.Sent) != trialItems || tr.waits != 1 {
			return fmt.Errorf("%s: %v, %v, waited %d times", faults[i], account, err, tr.waits)
		}
		return tr.verdict(ctx)
	})
	t.Log(c)
}

// Faults of what is only read change nothing at Kiva: a run either gets over
// them or ends before it has sent anything.
func TestFaultMatrixOfReads(t *testing.T) {
	t.Parallel()
	type fault struct{ kind, endpoint string }
	var faults []fault
	for _, kind := range kinds(t) {
		faults = append(faults, fault{kind, "token"}, fault{kind, "loans"})
	}
	c := new(tally)
	all(t, len(faults), func(ctx context.Context, i int) error {
		f := faults[i]
		tr, err := newTrial(c)
		if err != nil {
			return err
		}
		defer tr.web.Close()
		if err := tr.fail(fmt.Sprintf("%s:%s:1", f.kind, f.endpoint)); err != nil {
			return err
		}
		m := &machine{trial: tr, power: endless(), answer: answerTime(f.kind)}
		account, err := m.run(ctx)
		switch {
		case err != nil && (!errors.As(err, new(*readError)) || len(m.calls) > 0):
			return fmt.Errorf("%s at %s: %d requests left, %w", f.kind, f.endpoint, len(m.calls), err)
		case err == nil && account.Count(apply.Unknown) > 0 && !hangs(f.kind):
			return fmt.Errorf("%s at %s: %s", f.kind, f.endpoint, account)
		}
		if err := tr.restart(ctx); err != nil {
			return fmt.Errorf("%s at %s: %w", f.kind, f.endpoint, err)
		}
		return nil
	})
	t.Log(c)
	if c.lost.Load()+c.doubles.Load() != 0 {
		t.Error("see above")
	}
}

// Two faults in one run, of all kinds: at two endpoints, twice at the same, and
// at a write and the token that it needs anew.
func TestFaultMatrixOfPairs(t *testing.T) {
	t.Parallel()
	names := kinds(t)
	n := len(names) * len(names)
	order := rand.New(rand.NewPCG(2, 0)).Perm(n)
	if !long() {
		order = order[:100]
	}
	c := new(tally)
	all(t, len(order), func(ctx context.Context, i int) error {
		pair := order[i]
		first, second := names[pair/len(names)], names[pair%len(names)]
		return faultyPair(ctx, c, rand.New(rand.NewPCG(3, uint64(pair))), first, second)
	})
	t.Logf("%d pairs of %d: %s", len(order), n, c)
	checkTally(t, c)
}

func faultyPair(ctx context.Context, c *tally, random *rand.Rand, first, second string) error {
	tr, err := newTrial(c)
	if err != nil {
		return err
	}
	defer tr.web.Close()
	faults := []string{atRandom(random, first), atRandom(random, second)}
	if (first == "401" || first == "403-token") && random.IntN(2) == 0 {
		faults[1] = second + ":token:1:1" // when the refused token is renewed
	}
	if err := tr.fail(faults...); err != nil {
		return err
	}
	parallelism := 1 + 3*random.IntN(2)
	err = tr.finish(ctx, func() *machine {
		return &machine{trial: tr, power: endless(), answer: answerTime(first, second), options: apply.Options{
			Parallelism: parallelism, MaxWait: noWait, ContinueOnUnknown: random.IntN(2) == 0,
		}}
	})
	if err != nil {
		return fmt.Errorf("%q: %w", faults, err)
	}
	return nil
}

func atRandom(random *rand.Rand, kind string) string {
	w := writes[random.IntN(len(writes))]
	return fmt.Sprintf("%s:%s:%d:%d", kind, w.endpoint, 1+random.IntN(2), random.IntN(w.requests))
}

// Where nobody listens, nothing was sent: the run says so, and the next one
// sends everything.
func TestFaultMatrixNobodyListens(t *testing.T) {
	t.Parallel()
	c := new(tally)
	tr, err := newTrial(c)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.web.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	m := &machine{trial: tr, power: endless(), writesTo: "http://" + closed.Addr().String(), options: apply.Options{Parallelism: 1}}
	account, err := m.run(t.Context())
	if err != nil || account.Stop != apply.StopUnreachable || account.Count(apply.NotSent) != 1 || account.Count(apply.NotAttempted) != trialItems-1 {
		t.Fatalf("%v, %v", account, err)
	}
	if got, err := tr.outcome(t.Context(), m.call("loan_draft", 0)); err != nil || got != plan.OutcomeNotSent {
		t.Errorf("the ledger says %q, %v", got, err)
	}
	if err := tr.restart(t.Context()); err != nil {
		t.Error(err)
	}
}
