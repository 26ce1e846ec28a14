package spec

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// discover lists the YAML files of a workspace that may hold documents,
// sorted: not hidden files, not in hidden folders, ledgers and workspaces of
// their own, and not what ignored says. Folders that are symbolic links are not entered, so that
// nothing is read twice and nothing from elsewhere.
func discover(root *os.Root, ignored func(file string) bool) ([]string, error) {
	var files []string
	err := fs.WalkDir(root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file == ".":
			return nil
		case d.IsDir() && (isHidden(d) || ignored(file) || isWorkspace(root, file) || isLedger(root, file)):
			return fs.SkipDir
		case isDocumentFile(root, file, d) && !isHidden(d) && !ignored(file):
			files = append(files, file)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

func isHidden(d fs.DirEntry) bool { return strings.HasPrefix(d.Name(), ".") }

func isWorkspace(root *os.Root, dir string) bool {
	for _, name := range settingsFiles {
		if info, err := root.Stat(path.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// ledgerFile is the first object of a ledger in a folder, which may have a
// hundred thousand files that nobody needs to look at.
const ledgerFile = "kivaform-ledger.json"

func isLedger(root *os.Root, dir string) bool {
	_, err := root.Lstat(path.Join(dir, ledgerFile))
	return err == nil
}

// isDocumentFile reports whether a file may hold documents. A symbolic link to
// a file counts: one that leaves the workspace is a fault when it is read.
func isDocumentFile(root *os.Root, file string, d fs.DirEntry) bool {
	if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
		return false
	}
	if slices.Contains(settingsFiles, file) || slices.Contains(catalogFiles, file) {
		return false
	}
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := root.Stat(file)
	return err != nil || info.Mode().IsRegular()
}

// matchGlob reports whether a pattern matches a slash-separated path. Each
// element matches as in [path.Match]; ** stands for any number of elements.
func matchGlob(pattern, file string) bool {
	return matchElements(strings.Split(pattern, "/"), strings.Split(file, "/"))
}

func matchElements(pattern, file []string) bool {
	for len(pattern) > 0 && pattern[0] != "**" {
		if len(file) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], file[0]); !ok || err != nil {
			return false
		}
		pattern, file = pattern[1:], file[1:]
	}
	if len(pattern) == 0 {
		return len(file) == 0
	}
	for i := range len(file) + 1 {
		if matchElements(pattern[1:], file[i:]) {
			return true
		}
	}
	return false
}

// validGlob reports whether every element of a pattern can be read.
func validGlob(pattern string) bool {
	for element := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(element, ""); err != nil {
			return false
		}
	}
	return true
}
