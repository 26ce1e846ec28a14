package gitstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
)

const (
	createTime = 3 * time.Minute // for everything that a create does
	faults     = 4               // pushes that fail though nobody else pushed, before giving up
)

type create = together.Call[object, struct{}]

// createAll creates what some callers want, in one commit. It tries again on
// the branch's new commit where others were faster, and leaves out what they
// have created.
func (s *Store) createAll(ctx context.Context, calls []*create) {
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	left := distinct(calls)
	for failed := 0; len(left) > 0; {
		tip, err := s.startingPoint(ctx)
		if err == nil {
			left, err = s.withoutTaken(ctx, tip, left)
		}
		if err != nil {
			fail(left, fmt.Errorf("nothing was created: %w", err))
			return
		}
		if len(left) == 0 {
			return
		}
		done, pushErr := s.commit(ctx, tip, left)
		if done {
			return
		}
		if s.knownTip() == tip {
			failed++
		}
		if failed == faults || ctx.Err() != nil {
			fail(left, pushErr)
			return
		}
		wait(ctx, failed)
	}
}

// distinct leaves out the calls that want a key that another one of them wants.
func distinct(calls []*create) []*create {
	keys := make(map[string]bool)
	var first []*create
	for _, c := range calls {
		if keys[c.Ask.key] {
			c.Err = fmt.Errorf("%s: %w", c.Ask.key, ledger.ErrExists)
			continue
		}
		keys[c.Ask.key] = true
		first = append(first, c)
	}
	return first
}

func fail(calls []*create, err error) {
	for _, c := range calls {
		c.Err = err
	}
}

// wait keeps programs that compete apart.
func wait(ctx context.Context, failed int) {
	limit := 50 * time.Millisecond << (2 * failed)
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(limit)):
	}
}

// startingPoint returns the commit to build on. What was kept from another
// program's time is looked at first: the branch must still go on from there.
func (s *Store) startingPoint(ctx context.Context) (string, error) {
	s.net.Lock()
	fetched := s.fetched
	s.net.Unlock()
	if tip := s.knownTip(); tip != "" && fetched {
		return tip, nil
	}
	err := s.fetch(ctx)
	return s.knownTip(), err
}

// withoutTaken answers those whose key the branch has, and returns the others.
func (s *Store) withoutTaken(ctx context.Context, tip string, calls []*create) ([]*create, error) {
	if tip == "" {
		return calls, nil
	}
	var paths []string
	for _, c := range calls {
		paths = append(paths, c.Ask.key)
	}
	folders := s.unknownFolders(paths)
	there, err := s.lookUp(ctx, tip, append(paths, folders...), "%(objectname)")
	if err != nil {
		return calls, err
	}
	if err := s.areFolders(ctx, tip, slices.DeleteFunc(folders, func(f string) bool { return there[f] == "" })); err != nil {
		return calls, err
	}
	return slices.DeleteFunc(calls, func(c *create) bool {
		if there[c.Ask.key] == "" {
			return false
		}
		c.Err = fmt.Errorf("%s: %w", c.Ask.key, ledger.ErrExists)
		return true
	}), nil
}

// unknownFolders returns the folders of some keys that were not yet seen.
func (s *Store) unknownFolders(keys []string) []string {
	var folders []string
	for _, key := range keys {
		for dir := path.Dir(key); dir != "." && !s.folders[dir] && !slices.Contains(folders, dir); dir = path.Dir(dir) {
			folders = append(folders, dir)
		}
	}
	return folders
}

// areFolders makes sure that no object stands where a folder is needed: git
// would take it away.
func (s *Store) areFolders(ctx context.Context, tip string, paths []string) error {
	types, err := s.lookUp(ctx, tip, paths, "%(objecttype)")
	for _, p := range paths {
		if err == nil && types[p] != "tree" {
			return fmt.Errorf("%s is an object, not a folder", p)
		}
		s.folders[p] = err == nil
	}
	return err
}

// lookUp asks for something about paths of a commit. What isn't there is left
// out.
func (s *Store) lookUp(ctx context.Context, tip string, paths []string, format string) (map[string]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	var ask bytes.Buffer
	for _, p := range paths {
		fmt.Fprintf(&ask, "%s:%s\n", tip, p)
	}
	out, err := s.repo.git(ctx, localTime, ask.Bytes(), "cat-file", "--batch-check="+format)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(paths) {
		return nil, fmt.Errorf("git cat-file: %d answers to %d questions", len(lines), len(paths))
	}
	answers := make(map[string]string)
	for i, line := range lines {
		if !strings.HasSuffix(line, " missing") {
			answers[paths[i]] = line
		}
	}
	return answers, nil
}

// commit writes a commit and pushes it. Whatever became of the push, the branch
// tells whether the commit is part of it.
func (s *Store) commit(ctx context.Context, tip string, calls []*create) (done bool, err error) {
	commit, err := s.write(ctx, tip, calls)
	if err != nil {
		return false, err
	}
	pushErr := s.push(ctx, commit)
	if pushErr == nil {
		return true, nil
	}
	if err := s.fetch(ctx); err != nil {
		return false, fmt.Errorf("it is not known whether it was created: %w", errors.Join(pushErr, err))
	}
	if s.contains(ctx, commit) {
		return true, nil
	}
	return false, fmt.Errorf("nothing was created: %w; hint: the ledger's branch needs a remote that you may push to without being asked for a password", pushErr)
}

// write makes a commit of some objects on top of another one, without a
// reference to it.
func (s *Store) write(ctx context.Context, tip string, calls []*create) (string, error) {
	message := fmt.Sprintf("Record %d of the ledger\n\nKivaform-Nonce: %s\n", len(calls), nonce())
	const ref = "refs/kivaform/new"
	var in bytes.Buffer
	fmt.Fprintf(&in, "commit %s\nmark :1\ncommitter %s %d +0000\ndata %d\n%s\n", ref, s.repo.committer, time.Now().Unix(), len(message), message)
	if tip != "" {
		fmt.Fprintf(&in, "from %s\n", tip)
	}
	for _, c := range calls {
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", c.Ask.key, len(c.Ask.data), c.Ask.data)
	}
	fmt.Fprintf(&in, "get-mark :1\nreset %s\nfrom %040d\n\ndone\n", ref, 0)
	out, err := s.repo.git(ctx, localTime, in.Bytes(), "fast-import", "--quiet", "--done", "--force")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// push offers a commit to the branch, which takes it if it's still where the
// commit begins.
func (s *Store) push(ctx context.Context, commit string) error {
	s.net.Lock()
	defer s.net.Unlock()
	s.pushed = true
	_, err := s.repo.git(ctx, networkTime, nil, "push", s.repo.remote, commit+":refs/heads/"+s.options.Branch)
	if err == nil {
		s.setTip(commit)
	}
	return err
}

// contains reports whether a commit of ours is part of the branch.
func (s *Store) contains(ctx context.Context, commit string) bool {
	tip := s.knownTip()
	if tip == "" {
		return false
	}
	_, err := s.repo.git(ctx, localTime, nil, "merge-base", "--is-ancestor", commit, tip)
	return err == nil
}
