package gitstore_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/gitstore"
	"kivaform/apply/ledger/ledgertest"
)

// git runs git as a person would.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Test", "-c", "user.email=test@localhost"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// remote makes a bare repository with a main branch, and returns its folder.
func remote(t testing.TB) string {
	t.Helper()
	bare := filepath.Join(t.TempDir(), "partner.git")
	if err := os.CopyFS(bare, os.DirFS(template(t))); err != nil {
		t.Fatal(err)
	}
	return bare
}

// scratch is the folder of what the tests of one run share.
var scratch string

var makeTemplate sync.Once

// template returns the repository that remote copies: git would make each anew
// in five runs.
func template(t testing.TB) string {
	t.Helper()
	bare, work := filepath.Join(scratch, "partner.git"), filepath.Join(scratch, "work")
	makeTemplate.Do(func() {
		git(t, scratch, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", bare)
		git(t, bare, "config", "uploadpack.allowFilter", "true")
		git(t, scratch, "clone", "--quiet", bare, work)
		git(t, work, "commit", "--quiet", "--allow-empty", "-m", "begin")
		git(t, work, "push", "--quiet", "origin", "HEAD:main")
	})
	return bare
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gitstore-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// clone returns a new clone of an address.
func clone(t testing.TB, address string) string {
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, filepath.Dir(dir), "clone", "--quiet", "--branch=main", address, dir)
	return dir
}

func open(t testing.TB, dir string) *gitstore.Store {
	t.Helper()
	s, err := gitstore.New(gitstore.Options{Branch: "kivaform-ledger", Dir: dir, Cache: filepath.Join(dir, ".kivaform", "cache")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Each store is of a clone of its own.
func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		address := "file://" + remote(t)
		return func() ledger.Store { return open(t, clone(t, address)) }
	})
}

// Eight programs in clones of their own, then in one clone.
func TestProcesses(t *testing.T) {
	ledgertest.Processes(t, func(t *testing.T) string { return "file://" + remote(t) },
		func(t testing.TB, address string) ledger.Store { return open(t, clone(t, address)) })
}

func TestProcessesInOneClone(t *testing.T) {
	ledgertest.Processes(t, func(t *testing.T) string { return clone(t, "file://"+remote(t)) },
		func(t testing.TB, dir string) ledger.Store { return open(t, dir) })
}
