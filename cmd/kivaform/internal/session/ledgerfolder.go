package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/hint"
)

// A ledgerFolder is a ledger in a folder. kiva.yaml, which names it, is written
// by all who open pull requests, so nothing is written into a folder that holds
// anything but a ledger.
type ledgerFolder struct {
	*dirstore.Store
	prepare func() error // before the first object is created
}

// ledgerFolder returns the path of a folder that is a ledger's place.
func (w *Workspace) ledgerFolder(place string) string {
	dir := filepath.FromSlash(place)
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(w.Set.Dir, dir)
}

// openLedgerFolder returns the store in a folder. One outside of the clone may
// be named, by its own path: a link in the clone doesn't lead there.
func (w *Workspace) openLedgerFolder(place string) (ledger.Store, error) {
	dir := w.ledgerFolder(place)
	if err := w.checkLedgerPath(dir); err != nil {
		return nil, err
	}
	return ledgerFolder{dirstore.New(dir), sync.OnceValue(func() error { return w.prepareLedgerFolder(dir) })}, nil
}

// CheckHoldsLedger refuses to tell of a folder that holds something else than a
// ledger: what it holds is nothing that kiva.yaml may ask for.
func (w *Workspace) CheckHoldsLedger() error {
	place := w.LedgerPlace()
	if !IsFolder(place) {
		return nil
	}
	dir := w.ledgerFolder(place)
	other, err := foreignFile(dir)
	if err == nil && other != "" {
		err = cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("the ledger's folder %s holds no ledger", dir), "if it did, restore its %s from git or a backup", ledger.HeaderKey))
	}
	return err
}

// Create stores an object, if the folder is one for a ledger.
func (f ledgerFolder) Create(ctx context.Context, key string, data []byte) error {
	if err := f.prepare(); err != nil {
		return err
	}
	return f.Store.Create(ctx, key, data)
}

// checkLedgerPath refuses a folder of git's own, and one that is reached by a
// link which leads out of the clone.
func (w *Workspace) checkLedgerPath(dir string) error {
	if rel, inside := w.inDataFolder(dir); inside {
		root, err := os.OpenRoot(w.Set.Dir)
		if err != nil {
			return err
		}
		defer root.Close()
		return RefuseLinks(root, rel)
	}
	trees := w.App.Trees()
	if len(trees) == 0 {
		return nil
	}
	tree := trees[len(trees)-1]
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if base, err := cli.RealFolder(w.Set.Dir); err == nil { // so that links above the workspace don't matter
		if rel, err := filepath.Rel(w.Set.Dir, dir); err == nil {
			abs = filepath.Join(base, rel)
		}
	}
	for part := abs; isBelowFolder(part, tree); part = filepath.Dir(part) {
		if strings.EqualFold(filepath.Base(part), ".git") {
			return hint.With(fmt.Errorf("%s is in git's own folder", dir), "name another folder")
		}
		info, err := os.Lstat(part)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if target, err := filepath.EvalSymlinks(part); err != nil || !cli.IsInside(target, tree) {
			return hint.With(fmt.Errorf("%s is a symbolic link that leads out of %s, so the ledger would be kept elsewhere", part, tree), "delete the link, or name the folder itself")
		}
	}
	return nil
}

// isBelowFolder reports whether a path names something below a folder.
func isBelowFolder(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// inDataFolder reports whether a path is in the workspace's data folder, and
// returns it as it is called there.
func (w *Workspace) inDataFolder(dir string) (rel string, inside bool) {
	rel, err := filepath.Rel(w.Set.Dir, dir)
	rel = filepath.ToSlash(rel)
	return rel, err == nil && (rel == DataFolder || strings.HasPrefix(rel, DataFolder+"/"))
}

// prepareLedgerFolder makes sure that a folder is there for a ledger: it is one,
// or part of one that is being copied, or holds nothing.
func (w *Workspace) prepareLedgerFolder(dir string) error {
	if _, inside := w.inDataFolder(dir); inside {
		if err := w.makeDataFolder(DataFolder); err != nil {
			return err
		}
	}
	other, err := foreignFile(dir)
	if err == nil && other != "" {
		err = cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("the ledger's folder %s holds no ledger but %s: nothing was written", dir, other), "write an empty or a new folder into kiva.yaml"))
	}
	return err
}

// foreignFile returns a file in a folder that isn't a ledger, by which it is no
// place for one; "" where there is none.
func foreignFile(dir string) (name string, err error) {
	if info, err := os.Lstat(filepath.Join(dir, ledger.HeaderKey)); err == nil && info.Mode().IsRegular() {
		return "", nil
	}
	dir, err = filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir || isPartOfLedger(filepath.Dir(path) == dir, d) {
			return err
		}
		if name, err = filepath.Rel(dir, path); err != nil {
			return err
		}
		return fs.SkipAll
	})
	return name, err
}

// isPartOfLedger reports whether a file or folder may be part of a ledger whose
// first object isn't there, or of a folder that was made for one.
func isPartOfLedger(atTop bool, d fs.DirEntry) bool {
	name := d.Name()
	switch {
	case d.IsDir():
		return !strings.HasPrefix(name, ".")
	case slices.Contains([]string{".gitkeep", ".keep", ".gitignore", ".gitattributes", ".DS_Store"}, name), strings.HasPrefix(name, ".tmp-"):
		return true
	}
	return !atTop && d.Type().IsRegular() && filepath.Ext(name) == ".json"
}
