package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/hint"
	"kivaform/spec"
)

// AllowFolders names the folders outside of the clone that kiva.yaml may name for
// a ledger, separated as in PATH; each allows what lies below it.
const AllowFolders = "KIVAFORM_ALLOW_FOLDERS"

// A folderError says that kiva.yaml names a folder for the ledger that only the
// environment may choose.
type folderError struct {
	pos          spec.Pos
	folder, tree string
	allowing     string
}

func (e *folderError) Error() string {
	return fmt.Sprintf("%s: ledger: the folder %s lies outside of %s, and kiva.yaml alone doesn't decide that files are read or written there",
		e.pos, e.folder, e.tree)
}

func (e *folderError) Hint() string {
	return fmt.Sprintf("where you mean this folder, set %s (kivaform help hosts)", e.allowing)
}

// checkOwnFolder refuses a ledger's folder that lies neither in the clone nor in
// a folder that the environment allows, wherever links and ".." lead.
func (w *Workspace) checkOwnFolder() error {
	place := w.LedgerPlace()
	if !IsFolder(place) {
		return nil
	}
	allowed, err := w.App.allowedFolders()
	if err != nil {
		return err
	}
	tree, err := w.ownTree()
	if err != nil {
		return err
	}
	folder := w.ledgerFolder(place)
	refused := &folderError{pos: w.ledgerPos(), folder: folder, tree: tree}
	known := append([]string{tree}, allowed...)
	onVolume := func(f string) bool { return strings.EqualFold(filepath.VolumeName(f), filepath.VolumeName(folder)) }
	if filepath.IsAbs(folder) && !slices.ContainsFunc(known, onVolume) {
		refused.allowing = w.App.allowingFolder(folder)
		return refused // without a look: a share would be connected to
	}
	if folder, err = resolvedPath(folder); err != nil {
		return err
	}
	around := slices.IndexFunc(known, func(f string) bool { return isAt(folder, f) })
	switch {
	case around < 0:
		refused.folder, refused.allowing = folder, w.App.allowingFolder(folder)
		return refused
	case around == 0 && cli.IsInGit(folder, tree), around > 0 && cli.IsInGit(folder, ""):
		return hint.With(fmt.Errorf("%s is in git's own folder", folder), "name another folder")
	}
	return nil
}

// ledgerPos returns where the ledger's place is written.
func (w *Workspace) ledgerPos() spec.Pos {
	switch {
	case w.Env.Own.Ledger != "":
		return w.Env.Own.LedgerPos
	case w.Set.Settings.Ledger != "":
		return w.Set.Settings.LedgerPos
	}
	return w.Set.Settings.Pos
}

// ownTree returns the innermost clone that the workspace is in, and the workspace
// outside of git.
func (w *Workspace) ownTree() (string, error) {
	trees := w.App.Trees()
	if len(trees) == 0 {
		return cli.RealFolder(w.Set.Dir)
	}
	return trees[min(1, len(trees)-1)], nil
}

// allowedFolders returns the folders that the environment allows, without links.
func (a *App) allowedFolders() (folders []string, err error) {
	for _, folder := range filepath.SplitList(a.Getenv(AllowFolders)) {
		if folder == "" {
			continue
		}
		if !filepath.IsAbs(folder) {
			return nil, hint.With(fmt.Errorf("%s: %q isn't a whole path", AllowFolders, folder), "kivaform help hosts")
		}
		real, err := resolvedPath(folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", AllowFolders, err)
		}
		folders = append(folders, real)
	}
	return folders, nil
}

// allowingFolder returns the variable with the value that allows one more folder.
func (a *App) allowingFolder(folder string) string {
	if before := a.Getenv(AllowFolders); before != "" {
		folder = before + string(filepath.ListSeparator) + folder
	}
	return AllowFolders + "=" + folder
}

// resolvedPath returns where a path leads, as the system sees it. What isn't there yet
// has no links.
func resolvedPath(path string) (string, error) {
	if !filepath.IsAbs(path) {
		here, err := cli.RealFolder(".")
		if err != nil {
			return "", err
		}
		path = filepath.Join(here, path)
	}
	path = filepath.Clean(path)
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return "", err
		}
		if _, err := os.Lstat(path); err == nil {
			return "", hint.With(fmt.Errorf("%s is a symbolic link that leads nowhere", path), "delete the link")
		}
		rest = filepath.Join(filepath.Base(path), rest)
		path = filepath.Dir(path)
	}
}

// isAt reports whether a path is a folder or below it, also where the folder isn't
// there yet. Neither has links.
func isAt(path, folder string) bool {
	return path == folder || isBelowFolder(path, folder) || cli.IsInside(path, folder)
}
