// Package apply carries out a plan: each item at most once, recording before
// and after.
//
// For each request an intent is stored in the ledger, the request is sent, and
// its outcome is stored. If the intent can't be stored, nothing is sent. If the
// outcome can't be stored, or isn't known, nothing more is started.
package apply

import (
	"context"
	"errors"
	"sync"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// Kiva takes what is sent. [*kiva.Client] does.
type Kiva interface {
	CreateLoanDraft(ctx context.Context, d kiva.LoanDraft) (kiva.DraftReceipt, error)
	PostJournals(ctx context.Context, journals []kiva.Journal) ([]kiva.JournalReceipt, error)
	PostRepayments(ctx context.Context, rows []kiva.Repayment) ([]kiva.RepaymentReceipt, error)
}

// Photos gives the bytes of photos. [*spec.Set] does.
type Photos interface {
	// DataURI returns what is sent of a photo. It fails where the file is no
	// longer the one that was planned.
	DataURI(image *spec.Image) (string, error)
}

// Options say how to apply. Kiva, Ledger and Run are needed.
type Options struct {
	Kiva   Kiva
	Photos Photos
	Ledger *ledger.Ledger

	Run     string // names this run in the ledger
	Program string // kivaform's version
	Commit  string // of the workspace; may be empty

	ResendReason string // of a person who had something sent again; may be empty

	// Parallelism is how many requests are under way at once; 4 if zero. From
	// 2 on, the intents of a few more are stored ahead, so that the network
	// needn't wait for the ledger. With 1, one thing is done after the other.
	Parallelism    int
	JournalBatch   int // journals in one request; 50 if zero
	RepaymentBatch int // rows in one upload, at most kiva.MaxRepayments; 250 if zero

	// ContinueOnUnknown goes on when the outcome of a request isn't known.
	ContinueOnUnknown bool
	// MaxWait bounds the waiting for a request that Kiva asks to send later;
	// 5 minutes if zero.
	MaxWait time.Duration

	// Notify is told of each step, one at a time. It may be nil.
	Notify func(Event)
	// InFlight has, during the run, the attempts that would stay unknown if the
	// program ended. It may be nil.
	InFlight *InFlight
}

const (
	defaultParallelism    = 4
	defaultJournalBatch   = 50
	defaultRepaymentBatch = 250
	defaultMaxWait        = 5 * time.Minute
)

func (o Options) withDefaults() Options {
	if o.Parallelism <= 0 {
		o.Parallelism = defaultParallelism
	}
	if o.JournalBatch <= 0 {
		o.JournalBatch = defaultJournalBatch
	}
	if o.RepaymentBatch <= 0 {
		o.RepaymentBatch = defaultRepaymentBatch
	}
	o.RepaymentBatch = min(o.RepaymentBatch, kiva.MaxRepayments)
	if o.MaxWait <= 0 {
		o.MaxWait = defaultMaxWait
	}
	if o.Notify == nil {
		o.Notify = func(Event) {}
	}
	if o.InFlight == nil {
		o.InFlight = new(InFlight)
	}
	return o
}

// An Event is one step of a run.
type Event struct {
	Kind    EventKind
	Address plan.Address // the draft's, the report's, or that of a batch of journals; of journals that weren't begun "journals"
	Items   int          // in the request
	Outcome Outcome      // of a Finished request
	Wait    time.Duration
	Message string
	Done    int // items that are through, of Total
	Total   int
}

// An EventKind says what an [Event] tells.
type EventKind int

// The kinds of events.
const (
	Sending  EventKind = iota // the intent is stored, the request goes out
	Finished                  // the request ended
	Pausing                   // Kiva asked to wait
	Stopping                  // nothing more is started; Message says why
)

// Run carries out what the plan says. When ctx is cancelled it starts nothing
// more and waits for what is under way. The error is only for what keeps a run
// from beginning; all that happened is in the account.
func Run(ctx context.Context, p *plan.Plan, o Options) (*Account, error) {
	o = o.withDefaults()
	r := &run{Options: o, limits: newPipelineLimits(o.Parallelism), account: new(Account), total: countItems(p)}
	if err := o.Ledger.Prepare(ctx); err != nil && r.mayStart(ctx) {
		return nil, err
	}
	queue := make(chan *job)
	var workers sync.WaitGroup
	for range min(r.limits.workers, r.total) {
		workers.Go(func() {
			for j := range queue {
				r.carryOut(ctx, j)
			}
		})
	}
	for j := range r.jobs(p) {
		queue <- j
	}
	close(queue)
	workers.Wait()
	r.mark(ctx)
	r.account.sort()
	return r.account, nil
}

// markTimeout bounds the storing of a run's mark.
const markTimeout = 30 * time.Second

// mark stores how far the ledger is. It need not succeed: the next run's mark names
// what this one began.
func (r *run) mark(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	_ = r.Ledger.Mark(ctx, r.Run)
}

// A run is one call of Run.
type run struct {
	Options
	limits pipelineLimits
	total  int

	mu      sync.Mutex // guards what follows, and calls of Notify
	account *Account
	done    int
	stopped bool
}

// stopBy starts nothing more. The first reason counts.
func (r *run) stopBy(why Stop, cause error, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	r.stopped = true
	if cause != nil {
		message += ": " + hint.Text(cause)
	}
	r.account.Stop, r.account.StopMessage, r.account.StopErr = why, message, cause
	r.Notify(Event{Kind: Stopping, Message: message, Done: r.done, Total: r.total})
}

func (r *run) mayStart(ctx context.Context) bool {
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		r.stopBy(StopDeadline, nil, "the deadline has come: nothing more is started")
	case ctx.Err() != nil:
		r.stopBy(StopInterrupted, nil, "interrupted: nothing more is started")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.stopped
}

func (r *run) notify(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Done, e.Total = r.done, r.total
	r.Notify(e)
}
