package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/hint"
)

// CacheFolder returns the folder of what is kept for this user. A folder inside
// the workspace, or inside the clone that has it, is refused: its files are
// written by all who open pull requests.
func (a *App) CacheFolder() (string, error) {
	dir, err := a.namedCacheFolder()
	if err != nil {
		return "", err
	}
	if tree := a.TreeAround(dir); tree != "" {
		return "", hint.With(fmt.Errorf("the cache folder %s is inside %s, whose files come from pull requests", dir, tree), "set KIVAFORM_CACHE_DIR to a folder outside of it")
	}
	return dir, nil
}

func (a *App) namedCacheFolder() (string, error) {
	if dir := a.Getenv("KIVAFORM_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", hint.With(fmt.Errorf("no folder for what is kept between runs: %w", err), "set KIVAFORM_CACHE_DIR to a folder of your own outside of the workspace")
	}
	return filepath.Join(dir, "kivaform"), nil
}

// A workspaceCache is the part of the user's cache folder that belongs to one
// workspace.
type workspaceCache struct {
	once  sync.Once
	Quiet bool   // says nothing: shells complete words
	dir   string // "" where nothing can be kept
	Err   error  // why nothing can be kept, or nothing new
}

// WorkspaceCache returns the folder of what is kept for this workspace between
// runs, "" where nothing can be kept. It is named by the workspace's path. That
// nothing is kept is said once, unless it is wanted so.
func (a *App) WorkspaceCache() string {
	a.Cache.once.Do(func() {
		a.Cache.dir, a.Cache.Err = a.makeWorkspaceCache()
		if a.Cache.Err != nil && !a.Cache.Quiet && !a.WantsNoCache() {
			fmt.Fprintf(a.Err, "warning: nothing is kept between runs, so tokens are asked for anew each time, and files are checked anew: %s\n", hint.Text(a.Cache.Err))
		}
	})
	return a.Cache.dir
}

// WantsNoCache reports whether the user does without what was made of files.
func (a *App) WantsNoCache() bool { return a.Getenv("KIVAFORM_NO_CACHE") != "" }

// makeWorkspaceCache makes the folder. What a folder has that can't be written is
// still read. A workspace that isn't there has none, and other errors say so.
func (a *App) makeWorkspaceCache() (string, error) {
	workspace, err := cli.RealFolder(a.Dir)
	if err != nil {
		return "", nil
	}
	base, err := a.CacheFolder()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(workspace))
	all := filepath.Join(base, "workspaces")
	own := filepath.Join(all, hex.EncodeToString(sum[:16]))
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", cannotKeep(err)
	}
	if err := errors.Join(makePrivate(all), makePrivate(own)); err != nil {
		return "", err
	}
	return own, tryToWrite(own)
}

func cannotKeep(err error) error {
	return hint.With(err, "set KIVAFORM_CACHE_DIR to a folder of your own, outside of the workspace, that can be written")
}

// tryToWrite makes a file in a folder and removes it: a folder's mode doesn't
// tell of a disk that can only be read.
func tryToWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return cannotKeep(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// makePrivate makes sure that a folder is this user's own, and nobody else's to
// read or write.
func makePrivate(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return hint.With(fmt.Errorf("%s is not a folder but a link or a file", dir), "remove it")
	case !isOwn(info):
		return hint.With(fmt.Errorf("%s belongs to another user", dir), "set KIVAFORM_CACHE_DIR to a folder of your own")
	case info.Mode().Perm() != 0o700: // an odd umask, or a folder that was there
		return os.Chmod(dir, 0o700) // #nosec G302 -- a folder
	}
	return nil
}

// FilesCache returns the folder of what was made of files and photos, "" where
// nothing is kept or nobody wants it.
func (a *App) FilesCache() string {
	if a.WantsNoCache() {
		return ""
	}
	return a.WorkspaceCache()
}

// ledgerCache is the folder of what was read from a ledger afar, "" where
// nothing can be kept.
func (w *Workspace) ledgerCache() string {
	dir := w.App.WorkspaceCache()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "ledger")
}

// formerCaches are folders of .kivaform that earlier versions kept caches in.
var formerCaches = []string{"cache", "checked", "photos"}

// warnOfFormerCaches says once which folders are left of earlier versions.
// Nothing is read there.
func (a *App) warnOfFormerCaches(workspace string) {
	a.former.Do(func() {
		var there []string
		for _, name := range formerCaches {
			dir := filepath.Join(workspace, DataFolder, name)
			if _, err := os.Lstat(dir); err == nil {
				there = append(there, dir)
			}
		}
		if len(there) > 0 {
			fmt.Fprintf(a.Err, "warning: caches of an earlier version are ignored and can be deleted: %s\n", strings.Join(there, ", "))
		}
	})
}
