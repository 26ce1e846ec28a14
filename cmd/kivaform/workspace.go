package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/spec"
	"kivaform/spec/format"
	"kivaform/spec/load"
)

// A workspace is what a command works with: the files, the environment that
// they choose, the ledger, and, when it is first needed, Kiva.
type workspace struct {
	app    *app
	set    *spec.Set
	env    environment
	ledger *ledger.Ledger   // once it is known whose
	whole  *history.Options // what to hold of a ledger that is read as a whole; else nil
	closes []func() error
}

// open reads the workspace. Faults of its files are in the set.
func (a *app) open(ctx context.Context) (*workspace, error) { return a.load(ctx, load.Options{}) }

// load reads the workspace with some options of its own.
func (a *app) load(ctx context.Context, o load.Options) (*workspace, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	reading := a.stage("reading files")
	o.Environment, o.CacheDir = a.environment, a.filesCache()
	o.Progress = func(what string, done, total int) { reading.turn("reading "+what, done, total) }
	set, err := load.Workspace(ctx, a.dir, o)
	reading.end()
	if err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.workspace(set)
}

// openSettings reads kiva.yaml alone.
func (a *app) openSettings(ctx context.Context) (*workspace, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.dir, load.Options{Environment: a.environment})
	if err != nil {
		return nil, err
	}
	if err := set.Err(nil); err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.workspace(set)
}

func (a *app) workspace(set *spec.Set) (*workspace, error) {
	env, err := resolve(set)
	if err != nil {
		// A fault of kiva.yaml may be why; it says more.
		return nil, errors.Join(set.Err(nil), err)
	}
	return &workspace{app: a, set: set, env: env}, nil
}

// close ends what was started.
func (w *workspace) close() {
	for _, c := range w.closes {
		c()
	}
}

// maxInput is the most that is read of a file that a person names, in bytes.
const maxInput = 256 << 20

// catalogFile returns the name of the workspace's catalogue.
func catalogFile(set *spec.Set) string {
	if _, err := os.Stat(filepath.Join(set.Dir, "catalog.yaml")); err != nil {
		if _, err := os.Stat(filepath.Join(set.Dir, "catalog.yml")); err == nil {
			return "catalog.yml"
		}
	}
	return "catalog.yaml"
}

// inOrder returns a text of kivaform's own making as fmt would leave it. One that
// is too unusual for that is as good as it is.
func inOrder(text []byte) []byte {
	if out, err := format.Source("", text); err == nil {
		return out
	}
	return text
}
