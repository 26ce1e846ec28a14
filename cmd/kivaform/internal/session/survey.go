package session

import (
	"context"
	"errors"
	"fmt"

	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec/load"
)

// A Survey is what is known of a workspace, for commands that only look. Faulty
// files don't hide what the ledger and Kiva tell.
type Survey struct {
	*Session
	Plan   *plan.Plan // empty where the files are too faulty to compare
	Faults error      // of the files; nil where there are none
	Gap    bool       // the plan is empty for that reason
}

// Survey makes the plan of a workspace, and goes on without it where documents
// are faulty. Where kiva.yaml itself is faulty, it asks nobody: it may not say
// whom to ask.
func (w *Workspace) Survey(ctx context.Context) (*Survey, error) {
	s, p, err := w.Plan(ctx, PlanOptions{WithFaults: true})
	v := &Survey{Session: s, Plan: p}
	if err == nil {
		return v, nil
	}
	if len(FaultsOf(err)) == 0 || !w.soundSettings(ctx) {
		return nil, err
	}
	v.Faults = err
	if p != nil {
		return v, nil
	}
	v.Plan, v.Gap = new(plan.Plan), true
	if v.Session, err = w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0); err != nil {
		return nil, v.Failed(err)
	}
	if _, err := v.Ledger.Load(ctx); err != nil { // it refuses a ledger that isn't whole
		return nil, v.Failed(err)
	}
	return v, nil
}

// soundSettings reports whether kiva.yaml and the catalogue are without faults.
func (w *Workspace) soundSettings(ctx context.Context) bool {
	set, err := load.Settings(ctx, w.App.Dir, load.Options{Environment: w.App.Environment})
	return err == nil && set.Err(nil) == nil
}

// Failed is an error that came on the way, after the faults of the files, which
// are mended first.
func (v *Survey) Failed(err error) error {
	if v.Faults == nil {
		return err
	}
	return errors.Join(v.Faults, err)
}

// NoteGap says what is missing in a list because of the faults that follow.
func (v *Survey) NoteGap(missing string) {
	if v.Gap {
		fmt.Fprintf(v.App.Err, "Some files are faulty, so %s. The rest is from the ledger and Kiva. To check the files: kivaform validate\n", missing)
	}
}
