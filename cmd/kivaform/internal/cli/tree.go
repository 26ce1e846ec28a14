package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"kivaform/kiva/hint"
)

// SettingsNames lists the names of a workspace's settings.
var SettingsNames = []string{"kiva.yaml", "kiva.yml"}

// TreeAround returns the workspace, or its clone, that contains a folder by its
// name or by the target of a link; else "".
func (c *Console) TreeAround(folder string) string {
	names := []string{folder}
	if real, err := filepath.EvalSymlinks(existingPart(folder)); err == nil {
		names = append(names, real)
	}
	for _, tree := range c.Trees() {
		for _, name := range names {
			if IsInside(name, tree) {
				return tree
			}
		}
	}
	return ""
}

// Trees returns the folders whose files come from pull requests: the workspace
// and its clone. The clone around a submodule or a linked worktree counts, too.
func (c *Console) Trees() (trees []string) {
	dir, err := RealFolder(c.Dir)
	if err != nil || !isWorkspaceFolder(dir) {
		return nil
	}
	return append([]string{dir}, clonesAround(dir)...)
}

// clonesAround returns the clones that contain a folder, the outermost last.
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
	for _, name := range SettingsNames {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// RealFolder returns the absolute path of a folder or file, without symbolic
// links.
func RealFolder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// existingPart returns the longest existing part of a path.
func existingPart(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// IsInside reports whether a path is a folder or below it. It compares files, so
// spelling doesn't matter.
func IsInside(path, folder string) bool {
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

// outermostTree returns the outermost clone around the workspace, or the
// workspace; without one, the clone of the current folder, else "".
func (c *Console) outermostTree() string {
	trees := c.Trees()
	if len(trees) == 0 {
		if dir, err := RealFolder("."); err == nil {
			trees = clonesAround(dir)
		}
	}
	if len(trees) == 0 {
		return ""
	}
	return trees[len(trees)-1]
}

// IsInGit reports whether a path below a folder is in a repository's .git
// folder, under any of its names.
func IsInGit(path, folder string) bool {
	for ; path != folder && path != filepath.Dir(path); path = filepath.Dir(path) {
		if strings.EqualFold(filepath.Base(path), ".git") {
			return true
		}
		info, err := os.Stat(path)
		own, ownErr := os.Stat(filepath.Join(filepath.Dir(path), ".git"))
		if err == nil && ownErr == nil && os.SameFile(info, own) {
			return true
		}
	}
	return false
}

// CheckStaysInClone refuses a path in git's own folder, and one that leaves the
// clone by a link: the link came with the files, and the person who gave the
// path saw only its name.
func (c *Console) CheckStaysInClone(subject, path string) error {
	tree := c.outermostTree()
	if tree == "" {
		return nil
	}
	part := ""
	if path = filepath.FromSlash(path); !filepath.IsAbs(path) {
		var err error
		if part, err = os.Getwd(); err != nil {
			return err
		}
	} else {
		part = filepath.VolumeName(path) + string(filepath.Separator)
		path = path[len(filepath.VolumeName(path)):]
	}
	for name := range strings.SplitSeq(path, string(filepath.Separator)) {
		above := part
		part = strings.TrimSuffix(above, string(filepath.Separator)) + string(filepath.Separator) + name // .. after a link isn't what filepath.Join makes of it
		info, err := os.Lstat(part)
		if name == "" || err != nil || !IsInside(above, tree) {
			continue
		}
		target, isLink := filepath.Clean(part), info.Mode()&fs.ModeSymlink != 0
		if isLink {
			target, err = filepath.EvalSymlinks(part)
		}
		if err == nil && IsInside(target, tree) && IsInGit(target, tree) {
			return WithCode(ExitInvalid, hint.With(fmt.Errorf("%s: %s is in git's own folder: nothing was read or written", subject, part), "name a place outside of it"))
		}
		if isLink && (err != nil || !IsInside(target, tree)) {
			return WithCode(ExitInvalid, hint.With(fmt.Errorf("%s: %s is a symbolic link that leads out of %s: nothing was read or written", subject, part, tree), "delete the link, or name the place itself"))
		}
	}
	return nil
}

// CreateIn creates a file in a folder, and the folders above it; it fails if the
// file exists.
func CreateIn(root *os.Root, name, text string) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
