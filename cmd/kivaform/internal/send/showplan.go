package send

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/text"
	"kivaform/plan/view"
	"kivaform/spec"
)

// present shows a plan as it was asked for, and tells it to whoever listens.
func present(ctx context.Context, w *session.Workspace, p *plan.Plan, saved *plan.Saved, f planFlags) error {
	a := w.App
	digest := sync.OnceValue(p.Digest)
	go digest() // while the plan is shown
	m := view.Meta{}
	if saved != nil {
		m.Created, m.Expires, m.SavedID = saved.Created, saved.Expires, saved.ID
	}
	view := sync.OnceValue(func() *view.View {
		m.Digest = digest()
		return buildView(w, p, m, a.TellsPersonal())
	})
	a.Events.Plan(view, f.full)
	summarizePlan(w, p, m)
	if f.shown.format != formatText {
		return f.shown.write(ctx, a.Out, view(), w.Set, f.full)
	}
	if err := show(a, p, f.full); err != nil {
		return err
	}
	counts := p.Count()
	if saved != nil {
		fmt.Fprintln(a.Out, savedVerdict(a, f.out, counts))
	} else {
		fmt.Fprintln(a.Out, verdict(a, counts))
	}
	if counts.Has(plan.Action.Acts) {
		fmt.Fprintf(a.Out, "Digest of this plan: %s\n", digest())
	}
	return nil
}

// presentFaulty shows a plan that can't be applied to those who read it
// elsewhere: a comment or a page that stayed as it was would tell them nothing.
func presentFaulty(ctx context.Context, w *session.Workspace, p *plan.Plan, err error, f planFlags) error {
	if p == nil || f.shown.format == formatText {
		return nil
	}
	p.Faults = session.FaultsOf(err)
	return present(ctx, w, p, nil, f)
}

// view returns a plan as programs and pages see it. Personal values are masked
// there also on a terminal: what they make of it goes on.
func buildView(w *session.Workspace, p *plan.Plan, m view.Meta, personal bool) *view.View {
	sends := p.Sends()
	m.Program, m.Commit = cli.ProgramVersion(), w.Commit()
	m.Warnings = w.Set.Warnings(func(address spec.Address) bool { return !sends[address] })
	if m.Digest == "" {
		m.Digest = p.Digest()
	}
	if m.Created.IsZero() {
		m.Created = time.Now().UTC().Truncate(time.Second)
	}
	return view.New(p, m, personal)
}

// verdict is the last line of a plan.
func verdict(a *session.App, c plan.Counts) string {
	switch {
	case c.Has(plan.Action.Acts):
		return fmt.Sprintf("\"%s\" does this. What is sent can't be taken back.", a.Command("apply"))
	case c.Has(plan.Action.NeedsPerson):
		return "Nothing to send. Something needs a person: see above."
	}
	if c[plan.Rejected] > 0 {
		return "Nothing to send. Kiva rejected something as it is: mend it, or send it again by --resend; see above."
	}
	return "Nothing to do."
}

// show prints a plan on the standard output.
func show(a *session.App, p *plan.Plan, full bool) error {
	if a.Out == io.Discard { // events take its place
		return nil
	}
	width, _ := cli.TerminalWidth(a.Out)
	shown := view.New(p, view.Meta{}, a.ShowsPersonal(a.Out))
	return text.Write(cli.AsStyled(a.Out), shown, text.Options{Color: a.Colored(a.Out), Width: width, Full: full})
}
