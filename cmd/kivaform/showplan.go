package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"kivaform/plan"
	"kivaform/plan/text"
	"kivaform/plan/view"
	"kivaform/spec"
)

// present shows a plan as it was asked for, and tells it to whoever listens.
func (w *workspace) present(ctx context.Context, p *plan.Plan, saved *plan.Saved, f planFlags) error {
	a := w.app
	digest := sync.OnceValue(p.Digest)
	go digest() // while the plan is shown
	m := view.Meta{}
	if saved != nil {
		m.Created, m.Expires, m.SavedID = saved.Created, saved.Expires, saved.ID
	}
	view := sync.OnceValue(func() *view.View {
		m.Digest = digest()
		return w.buildView(p, m, a.tellsPersonal())
	})
	a.events.plan(view, f.full)
	w.summarizePlan(p, m)
	if f.shown.format != formatText {
		return f.shown.write(ctx, a.out, view(), w.set, f.full)
	}
	if err := a.show(p, f.full); err != nil {
		return err
	}
	counts := p.Count()
	if saved != nil {
		fmt.Fprintln(a.out, a.savedVerdict(f.out, counts))
	} else {
		fmt.Fprintln(a.out, a.verdict(counts))
	}
	if counts.Has(plan.Action.Acts) {
		fmt.Fprintf(a.out, "Digest of this plan: %s\n", digest())
	}
	return nil
}

// presentFaulty shows a plan that can't be applied to those who read it
// elsewhere: a comment or a page that stayed as it was would tell them nothing.
func (w *workspace) presentFaulty(ctx context.Context, p *plan.Plan, err error, f planFlags) error {
	if p == nil || f.shown.format == formatText {
		return nil
	}
	p.Faults = faultsOf(err)
	return w.present(ctx, p, nil, f)
}

// view returns a plan as programs and pages see it. Personal values are masked
// there also on a terminal: what they make of it goes on.
func (w *workspace) buildView(p *plan.Plan, m view.Meta, personal bool) *view.View {
	sends := p.Sends()
	m.Program, m.Commit = programVersion(), w.commit()
	m.Warnings = w.set.Warnings(func(address spec.Address) bool { return !sends[address] })
	if m.Digest == "" {
		m.Digest = p.Digest()
	}
	if m.Created.IsZero() {
		m.Created = time.Now().UTC().Truncate(time.Second)
	}
	return view.New(p, m, personal)
}

// verdict is the last line of a plan.
func (a *app) verdict(c plan.Counts) string {
	switch {
	case c.Has(plan.Action.Acts):
		return fmt.Sprintf("\"%s\" does this. What is sent can't be taken back.", a.command("apply"))
	case c.Has(plan.Action.NeedsPerson):
		return "Nothing to send. Something needs a person: see above."
	}
	return "Nothing to do."
}

// show prints a plan on the standard output.
func (a *app) show(p *plan.Plan, full bool) error {
	if a.out == io.Discard { // events take its place
		return nil
	}
	width, _ := terminal(a.out)
	shown := view.New(p, view.Meta{}, a.showsPersonal(a.out))
	return text.Write(asStyled(a.out), shown, text.Options{Color: a.colored(a.out), Width: width, Full: full})
}
