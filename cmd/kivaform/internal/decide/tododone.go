package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kivaform/apply"
	"kivaform/apply/followup"
	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// markDone records what people say they have finished.
func markDone(ctx context.Context, w *session.Workspace, claims followup.Claims) error {
	s, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return err
	}
	if _, err := s.Ledger.Load(ctx); err != nil {
		return err
	}
	marks, err := finished(s, claims)
	if err != nil {
		return err
	}
	run, now := session.NewRun(time.Now()), time.Now()
	for _, attempt := range marks {
		if err := s.Ledger.MarkDone(ctx, attempt, run, now); err != nil {
			return err
		}
	}
	given := make([]string, len(claims))
	for i, c := range claims {
		given[i] = c.Given
	}
	fmt.Fprintf(w.App.Out, "done: %s\n", strings.Join(given, ", "))
	return nil
}

// reopen records that reports which were finalised take rows again. Those before
// one that isn't finalised are.
func reopen(ctx context.Context, w *session.Workspace, given []string, reason string) error {
	s, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return err
	}
	if _, err := s.Ledger.Load(ctx); err != nil {
		return err
	}
	o := s.ApplyOptions(time.Now())
	for _, address := range given {
		if err := o.Reopen(ctx, spec.ParseAddress(address), reason); err != nil {
			if errors.Is(err, apply.ErrNotFinalised) {
				err = cli.WithCode(cli.ExitInvalid, hint.With(err, "it is an address as repayments/2026-11, of a report of which todo --done said that it is finalised"))
			}
			return err
		}
		fmt.Fprintf(w.App.Out, "reopened: %s\n", address)
	}
	return nil
}

// finished returns the attempts that claims name. It refuses all of them where one
// names nothing that people can have finished.
func finished(s *session.Session, claims followup.Claims) ([]*ledger.Attempt, error) {
	for _, attempt := range s.Ledger.History().Retained() {
		claims.Add(attempt)
	}
	var marks []*ledger.Attempt
	for _, c := range claims {
		named, err := c.Marks(s.Set)
		if err != nil {
			return nil, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("%s: %w", c.Given, err), "%s", doneHint(s.App, err)))
		}
		marks = append(marks, named...)
	}
	return marks, nil
}

// doneHint says what to do where an address can't be marked as done.
func doneHint(a *session.App, err error) string {
	refusal := (*followup.Refusal)(nil)
	if !errors.As(err, &refusal) {
		return ""
	}
	switch refusal.Why {
	case followup.NamesSeveral:
		return doneBatches(a, refusal.Batches)
	case followup.SentTogether:
		return "when all of them are finished: " + a.Command("todo", "--done", string(refusal.Batches[0]))
	case followup.NothingSent:
		return "kivaform todo lists the addresses"
	case followup.FilesUnknown:
		return "kivaform validate"
	case followup.HasDocument:
		draft := string(refusal.Attempt.Intent.Stream)
		return fmt.Sprintf("publish it in PA2; if it was deleted there, send it again with %s, or, if nobody wants it any more, delete its document and then %s",
			a.Command("apply", "--resend", draft), a.Command("todo", "--done", draft))
	case followup.NoAnswer:
		return "look in PA2, then first: " + a.DecideBy(refusal.Attempt.Address())
	}
	return "kivaform todo lists what is left"
}

// doneBatches lists the commands that mark batches of journals as done.
func doneBatches(a *session.App, batches []plan.Address) string {
	if len(batches) == 0 {
		return "none is left to confirm; kivaform todo lists what is left"
	}
	var b strings.Builder
	b.WriteString("name those that were read and published:")
	for _, address := range batches[:min(len(batches), session.ManyEntries)] {
		b.WriteString("\n  " + a.Command("todo", "--done", string(address)))
	}
	if more := len(batches) - session.ManyEntries; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more: %s", more, a.Command("todo"))
	}
	return b.String()
}
