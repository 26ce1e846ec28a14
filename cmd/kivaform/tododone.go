package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kivaform/apply/followup"
	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

// markDone records what people say they have finished.
func (w *workspace) markDone(ctx context.Context, claims followup.Claims) error {
	s, err := w.connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return err
	}
	if _, err := s.ledger.Load(ctx); err != nil {
		return err
	}
	marks, err := s.finished(claims)
	if err != nil {
		return err
	}
	run, now := newRun(time.Now()), time.Now()
	for _, attempt := range marks {
		if err := s.ledger.MarkDone(ctx, attempt, run, now); err != nil {
			return err
		}
	}
	given := make([]string, len(claims))
	for i, c := range claims {
		given[i] = c.Given
	}
	fmt.Fprintf(w.app.out, "done: %s\n", strings.Join(given, ", "))
	return nil
}

// finished returns the attempts that claims name. It refuses all of them where one
// names nothing that people can have finished.
func (s *session) finished(claims followup.Claims) ([]*ledger.Attempt, error) {
	for _, attempt := range s.ledger.History().Retained() {
		claims.Add(attempt)
	}
	var marks []*ledger.Attempt
	for _, c := range claims {
		named, err := c.Marks(s.set)
		if err != nil {
			return nil, withCode(exitInvalid, hint.With(fmt.Errorf("%s: %w", c.Given, err), "%s", s.app.doneHint(err)))
		}
		marks = append(marks, named...)
	}
	return marks, nil
}

// doneHint says what to do where an address can't be marked as done.
func (a *app) doneHint(err error) string {
	refusal := (*followup.Refusal)(nil)
	if !errors.As(err, &refusal) {
		return ""
	}
	switch refusal.Why {
	case followup.NamesSeveral:
		return a.doneBatches(refusal.Batches)
	case followup.SentTogether:
		return "when all of them are finished: " + a.command("todo", "--done", string(refusal.Batches[0]))
	case followup.NothingSent:
		return "kivaform todo lists the addresses"
	case followup.FilesUnknown:
		return "kivaform validate"
	case followup.HasDocument:
		draft := string(refusal.Attempt.Intent.Stream)
		return fmt.Sprintf("publish it in PA2; if it was deleted there, send it again with %s, or, if nobody wants it any more, delete its document and then %s",
			a.command("apply", "--resend", draft), a.command("todo", "--done", draft))
	case followup.NoAnswer:
		return "look in PA2, then first: " + a.decideBy(refusal.Attempt.Address())
	}
	return "kivaform todo lists what is left"
}

// doneBatches lists the commands that mark batches of journals as done.
func (a *app) doneBatches(batches []plan.Address) string {
	if len(batches) == 0 {
		return "none is left to confirm; kivaform todo lists what is left"
	}
	var b strings.Builder
	b.WriteString("name those that were read and published:")
	for _, address := range batches[:min(len(batches), manyEntries)] {
		b.WriteString("\n  " + a.command("todo", "--done", string(address)))
	}
	if more := len(batches) - manyEntries; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more: %s", more, a.command("todo"))
	}
	return b.String()
}
