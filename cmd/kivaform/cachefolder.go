package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"kivaform/kiva/hint"
)

// cacheFolder returns the folder of what is kept for this user. A folder inside
// the workspace, or inside the clone that has it, is refused: its files are
// written by all who open pull requests.
func (a *app) cacheFolder() (string, error) {
	dir, err := a.namedCacheFolder()
	if err != nil {
		return "", err
	}
	if tree := a.treeAround(dir); tree != "" {
		return "", hint.With(fmt.Errorf("the cache folder %s is inside %s, whose files come from pull requests", dir, tree), "set KIVAFORM_CACHE_DIR to a folder outside of it")
	}
	return dir, nil
}

func (a *app) namedCacheFolder() (string, error) {
	if dir := a.getenv("KIVAFORM_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", hint.With(fmt.Errorf("no folder for what is kept between runs: %w", err), "set KIVAFORM_CACHE_DIR to a folder of your own outside of the workspace")
	}
	return filepath.Join(dir, "kivaform"), nil
}

// treeAround returns the workspace, or the clone that has it, if a folder is
// inside of it, by its name or by where a link leads; else "".
func (a *app) treeAround(folder string) string {
	names := []string{folder}
	if real, err := filepath.EvalSymlinks(existingPart(folder)); err == nil {
		names = append(names, real)
	}
	for _, tree := range a.trees() {
		for _, name := range names {
			if isInside(name, tree) {
				return tree
			}
		}
	}
	return ""
}

// trees returns the folders whose files come from pull requests: the workspace
// and the clone that it is in. A submodule and a linked worktree lie in another
// clone, which counts too.
func (a *app) trees() (trees []string) {
	dir, err := realFolder(a.dir)
	if err != nil || !isWorkspaceFolder(dir) {
		return nil
	}
	return append([]string{dir}, clonesAround(dir)...)
}

// clonesAround returns the clones that a folder is in, the outermost last.
func clonesAround(dir string) (trees []string) {
	for ; ; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			if trees = append(trees, dir); info.IsDir() {
				return trees
			}
		}
		if dir == filepath.Dir(dir) {
			return trees
		}
	}
}

func isWorkspaceFolder(dir string) bool {
	for _, name := range settingsNames {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// realFolder returns the absolute path of a folder or file, without symbolic links.
func realFolder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// existingPart returns the longest part of a path that exists.
func existingPart(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// isInside reports whether a path is a folder or below it. It compares files, so
// that spelling doesn't matter.
func isInside(path, folder string) bool {
	want, err := os.Stat(folder)
	if err != nil {
		return false
	}
	for path = existingPart(path); ; path = filepath.Dir(path) {
		if info, err := os.Stat(path); err == nil && os.SameFile(info, want) {
			return true
		}
		if path == filepath.Dir(path) {
			return false
		}
	}
}

// A workspaceCache is the part of the user's cache folder that belongs to one
// workspace.
type workspaceCache struct {
	once  sync.Once
	quiet bool   // says nothing: shells complete words
	dir   string // "" where nothing can be kept
	err   error  // why nothing can be kept, or nothing new
}

// workspaceCache returns the folder of what is kept for this workspace between
// runs, "" where nothing can be kept. It is named by the workspace's path. That
// nothing is kept is said once, unless it is wanted so.
func (a *app) workspaceCache() string {
	a.cache.once.Do(func() {
		a.cache.dir, a.cache.err = a.makeWorkspaceCache()
		if a.cache.err != nil && !a.cache.quiet && !a.wantsNoCache() {
			fmt.Fprintf(a.err, "warning: nothing is kept between runs, so tokens are asked for anew each time, and files are checked anew: %s\n", hint.Text(a.cache.err))
		}
	})
	return a.cache.dir
}

// wantsNoCache reports whether the user does without what was made of files.
func (a *app) wantsNoCache() bool { return a.getenv("KIVAFORM_NO_CACHE") != "" }

// makeWorkspaceCache makes the folder. What a folder has that can't be written is
// still read. A workspace that isn't there has none, and other errors say so.
func (a *app) makeWorkspaceCache() (string, error) {
	workspace, err := realFolder(a.dir)
	if err != nil {
		return "", nil
	}
	base, err := a.cacheFolder()
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

// filesCache returns the folder of what was made of files and photos, "" where
// nothing is kept or nobody wants it.
func (a *app) filesCache() string {
	if a.wantsNoCache() {
		return ""
	}
	return a.workspaceCache()
}

// ledgerCache is the folder of what was read from a ledger afar, "" where
// nothing can be kept.
func (w *workspace) ledgerCache() string {
	dir := w.app.workspaceCache()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "ledger")
}

// formerCaches are folders of .kivaform that earlier versions kept caches in.
var formerCaches = []string{"cache", "checked", "photos"}

// warnOfFormerCaches says once which folders are left of earlier versions.
// Nothing is read there.
func (a *app) warnOfFormerCaches(workspace string) {
	a.former.Do(func() {
		var there []string
		for _, name := range formerCaches {
			dir := filepath.Join(workspace, dataFolder, name)
			if _, err := os.Lstat(dir); err == nil {
				there = append(there, dir)
			}
		}
		if len(there) > 0 {
			fmt.Fprintf(a.err, "warning: caches of an earlier version are ignored and can be deleted: %s\n", strings.Join(there, ", "))
		}
	})
}
