package session

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

// A Workspace is what a command works with: the files, the environment that
// they choose, the ledger, and, when it is first needed, Kiva.
type Workspace struct {
	App    *App
	Set    *spec.Set
	Env    Environment
	Ledger *ledger.Ledger   // once it is known whose
	Whole  *history.Options // what to hold of a ledger that is read as a whole; else nil
	// Unchecked takes the ledger as it is, also if it went back.
	Unchecked bool
	closes    []func() error
}

// Open reads the workspace. Faults of its files are in the set.
func (a *App) Open(ctx context.Context) (*Workspace, error) { return a.load(ctx, load.Options{}) }

// load reads the workspace with some options of its own.
func (a *App) load(ctx context.Context, o load.Options) (*Workspace, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	reading := a.Stage("reading files")
	o.Environment, o.CacheDir = a.Environment, a.FilesCache()
	o.Progress = func(what string, done, total int) { reading.StartPhase("reading "+what, done, total) }
	set, err := load.Workspace(ctx, a.Dir, o)
	reading.End()
	if err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.Workspace(set)
}

// OpenSettings reads kiva.yaml alone.
func (a *App) OpenSettings(ctx context.Context) (*Workspace, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.Dir, load.Options{Environment: a.Environment})
	if err != nil {
		return nil, err
	}
	if err := set.Err(nil); err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.Workspace(set)
}

// Workspace makes a workspace of files that were read.
func (a *App) Workspace(set *spec.Set) (*Workspace, error) {
	env, err := chooseEnvironment(set)
	if err != nil {
		// A fault of kiva.yaml may be why; it says more.
		return nil, errors.Join(set.Err(nil), err)
	}
	return &Workspace{App: a, Set: set, Env: env}, nil
}

// Close ends what was started.
func (w *Workspace) Close() {
	for _, c := range w.closes {
		c()
	}
}

// MaxInput is the most that is read of a file that a person names, in bytes.
const MaxInput = 256 << 20

// CatalogFile returns the name of the workspace's catalogue.
func CatalogFile(set *spec.Set) string {
	if _, err := os.Stat(filepath.Join(set.Dir, "catalog.yaml")); err != nil {
		if _, err := os.Stat(filepath.Join(set.Dir, "catalog.yml")); err == nil {
			return "catalog.yml"
		}
	}
	return "catalog.yaml"
}

// FormatDocument returns a text of kivaform's own making as fmt would leave it. One that
// is too unusual for that is as good as it is.
func FormatDocument(text []byte) []byte {
	if out, err := format.Source("", text); err == nil {
		return out
	}
	return text
}
