package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kivaform/kiva/hint"
)

// outermostTree returns the outermost clone that the workspace is in, or the
// workspace; without one, the clone of the current folder. "" is neither.
func (a *app) outermostTree() string {
	trees := a.trees()
	if len(trees) == 0 {
		if dir, err := realFolder("."); err == nil {
			trees = clonesAround(dir)
		}
	}
	if len(trees) == 0 {
		return ""
	}
	return trees[len(trees)-1]
}

// checkStaysInClone refuses a path which a link in the clone leads out of it: the
// link came with the files, and whoever gave the path saw only its name.
func (a *app) checkStaysInClone(subject, path string) error {
	tree := a.outermostTree()
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
		if name == "" || err != nil || info.Mode()&fs.ModeSymlink == 0 || !isInside(above, tree) {
			continue
		}
		if target, err := filepath.EvalSymlinks(part); err != nil || !isInside(target, tree) {
			return withCode(exitInvalid, hint.With(fmt.Errorf("%s: %s is a symbolic link that leads out of %s: nothing was read or written", subject, part, tree), "delete the link, or name the place itself"))
		}
	}
	return nil
}
