package gitstore

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// userFile, in our repository, serves git as the user's settings. Programs that
// git starts at a remote in a folder read it as well.
const userFile = "kivaform-user"

// ownFiles lists git's files in a repository of ours, besides locks. Others
// could name objects, settings or programs elsewhere.
var ownFiles = []string{"HEAD", "config", "packed-refs", "shallow", "gc.log", "gc.pid", "info/refs", userFile}

// ownFolders lists git's folders there; the last three may have any files.
var ownFolders = []string{".", "info", "objects", "objects/info", "objects/pack", "refs", "logs"}

// isOurs reports whether a folder has a repository in our form: without links,
// hooks, borrowed objects and anything else that git would follow.
func isOurs(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return checkOwn(filepath.ToSlash(rel), d)
	})
	return err == nil
}

func checkOwn(rel string, d fs.DirEntry) error {
	folder, base, _ := cutLast(rel)
	first, _, nested := strings.Cut(rel, "/")
	switch {
	case d.IsDir() && slices.Contains(ownFolders, rel), d.IsDir() && nested && (first == "refs" || first == "logs"):
		return nil
	case d.IsDir() && folder == "objects" && (len(base) == 2 || strings.HasPrefix(base, "tmp_")):
		return fs.SkipDir // many, each named by its content
	case !d.Type().IsRegular():
	case strings.HasSuffix(rel, ".lock"), slices.Contains(ownFiles, rel), strings.HasPrefix(rel, "fast_import_crash_"):
		return nil
	case nested && (first == "refs" || first == "logs"), folder == "objects/pack":
		return nil
	case folder == "objects" && strings.HasPrefix(base, "tmp_"), rel == "objects/info/packs":
		return nil
	}
	return fmt.Errorf("%s is not ours", rel)
}

// cutLast splits a path before its last name.
func cutLast(rel string) (folder, base string, nested bool) {
	i := strings.LastIndexByte(rel, '/')
	if i < 0 {
		return "", rel, false
	}
	return rel[:i], rel[i+1:], true
}

// writeSettings writes our repository's settings anew, because another
// program could have changed them.
func (r *repository) writeSettings() error {
	var user strings.Builder
	for _, s := range r.settings {
		if s.name == "safe.directory" {
			fmt.Fprintf(&user, "[safe]\n\tdirectory = %s\n", quoteValue(s.value))
		}
	}
	for name, text := range map[string]string{
		"HEAD":   "ref: refs/heads/main\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n",
		userFile: user.String(),
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// quoteValue returns a value in the syntax of a settings file.
func quoteValue(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value) + `"`
}

func removeLocks(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "objects":
			return fs.SkipDir
		case strings.HasSuffix(name, ".lock"):
			return os.Remove(name) // #nosec G122 -- in the user's own cache folder
		}
		return nil
	})
}
