package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
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

// do carries out one job: intent, send, outcome. The outcome is stored while
// the next request is under way.
func (r *run) do(ctx context.Context, j *job) {
	r.line.open.take()
	attempt, result := r.carry(ctx, j)
	r.line.open.give()
	if attempt != nil {
		r.record(ctx, j, attempt, j.scrubbed(result))
	}
}

// carry brings a job to an answer, which is to be recorded. It returns nil
// where the job is over without one.
func (r *run) carry(ctx context.Context, j *job) (*ledger.Attempt, ledger.Result) {
	send, ok := r.prepare(ctx, j)
	if !ok {
		return nil, ledger.Result{}
	}
	for waited := time.Duration(0); ; {
		attempt, ok := r.begin(ctx, j)
		if !ok {
			return nil, ledger.Result{}
		}
		if j.intent.Recorded != "" {
			result, _ := send(ctx)
			return attempt, result
		}
		result, pause, err := r.inTurn(ctx, j, send, &waited)
		switch {
		case errors.Is(err, errStopped):
			r.withdraw(ctx, j, attempt)
			return nil, result
		case pause == 0 && !errors.Is(err, errStale):
			return attempt, result
		case !r.postpone(ctx, j, attempt, result, pause):
			return nil, result
		}
	}
}

// prepare builds the request, unless nothing more is started.
func (r *run) prepare(ctx context.Context, j *job) (send, bool) {
	if !r.mayStart(ctx) {
		r.endAll(j, NotAttempted, "")
		return nil, false
	}
	r.line.building.take()
	defer r.line.building.give()
	send, err := j.prepare()
	if err != nil {
		r.endAll(j, NotAttempted, hint.Text(err))
	}
	return send, err == nil
}

// Why a request whose intent is stored isn't sent.
var (
	errStopped = errors.New("the run stopped before it was sent")
	errStale   = errors.New("its turn came too late")
	errLate    = errors.New("it was ready too late") // the token took long, or the machine slept
)

// inTurn sends the request when one of those under way has ended, and decides
// whether others may follow before it lets the next one go.
func (r *run) inTurn(ctx context.Context, j *job, send send, waited *time.Duration) (ledger.Result, time.Duration, error) {
	r.line.sending.take()
	defer r.line.sending.give()
	if age(j.intent.At) > FreshFor {
		return notSent(errStale), 0, errStale
	}
	if !r.mayStart(ctx) {
		return notSent(errStopped), 0, errStopped
	}
	r.notify(Event{Kind: Sending, Address: j.address(), Items: len(j.targets)})
	result, pause, err := r.exchange(ctx, j, send, waited)
	result = judge(result, err)
	if err != nil { // what went well is scrubbed while the next request is under way
		result = j.scrubbed(result)
		err = &scrubbedError{result.Message, err}
	}
	if pause == 0 {
		r.afterwards(result, err)
	}
	return result, pause, err
}

func notSent(why error) ledger.Result {
	return ledger.Result{Outcome: plan.OutcomeNotSent, Message: why.Error()}
}

// withdraw ends an attempt that was begun ahead and isn't sent any more.
func (r *run) withdraw(ctx context.Context, j *job, attempt *ledger.Attempt) {
	result := notSent(errStopped)
	if err := r.finish(ctx, attempt, result); err != nil {
		r.unrecorded(j, attempt, result, err)
		return
	}
	r.endAll(j, NotAttempted, "")
}

// begin stores the intent. Where that fails it puts the items into the account.
func (r *run) begin(ctx context.Context, j *job) (*ledger.Attempt, bool) {
	j.intent.At = time.Now()
	attempt, err := r.Ledger.Begin(context.WithoutCancel(ctx), j.intent)
	if taken := (*ledger.TakenError)(nil); errors.As(err, &taken) {
		r.endAll(j, Taken, "another run has it: "+taken.Error())
		return nil, false
	}
	if err != nil {
		r.stopBy(StopLedger, err, "the ledger can't be written, so nothing more is sent")
		r.endAll(j, NotAttempted, hint.Text(err)+"; it wasn't sent, even if the next plan finds that it was begun")
		return nil, false
	}
	j.attempt = attempt
	return attempt, true
}

// postpone ends an attempt that Kiva refused to look at, and waits before
// another. It reports whether another may begin.
func (r *run) postpone(ctx context.Context, j *job, attempt *ledger.Attempt, result ledger.Result, pause time.Duration) bool {
	if err := r.finish(ctx, attempt, result); err != nil {
		r.unrecorded(j, attempt, result, err)
		return false
	}
	for i := range j.intent.Items {
		j.intent.Items[i].After = attempt.Intent.Attempt
	}
	for i := range j.intent.Rows {
		j.intent.Rows[i].After = attempt.Intent.Attempt
	}
	if !sleep(ctx, pause) {
		r.end(j, attempt, result)
		return false
	}
	return true
}

// exchange sends the request. It sends the same attempt again only where no
// byte of it was written, or where Kiva refused to look at it and said when to
// come back. Where that is too late for this attempt it returns how long to
// pause. What is under way isn't cancelled by an interrupt.
func (r *run) exchange(ctx context.Context, j *job, send send, waited *time.Duration) (result ledger.Result, pause time.Duration, err error) {
	fresh := kiva.BeginOnlyIf(context.WithoutCancel(ctx), func() error {
		if age(j.intent.At) > FreshFor {
			return errLate
		}
		return nil
	})
	for tries, reconnect := 0, 0; ; tries++ {
		result, err = send(fresh)
		var wait time.Duration
		switch failed := (*kiva.Error)(nil); {
		case errors.As(err, &failed) && failed.Outcome == kiva.Refused:
			wait = cmp.Or(failed.RetryAfter, time.Second<<min(tries, 6))
			if *waited+wait > r.MaxWait {
				return result, 0, err
			}
			*waited += wait
			r.notify(Event{Kind: Pausing, Address: j.address(), Items: len(j.targets), Wait: wait,
				Message: fmt.Sprintf("Kiva asks to wait (%d)", failed.Status)})
			if age(j.intent.At)+wait > FreshFor {
				return result, wait, err
			}
		case errors.Is(err, errLate) && j.late < maxLate:
			j.late++
			return result, time.Nanosecond, err
		case failed != nil && failed.Outcome == kiva.NotSent && reconnect < reconnects:
			reconnect++
			wait = reconnectWait
		default:
			return result, 0, err
		}
		if !sleep(ctx, wait) || age(j.intent.At) > FreshFor {
			return result, 0, err
		}
	}
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

// judge turns what came of a request into what the ledger records.
func judge(result ledger.Result, err error) ledger.Result {
	if failed := (*kiva.Error)(nil); errors.As(err, &failed) {
		result = ledger.Result{Status: failed.Status, Code: failed.Code, RequestID: failed.RequestID, Message: failed.Error()}
	} else if err != nil {
		result = ledger.Result{Message: hint.Text(err)}
	}
	switch kiva.OutcomeOf(err) {
	case kiva.Accepted:
		result.Outcome = plan.OutcomeAccepted
	case kiva.Rejected:
		result.Outcome = plan.OutcomeRejected
	case kiva.Refused, kiva.NotSent:
		result.Outcome = plan.OutcomeNotSent
	default:
		result.Outcome = plan.OutcomeUnknown
	}
	return result
}

// record stores the outcome and puts it into the account.
func (r *run) record(ctx context.Context, j *job, attempt *ledger.Attempt, result ledger.Result) {
	if err := r.finish(ctx, attempt, result); err != nil {
		r.unrecorded(j, attempt, result, err)
		return
	}
	r.end(j, attempt, result)
}

// finish stores the outcome, also when interrupted.
func (r *run) finish(ctx context.Context, attempt *ledger.Attempt, result ledger.Result) error {
	result.At = time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return r.Ledger.Finish(ctx, attempt, result)
}

// unrecorded stops the run: the attempt stays unknown, and the answer is told
// to people.
func (r *run) unrecorded(j *job, attempt *ledger.Attempt, result ledger.Result, err error) {
	r.stopBy(StopLedger, err, fmt.Sprintf("the outcome of %s could not be recorded, so nothing more is sent", attempt.Address()))
	r.endUnanswered(j, attempt, fmt.Sprintf("%s, but the ledger could not record it: %s", told(result), hint.Text(err)))
}

// told says in a line what Kiva answered, so that it isn't lost; but not the
// address that lets whoever has it publish.
func told(result ledger.Result) string {
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

// afterwards decides whether anything more may be started.
func (r *run) afterwards(result ledger.Result, err error) {
	switch {
	case result.Outcome == plan.OutcomeUnknown && !r.ContinueOnUnknown:
		r.stopBy(StopUnknown, err, "the outcome of a request is not known, so nothing more is started")
	case kiva.OutcomeOf(err) == kiva.Refused:
		r.stopBy(StopBusy, err, "Kiva asks to come back later")
	case result.Outcome == plan.OutcomeNotSent:
		r.stopBy(StopUnreachable, err, "Kiva can't be reached")
	case result.Status == http.StatusUnauthorized || result.Status == http.StatusForbidden:
		r.stopBy(StopUnauthorised, err, "not authorised")
	}
}
