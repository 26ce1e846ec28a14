package load

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/input"
)

// discoverFiles lists the YAML files of a workspace that may contain documents,
// sorted. It omits hidden files and folders, ledgers, workspaces below this one,
// and files that ignored reports. It doesn't enter folders that are symbolic
// links, so that nothing outside is read and nothing twice. The faults are
// warnings of documents that look like part of the workspace and aren't read.
func discoverFiles(ctx context.Context, root *os.Root, ignored, isOwnLedger func(name string) bool) (files []string, skipped []*spec.Fault, err error) {
	skip := func(file, message, hint string) {
		skipped = append(skipped, code.NewFault(code.Skipped, spec.Pos{File: file}, "", message, hint))
	}
	err = fs.WalkDir(root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case file == ".":
			return nil
		case d.IsDir() && (isHidden(d) || ignored(file)):
			return fs.SkipDir
		case d.IsDir() && (isOwnLedger(file) || hasLedger(root, file)):
			if !isOwnLedger(file) {
				skip(file, "a folder with a ledger that kiva.yaml doesn't name: no documents are read there", "if that is meant, write the folder under ignore in kiva.yaml; if not, delete "+file+"/"+ledgerFile)
			} else if document := documentBelow(root, file); document != "" {
				skip(document, "lies in the folder of a ledger, where no documents are read", "keep documents outside of "+file)
			}
			return fs.SkipDir
		case isHidden(d) || ignored(file):
		case d.IsDir() && isWorkspace(root, file):
			skip(file, "a workspace of its own: its documents aren't read here", "if that is meant, write the folder under ignore in kiva.yaml; kivaform -C "+file+" works with it")
			return fs.SkipDir
		case isLinkToFolder(root, file, d):
			skip(file, "a symbolic link to a folder: what is in it isn't read", "keep the files in the workspace, or write the link under ignore in kiva.yaml")
		case isDocumentName(file) && d.Type()&fs.ModeSymlink != 0 && input.IsHidden(root, file):
			skip(file, "a symbolic link to a hidden file, which isn't read", "keep the file itself in its place")
		case isDocumentName(file) && isFile(root, file, d):
			files = append(files, file)
		}
		return nil
	})
	slices.Sort(files)
	return files, skipped, err
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

// ledgerFile is a ledger's first object. A ledger's folder may have a hundred
// thousand files, none of them documents.
const ledgerFile = "kivaform-ledger.json"

func hasLedger(root *os.Root, dir string) bool {
	_, err := root.Lstat(path.Join(dir, ledgerFile))
	return err == nil
}

// documentBelow returns a file in a ledger's folder with a document's name, else
// "". It looks at 5,000 files and folders at most.
func documentBelow(root *os.Root, dir string) (found string) {
	left := 5000
	fs.WalkDir(root.FS(), dir, func(file string, d fs.DirEntry, err error) error {
		if left--; left < 0 {
			return fs.SkipAll
		}
		if err == nil && !d.IsDir() && isDocumentName(file) {
			found = file
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// isDocumentName reports whether a file of that name may contain documents.
func isDocumentName(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".yaml", ".yml":
		return !slices.Contains(settingsFiles, file) && !slices.Contains(catalogFiles, file)
	}
	return false
}

// isFile reports whether file is a regular file or a link to one. Reading a link
// that leaves the workspace is a fault.
func isFile(root *os.Root, file string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := root.Stat(file)
	return err != nil || info.Mode().IsRegular()
}

// isLinkToFolder reports whether a file is a symbolic link to a folder, in the
// workspace or outside.
func isLinkToFolder(root *os.Root, file string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(filepath.Join(root.Name(), filepath.FromSlash(file)))
	return err == nil && info.IsDir()
}

// matchGlob reports whether a pattern matches a slash-separated path. Each
// element matches as in [path.Match]; ** matches any number of elements. Its
// time is at most proportional to the product of both lengths, in elements:
// after a mismatch only the last ** takes one more element, because an earlier
// one could gain nothing by it.
func matchGlob(pattern, file string) bool {
	elements, names := strings.Split(pattern, "/"), strings.Split(file, "/")
	at, n := 0, 0              // indices: of elements, of names
	afterStars, begin := -1, 0 // after the last **, and the name at which its rest began to match
	for n < len(names) {
		switch {
		case at < len(elements) && elements[at] == "**":
			at++
			afterStars, begin = at, n
		case at < len(elements) && matchElement(elements[at], names[n]):
			at, n = at+1, n+1
		case afterStars >= 0:
			begin++
			at, n = afterStars, begin
		default:
			return false
		}
	}
	for at < len(elements) && elements[at] == "**" {
		at++
	}
	return at == len(elements)
}

func matchElement(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// validGlob reports whether every element of a pattern is valid.
func validGlob(pattern string) bool {
	for element := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(element, ""); err != nil {
			return false
		}
	}
	return true
}
