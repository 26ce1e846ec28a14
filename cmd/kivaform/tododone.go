package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// markDone records what people say they have finished.
func (w *workspace) markDone(ctx context.Context, addresses []string) error {
	s, err := w.connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return err
	}
	marks, err := s.finished(ctx, addresses)
	if err != nil {
		return err
	}
	run, now := newRun(time.Now()), time.Now()
	for _, attempt := range marks {
		if err := s.ledger.MarkDone(ctx, attempt, run, now); err != nil {
			return err
		}
	}
	fmt.Fprintf(w.app.out, "done: %s\n", strings.Join(addresses, ", "))
	return nil
}

// A saidDone is an address that somebody says is finished, and what the ledger
// has of it.
type saidDone struct {
	given, address string
	attempts       []*ledger.Attempt
	batch          string // that it was sent in with others; "" where it has its own name
}

// finished returns the attempts that addresses name. It refuses all of them
// where one names nothing that people can have finished.
func (s *session) finished(ctx context.Context, addresses []string) ([]*ledger.Attempt, error) {
	asked := make([]saidDone, len(addresses))
	for i, given := range addresses {
		asked[i] = saidDone{given: given, address: string(spec.ParseAddress(given))}
	}
	for attempt, err := range s.ledger.Attempts(ctx) {
		if err != nil {
			return nil, err
		}
		for i := range asked {
			asked[i].add(attempt)
		}
	}
	var marks []*ledger.Attempt
	for _, d := range asked {
		of, err := s.judge(d)
		if err != nil {
			return nil, withCode(exitInvalid, fmt.Errorf("%s: %w", d.given, err))
		}
		marks = append(marks, of...)
	}
	return marks, nil
}

// add notes an attempt that has to do with the address.
func (d *saidDone) add(attempt *ledger.Attempt) {
	in := attempt.Intent
	switch {
	case d.address == string(in.Stream) || d.address == batchAddress(in):
		d.attempts = append(d.attempts, attempt)
	case sentToKiva(attempt) && about(attempt, d.address):
		d.batch = finishBy(in)
	}
}

// finishBy is what --done takes for an attempt: a batch of journals, or a whole
// report.
func finishBy(in ledger.Intent) string {
	if in.Stream.Kind() == "repayments" {
		return string(in.Stream)
	}
	return batchAddress(in)
}

// judge returns the attempts that are done by a person's word, or why none is.
func (w *workspace) judge(d saidDone) ([]*ledger.Attempt, error) {
	switch {
	case len(d.attempts) > 0:
	case d.batch != "":
		return nil, fmt.Errorf("was sent together with others; hint: when all of them are finished: %s", w.app.command("todo", "--done", d.batch))
	default:
		return nil, fmt.Errorf("nothing of that name was sent; hint: kivaform todo lists the addresses")
	}
	last := d.attempts[len(d.attempts)-1]
	if stream := last.Intent.Stream; stream.Kind() == "loan_draft" && w.faulty() {
		return nil, fmt.Errorf("a draft is done only where no document has it any more, and nobody knows that while files are faulty; hint: kivaform validate")
	} else if stream.Kind() == "loan_draft" && w.holds(stream) {
		return nil, fmt.Errorf("a loan draft leaves the list when Kiva lists its loan, so --done doesn't take it; hint: publish it in PA2; if it was deleted there, send it again with %s, or, if nobody wants it any more, delete its document and then %s",
			w.app.command("apply", "--resend", string(stream)), w.app.command("todo", "--done", string(stream)))
	}
	marks := slices.DeleteFunc(slices.Clone(d.attempts), func(a *ledger.Attempt) bool { return !sentToKiva(a) })
	switch {
	case len(marks) > 0:
		return marks, nil
	case last.Outcome() == plan.OutcomeUnknown:
		return nil, fmt.Errorf("no answer to it is known; hint: look in PA2, then first: %s", w.app.decideBy(attemptName(last)))
	}
	return nil, fmt.Errorf("not at Kiva: it is %s; hint: kivaform todo lists what is left", last.Outcome())
}

// faulty reports whether some documents may be missing in what was read.
func (w *workspace) faulty() bool {
	return w.set.Err(func(spec.Address) bool { return true }) != nil
}

// holds reports whether a document is of this draft.
func (w *workspace) holds(a plan.Address) bool {
	return slices.ContainsFunc(w.set.Drafts, func(d *spec.LoanDraft) bool { return d.Address() == a })
}
