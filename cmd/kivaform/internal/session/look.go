package session

import (
	"context"

	"kivaform/apply/ledger/history"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/load"
)

// Look reads the workspace for a command that sends and records nothing. What
// was made of unchanged files last time is taken as it was. A ledger in a
// folder is read at the same time. What whole says is held of the ledger, which is
// then read once and as a whole; nil reads no more than planning needs.
func (a *App) Look(ctx context.Context, whole *history.Options) (*Workspace, error) {
	cli.UseHugePages()
	var early *Workspace
	w, err := a.load(ctx, load.Options{Recall: true, Fingerprint: plan.Fingerprint, Begin: func(set *spec.Set) {
		if early, _ = a.Workspace(set); early != nil { // load says what is wrong
			early.Whole = whole
			early.readAhead(ctx)
		}
	}})
	if err == nil && early != nil {
		return early, nil
	}
	if w != nil {
		w.Whole = whole
	}
	return w, err
}

// readAhead begins to read the ledger where that takes no request: before the
// files are known to be right, none is made. Whoever needs the ledger waits for
// it, and is told what is wrong with it.
func (w *Workspace) readAhead(ctx context.Context) {
	if w.Set.Settings.PartnerID == "" || !IsFolder(w.LedgerPlace()) {
		return
	}
	if l, err := w.OpenLedger(); err == nil {
		go l.Load(ctx)
	}
}
