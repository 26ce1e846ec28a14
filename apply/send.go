package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

const (
	recordTimeout = 30 * time.Second // for storing an outcome, also when interrupted
	reconnects    = 2                // more tries of a request of which no byte was written
	reconnectWait = 500 * time.Millisecond
	maxLate       = 3 // attempts of one request that were ready too late
)

// FreshFor is how long after its intent a request may still begin. A run that
// Kiva keeps waiting for longer ends the attempt as not sent and begins
// another, so that what a person decides about an old intent holds.
const FreshFor = 5 * time.Minute

// An answer is the result of sending a request.
type answer struct {
	result    ledger.Result // Kiva's, or, if its Outcome is set, ours
	err       error
	exchanges []ledger.Exchange
	again     bool          // another attempt shall follow
	pause     time.Duration // before that attempt
	withdrawn bool          // the run stopped before the request was sent
}

// carryOut takes one job through reserve, send, judge and record, and once more
// where another attempt may follow. The outcome is stored while the next request
// is under way.
func (r *run) carryOut(ctx context.Context, j *job) {
	r.limits.open.take()
	giveOpen := sync.OnceFunc(r.limits.open.give)
	defer giveOpen()

	request, ok := r.buildRequest(ctx, j)
	for ok {
		attempt, reserved := r.reserve(ctx, j)
		if !reserved {
			return
		}

		r.limits.sending.take()
		answer := r.send(ctx, j, request)
		result := r.judge(j, answer) // before another request takes the slot: it may stop the run
		r.limits.sending.give()

		if !answer.again {
			giveOpen()
			result = j.scrubbed(result)
		}
		if !r.record(ctx, j, attempt, result) {
			return
		}
		ok = answer.again && sleep(ctx, answer.pause)
		switch {
		case ok:
			j.follow(r.Ledger)
		case answer.withdrawn:
			r.enterAll(j, NotAttempted, "")
		default:
			r.enter(j, attempt, result)
		}
	}
}

// buildRequest builds the request, unless nothing more is started.
func (r *run) buildRequest(ctx context.Context, j *job) (sendFunc, bool) {
	if !r.mayStart(ctx) {
		r.enterAll(j, NotAttempted, "")
		return nil, false
	}
	r.limits.building.take()
	defer r.limits.building.give()
	request, err := j.prepare()
	if err != nil {
		r.enterAll(j, NotAttempted, hint.Text(err))
	}
	return request, err == nil
}

// reserve stores the intent, so that no other run sends these items. Where that
// fails it enters them into the account.
func (r *run) reserve(ctx context.Context, j *job) (*ledger.Attempt, bool) {
	j.intent.At = time.Now()
	attempt, err := r.Ledger.Begin(context.WithoutCancel(ctx), j.intent)
	if taken := (*ledger.TakenError)(nil); errors.As(err, &taken) {
		r.enterAll(j, Taken, "another run has it: "+taken.Error())
		return nil, false
	}
	if err != nil {
		r.stopBy(StopLedger, err, "the ledger can't be written, so nothing more is sent")
		r.enterAll(j, NotAttempted, hint.Text(err)+"; it wasn't sent, even if the next plan finds that it was begun")
		return nil, false
	}
	j.attempt = attempt
	r.InFlight.add(attempt.Address())
	return attempt, true
}

// errLate says that a request was ready after its intent had become too old: the
// token took long, or the machine slept.
var errLate = errors.New("it was ready too late")

// send sends the request, unless its intent has become too old or the run has
// stopped meanwhile. An adoption only records a loan of Kiva's.
func (r *run) send(ctx context.Context, j *job, request sendFunc) answer {
	switch {
	case j.intent.Recorded != "":
		result, err := request(ctx)
		return answer{result: result, err: err}
	case age(j.intent.At) > FreshFor:
		return answer{result: notSent("its turn came too late"), again: true}
	case !r.mayStart(ctx):
		return answer{result: notSent("the run stopped before it was sent"), withdrawn: true}
	}
	r.notify(Event{Kind: Sending, Address: j.address(), Items: len(j.targets)})
	return r.sendWithRetries(ctx, j, request)
}

func notSent(why string) ledger.Result {
	return ledger.Result{Outcome: plan.OutcomeNotSent, Message: why}
}

// sendWithRetries sends the request. It sends the same attempt again only where
// no byte of it was written, or where Kiva throttled it and said when to come
// back. Where that is too late for this attempt, another shall follow after a
// pause. A request under way isn't cancelled by an interrupt.
func (r *run) sendWithRetries(ctx context.Context, j *job, request sendFunc) (a answer) {
	var exchanges []ledger.Exchange
	defer func() { a.exchanges = exchanges }()
	fresh := kiva.BeginOnlyIf(context.WithoutCancel(ctx), func() error {
		if age(j.intent.At) > FreshFor {
			return errLate
		}
		return nil
	})
	fresh = kiva.TellExchanges(fresh, func(e kiva.Exchange) {
		exchanges = append(exchanges, ledger.Exchange{At: e.At.UTC(), Status: e.Status, RetryAfter: int(e.RetryAfter.Seconds()), RequestID: e.RequestID})
	})
	for tries, reconnect := 0, 0; ; tries++ {
		result, err := request(fresh)
		var wait time.Duration
		switch failed := (*kiva.Error)(nil); {
		case errors.As(err, &failed) && failed.Outcome == kiva.Throttled:
			wait = cmp.Or(failed.RetryAfter, time.Second<<min(tries, 6))
			if j.waited+wait > r.MaxWait {
				return answer{result: result, err: err}
			}
			j.waited += wait
			r.notify(Event{Kind: Pausing, Address: j.address(), Items: len(j.targets), Wait: wait,
				Message: fmt.Sprintf("Kiva asks to wait (%d)", failed.Status)})
			if age(j.intent.At)+wait > FreshFor {
				return answer{result: result, err: err, again: true, pause: wait}
			}
		case errors.Is(err, errLate) && j.late < maxLate:
			j.late++
			return answer{result: result, err: err, again: true}
		case failed != nil && failed.Outcome == kiva.NotSent && reconnect < reconnects:
			reconnect++
			wait = reconnectWait
		default:
			return answer{result: result, err: err}
		}
		if !sleep(ctx, wait) || age(j.intent.At) > FreshFor {
			return answer{result: result, err: err}
		}
	}
}

// judge turns an answer into the result that the ledger records, and decides
// whether anything more may be started. A result without an error is left to be
// scrubbed while the next request is under way.
func (r *run) judge(j *job, a answer) ledger.Result {
	if a.result.Outcome != "" {
		return a.result
	}
	result := a.result
	if failed := (*kiva.Error)(nil); errors.As(a.err, &failed) {
		result = ledger.Result{Status: failed.Status, Code: failed.Code, RequestID: failed.RequestID, Message: failed.Error()}
	} else if a.err != nil {
		result = ledger.Result{Message: hint.Text(a.err)}
	}
	result.Outcome, result.Exchanges = outcomeOf(a.err), a.exchanges
	if a.err != nil {
		result = j.scrubbed(result)
	}
	if !a.again {
		r.decideStop(result, a.err)
	}
	if sent := (ledger.Attempt{Intent: j.intent, Result: &result}); result.Outcome == plan.OutcomeAccepted && sent.IsOpen() && !r.ContinueOnUnknown {
		r.stopBy(StopUnknown, nil, "Kiva's answer leaves open what became of some rows, so nothing more is started")
	}
	return result
}

func outcomeOf(err error) plan.Outcome {
	switch kiva.OutcomeOf(err) {
	case kiva.Accepted:
		return plan.OutcomeAccepted
	case kiva.Rejected:
		return plan.OutcomeRejected
	case kiva.Throttled, kiva.NotSent:
		return plan.OutcomeNotSent
	default:
		return plan.OutcomeUnknown
	}
}

// decideStop stops the run where an answer says that more would be in vain, or
// that a person must look first.
func (r *run) decideStop(result ledger.Result, err error) {
	var cause error
	if err != nil {
		cause = &scrubbedError{result.Message, err}
	}
	switch {
	case result.Outcome == plan.OutcomeUnknown && !r.ContinueOnUnknown:
		r.stopBy(StopUnknown, cause, "the outcome of a request is not known, so nothing more is started")
	case kiva.OutcomeOf(err) == kiva.Throttled:
		r.stopBy(StopBusy, cause, "Kiva asks to come back later")
	case result.Outcome == plan.OutcomeNotSent:
		r.stopBy(StopUnreachable, cause, "Kiva can't be reached")
	case result.Status == http.StatusUnauthorized || result.Status == http.StatusForbidden:
		r.stopBy(StopUnauthorised, cause, "not authorised")
	}
}

// record stores the outcome, also when interrupted. Where that fails it stops the
// run: the attempt stays unknown, and the account has Kiva's answer.
func (r *run) record(ctx context.Context, j *job, attempt *ledger.Attempt, result ledger.Result) bool {
	result.At = time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	err := r.Ledger.Finish(ctx, attempt, result)
	if err != nil {
		r.stopBy(StopLedger, err, fmt.Sprintf("the outcome of %s could not be recorded, so nothing more is sent", attempt.Address()))
		r.enterUnknown(j, attempt, fmt.Sprintf("%s, but the ledger could not record it: %s", receiptIDs(result), hint.Text(err)))
		return false
	}
	if result.Outcome != plan.OutcomeUnknown {
		r.InFlight.remove(attempt.Address())
	}
	return true
}

// receiptIDs lists the outcome and the ids of an answer that could not be
// recorded, but not the address by which anyone may publish a journal.
func receiptIDs(result ledger.Result) string {
	s := string(result.Outcome)
	for _, receipt := range result.Receipts {
		for _, id := range []string{receipt.DraftUUID, receipt.ArchiveID, receipt.UploadID, receipt.KivaID} {
			if id != "" {
				s += " " + id
			}
		}
	}
	return s
}

// age is how long ago an intent was stored: by the clock that only goes forward
// or by the one on the wall, as the former stands still while a machine sleeps.
func age(at time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(at), now.Round(0).Sub(at.Round(0)))
}

// sleep reports whether it slept to its end.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
