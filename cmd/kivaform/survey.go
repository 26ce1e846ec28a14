package main

import (
	"context"
	"errors"
	"fmt"

	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec/load"
)

// A survey is what is known of a workspace, for commands that only look. Faulty
// files don't hide what the ledger and Kiva tell.
type survey struct {
	*session
	plan   *plan.Plan // empty where the files are too faulty to compare
	faults error      // of the files; nil where there are none
	gap    bool       // the plan is empty for that reason
}

// survey makes the plan of a workspace, and goes on without it where documents
// are faulty. Where kiva.yaml itself is faulty, it asks nobody: it may not say
// whom to ask.
func (w *workspace) survey(ctx context.Context) (*survey, error) {
	s, p, err := w.plan(ctx, planOptions{withFaults: true})
	v := &survey{session: s, plan: p}
	if err == nil {
		return v, nil
	}
	if len(faultsOf(err)) == 0 || !w.soundSettings(ctx) {
		return nil, err
	}
	v.faults = err
	if p != nil {
		return v, nil
	}
	v.plan, v.gap = new(plan.Plan), true
	if v.session, err = w.connect(ctx, []string{kiva.ScopeReadLoans}, 0); err != nil {
		return nil, v.failed(err)
	}
	if _, err := v.ledger.Load(ctx); err != nil { // it refuses a ledger that isn't whole
		return nil, v.failed(err)
	}
	return v, nil
}

// soundSettings reports whether kiva.yaml and the catalogue are without faults.
func (w *workspace) soundSettings(ctx context.Context) bool {
	set, err := load.Settings(ctx, w.app.dir, load.Options{Environment: w.app.environment})
	return err == nil && set.Err(nil) == nil
}

// failed is an error that came on the way, after the faults of the files, which
// are mended first.
func (v *survey) failed(err error) error {
	if v.faults == nil {
		return err
	}
	return errors.Join(v.faults, err)
}

// noteGap says what is missing in a list because of the faults that follow.
func (v *survey) noteGap(missing string) {
	if v.gap {
		fmt.Fprintf(v.app.err, "Some files are faulty, so %s. The rest is from the ledger and Kiva. To check the files: kivaform validate\n", missing)
	}
}
