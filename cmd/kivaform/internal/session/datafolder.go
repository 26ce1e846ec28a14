package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/hint"
)

// DataFolder holds the sandbox's data beside a workspace.
const DataFolder = ".kivaform"

// SandboxFolder is the part of dataFolder that the sandbox itself has; its
// ledger is another.
const SandboxFolder = DataFolder + "/sandbox"

// OpenDataFolder makes a folder of the workspace's data, and opens it. Data
// folders may have come with a clone, so one that is a link is refused. Git
// ignores all of them.
func (w *Workspace) OpenDataFolder(name string) (*os.Root, error) {
	root, err := os.OpenRoot(w.Set.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := RefuseLinks(root, name); err != nil {
		return nil, err
	}
	if err := root.MkdirAll(name, 0o700); err != nil {
		return nil, err
	}
	if err := hideFromGit(root); err != nil {
		return nil, err
	}
	return root.OpenRoot(name)
}

// makeDataFolder makes a folder of the workspace's data.
func (w *Workspace) makeDataFolder(name string) error {
	folder, err := w.OpenDataFolder(name)
	if err != nil {
		return err
	}
	return folder.Close()
}

// RefuseLinks refuses a path that has a symbolic link in it.
func RefuseLinks(root *os.Root, name string) error {
	for part := name; part != "."; part = path.Dir(part) {
		info, err := root.Lstat(part)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("%s is a symbolic link, and what kivaform keeps there would be written elsewhere", filepath.Join(root.Name(), part)), "delete the link"))
		}
	}
	return nil
}

// hideFromGit makes git ignore the data folder, whatever the workspace's own
// .gitignore says. Where nothing can be written there is nothing to hide.
func hideFromGit(root *os.Root) error {
	file := path.Join(DataFolder, ".gitignore")
	info, err := root.Lstat(file)
	if err == nil && info.Mode().IsRegular() {
		if data, err := root.ReadFile(file); err == nil && ignoresAll(string(data)) {
			return nil
		}
	}
	if err == nil {
		err = root.Remove(file)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = root.WriteFile(file, []byte("*\n"), 0o600)
	}
	return err
}

// ignoresAll reports whether a .gitignore leaves nothing to git.
func ignoresAll(text string) bool {
	all := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "!") {
			return false
		}
		all = all || line == "*"
	}
	return all
}
