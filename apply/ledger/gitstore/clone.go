package gitstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kivaform/kiva/hint"
)

// A clone is the repository around a workspace. Its own settings are trusted,
// because no commit can bring them; the files of its work tree are not.
type clone struct {
	top    string   // the folder of the work tree, without links
	gitDir string   // "" outside of a repository
	trees  []string // top, and the work trees around a submodule or a linked one
}

// findClone finds the repository around a folder by its ".git", a name that git
// never takes from a commit. It doesn't look for a bare repository, whose files
// could have come with a commit.
func findClone(ctx context.Context, dir string) (*clone, error) {
	real, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	trees := workTrees(real)
	if len(trees) == 0 {
		return &clone{top: real, trees: []string{real}}, nil
	}
	c := &clone{top: trees[0], trees: trees}
	env := append(gitEnvironment(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(c.top))
	out, err := runGit(ctx, localTime, c.top, env, nil, "rev-parse", "--absolute-git-dir")
	switch {
	case saysWords(err, dubious):
		return nil, hint.With(fmt.Errorf("the repository in %s: %w", c.top, err), "%s", trustHint(foreignRepository(err)))
	case err != nil:
		return nil, fmt.Errorf("the repository in %s: %w", c.top, err)
	}
	if c.gitDir, err = realPath(strings.TrimSuffix(string(out), "\n")); err != nil {
		return nil, err
	}
	if c.isFromTree(c.gitDir) {
		return nil, hint.With(fmt.Errorf("the repository of %s is kept in %s, among the files that commits bring, so its settings can't be trusted", c.top, c.gitDir), "clone it again")
	}
	return c, nil
}

// dubious is git's message for a repository on this machine that belongs to
// another user.
const dubious = "detected dubious ownership in repository at '"

// foreignRepository returns the path that git's safe.directory would need.
func foreignRepository(err error) string {
	failed := (*gitError)(nil)
	if !errors.As(err, &failed) {
		return ""
	}
	_, rest, _ := strings.Cut(failed.stderr, dubious)
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "'")
}

func trustHint(path string) string {
	return "if you trust the owner of its files: git config --global --add safe.directory " + shellWord(path)
}

// shellWord quotes a path for a shell.
func shellWord(path string) string {
	if strings.IndexFunc(path, needsQuotes) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

func needsQuotes(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+:@", r))
}

// workTrees returns the folders around a folder that have a ".git", the nearest
// first. A ".git" that is a file may belong to a clone further up.
func workTrees(dir string) (trees []string) {
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

// isFromTree reports whether a commit could have written a file: its name, or
// the target of its links, is in a work tree and not in its ".git".
func (c *clone) isFromTree(name string) bool {
	names := []string{filepath.Clean(name)}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		names = append(names, real)
	}
	for _, name := range names {
		for _, tree := range c.trees {
			if isInside(name, tree) && !isInside(name, filepath.Join(tree, ".git")) {
				return true
			}
		}
	}
	return false
}

// isInside reports whether a path is a folder or below it. It compares files, so
// spelling doesn't matter.
func isInside(name, folder string) bool {
	want, err := os.Lstat(folder)
	if err != nil || !want.IsDir() {
		return false
	}
	for ; ; name = filepath.Dir(name) {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, want) {
			return true
		}
		if name == filepath.Dir(name) {
			return false
		}
	}
}

// realPath returns an absolute path without links.
func realPath(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// git runs git in the clone. It reaches no remote.
func (c *clone) git(ctx context.Context, args ...string) ([]byte, error) {
	gitDir := c.gitDir
	if gitDir == "" {
		gitDir = os.DevNull // so that git searches for none
	}
	return runGit(ctx, localTime, c.top, gitEnvironment(), nil, append([]string{"--git-dir=" + gitDir}, args...)...)
}

// HeadCommit returns the abbreviated id of the current commit of a folder's
// clone, or "" without a clone.
func HeadCommit(ctx context.Context, dir string) string {
	c, err := findClone(ctx, dir)
	if err != nil || c.gitDir == "" {
		return ""
	}
	out, err := c.git(ctx, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
