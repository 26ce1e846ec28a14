package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A submodule and a linked worktree are folders of another clone, which counts
// as well.
func TestTreesAround(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "outer", "module", "work")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kiva.yaml"), []byte("version: 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	module, outer := filepath.Join(root, "outer", "module"), filepath.Join(root, "outer")
	c := &Console{Dir: dir}
	if got := c.Trees(); len(got) != 1 || got[0] != dir {
		t.Errorf("without a clone: %q", got)
	}
	if err := os.WriteFile(filepath.Join(module, ".git"), []byte("gitdir: ../.git/modules/module\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(outer, ".git"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, ".git"), 0o777); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Trees(), " "); got != dir+" "+module+" "+outer {
		t.Errorf("in a submodule: %s", got)
	}
	c.Dir = root // no workspace: a lender's login, for instance
	if got := c.Trees(); got != nil {
		t.Errorf("without a workspace: %q", got)
	}
}
