//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// keeper returns a copy of the quickstart, a cache folder, and what runs a
// command there.
func keeper(t *testing.T) (dir, cache string, runs func(args ...string) (code int, errs string)) {
	t.Helper()
	root := t.TempDir()
	dir, cache = filepath.Join(root, "work"), filepath.Join(root, "cache")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	return dir, cache, func(args ...string) (int, string) {
		var errs strings.Builder
		s := cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: &errs}
		code := run(t.Context(), append([]string{"-C", dir}, args...), s, settingsOf(map[string]string{"KIVAFORM_CACHE_DIR": cache}))
		return code, errs.String()
	}
}

// workspaceCaches returns the parts of a cache folder that belong to
// workspaces.
func workspaceCaches(t *testing.T, cache string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(cache, "workspaces", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// apply keeps the facts of photos, which follow from their bytes, and nothing of
// documents: what is sent is always read.
func TestWhatIsKept(t *testing.T) {
	_, cache, runs := keeper(t)
	if code, errs := runs("apply", "--auto-approve"); code != cli.ExitDone {
		t.Fatal(code, errs)
	}
	dirs := workspaceCaches(t, cache)
	if len(dirs) != 1 {
		t.Fatalf("after apply: %q", dirs)
	}
	if kept, err := os.ReadDir(filepath.Join(dirs[0], "photos")); err != nil || len(kept) == 0 {
		t.Errorf("no facts of photos: %v", err)
	}
	checked := filepath.Join(dirs[0], "checked")
	if _, err := os.Stat(checked); err == nil {
		t.Error("apply keeps documents")
	}
	if code, errs := runs("plan"); code != cli.ExitDone {
		t.Fatal(code, errs)
	}
	if kept, err := os.ReadDir(checked); err != nil || len(kept) == 0 {
		t.Errorf("plan keeps no documents: %v", err)
	}
	for _, dir := range []string{filepath.Dir(dirs[0]), dirs[0], checked} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s is not for its owner alone: %v, %v", dir, info, err)
		}
	}
}

// A workspace has one cache, by whatever path it is reached, and another
// workspace has another.
func TestCacheOfEachWorkspace(t *testing.T) {
	dir, cache, runs := keeper(t)
	runs("validate")
	link := dir + "-link"
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	runs("-C", link, "validate")
	if dirs := workspaceCaches(t, cache); len(dirs) != 1 {
		t.Errorf("one workspace has %q", dirs)
	}
	other := dir + "-other"
	if err := copyQuickstart(other); err != nil {
		t.Fatal(err)
	}
	runs("-C", other, "validate")
	if dirs := workspaceCaches(t, cache); len(dirs) != 2 {
		t.Errorf("two workspaces have %q", dirs)
	}
}

// A folder that others could have made or could write isn't believed, and one
// of this user's is made private.
func TestWorkspaceCacheOfOthers(t *testing.T) {
	_, cache, runs := keeper(t)
	runs("validate")
	own := workspaceCaches(t, cache)[0]
	if err := os.Chmod(own, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, errs := runs("validate"); strings.Contains(errs, "nothing is kept") {
		t.Error(errs)
	}
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	moved := filepath.Join(filepath.Dir(cache), "moved")
	if err := os.Rename(own, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(moved, own); err != nil {
		t.Fatal(err)
	}
	if code, errs := runs("validate"); code != cli.ExitDone || !strings.Contains(errs, "not a folder but a link") {
		t.Errorf("%d, %s", code, errs)
	}
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder to another user")
	}
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(own, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if code, errs := runs("validate"); code != cli.ExitDone || !strings.Contains(errs, "belongs to another user") {
		t.Errorf("%d, %s", code, errs)
	}
	if kept, err := os.ReadDir(own); err != nil || len(kept) != 0 {
		t.Errorf("kept in another user's folder: %v, %v", kept, err)
	}
}
