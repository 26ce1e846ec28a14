package gitstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"regexp"
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
	var keys []string
	for _, c := range calls {
		keys = append(keys, c.Ask.key)
	}
	there, err := s.entries(ctx, tip, keys)
	if err != nil {
		return calls, err
	}
	return slices.DeleteFunc(calls, func(c *create) bool {
		c.Err = taken(there, c.Ask.key)
		return c.Err != nil
	}), nil
}

// taken says why a key can't be created: it's there, or stands in the way of a
// folder, or is one. Git would take away what is in the way.
func taken(there map[string]entry, key string) error {
	e, exists := there[key]
	switch {
	case exists && e.folder:
		return fmt.Errorf("%s is a folder of the ledger", key)
	case exists:
		return fmt.Errorf("%s: %w", key, ledger.ErrExists)
	}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if e, exists := there[dir]; exists && !e.folder {
			return fmt.Errorf("%s is an object of the ledger, not a folder", dir)
		}
	}
	return nil
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
	commit := strings.TrimSpace(string(out))
	if !commitID.MatchString(commit) { // to push nothing would delete the branch
		return "", fmt.Errorf("git fast-import answered %q, which is no commit", commit)
	}
	return commit, nil
}

var commitID = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

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
