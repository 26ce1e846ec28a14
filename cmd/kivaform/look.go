package main

import (
	"context"
	"strings"

	"kivaform/plan"
	"kivaform/spec"
)

// look reads the workspace for a command that sends and records nothing. What
// was made of unchanged files last time is taken as it was. A ledger in a
// folder is read at the same time.
func (a *app) look(ctx context.Context) (*workspace, error) {
	useHugePages()
	var early *workspace
	w, err := a.load(ctx, spec.Options{Recall: true, Fingerprint: plan.Fingerprint, Begin: func(set *spec.Set) {
		early, _ = a.workspace(set) // load says what is wrong
		early.readAhead(ctx)
	}})
	if err == nil && early != nil {
		return early, nil
	}
	return w, err
}

// readAhead begins to read the ledger where that takes no request: before the
// files are known to be right, none is made. Whoever needs the ledger waits for
// it, and is told what is wrong with it.
func (w *workspace) readAhead(ctx context.Context) {
	if w == nil || w.set.Settings.PartnerID == "" || !isFolder(w.ledgerPlace()) {
		return
	}
	if l, err := w.openLedger(); err == nil {
		go l.Load(ctx)
	}
}

// isFolder reports whether a ledger's place is a folder of this machine.
func isFolder(place string) bool {
	return !strings.HasPrefix(place, "git:") && !strings.Contains(place, "://")
}
