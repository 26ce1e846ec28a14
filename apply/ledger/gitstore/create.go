package gitstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
	"kivaform/kiva/hint"
)

const (
	createTime = 3 * time.Minute // for a create with its repetitions
	faults     = 4               // failed pushes, without a push by others, before giving up
)

type create = together.Call[object, struct{}]

// A pushed commit may be on the branch without an answer, or still arrive, as
// long as the branch is at its base.
// the branch is where it begins.
type pushed struct{ commit, base string }

// createAll creates the callers' objects in one commit. If others were faster,
// it tries again on the branch's new commit, without the keys that they have
// created.
func (s *Store) createAll(ctx context.Context, calls []*create) {
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	left := dropSameKeys(calls)
	var ours []pushed
	for failed := 0; len(left) > 0; {
		tip, err := s.startingPoint(ctx)
		if err == nil {
			left, err = s.withoutDone(ctx, tip, ours, left)
		}
		if err != nil {
			failCalls(left, fmt.Errorf("%s: %w", describeKnown(ours), err))
			return
		}
		if len(left) == 0 {
			return
		}
		// The branch continued without those on another base.
		ours = slices.DeleteFunc(ours, func(p pushed) bool { return p.base != tip })
		commit, pushErr := s.writeCommit(ctx, tip, left)
		if pushErr == nil {
			ours = append(ours, pushed{commit, tip})
			var arrived bool
			if arrived, pushErr = s.offerCommit(ctx, commit); arrived {
				return
			}
		}
		if s.knownTip() == tip {
			failed++
		}
		if failed == faults || ctx.Err() != nil {
			failCalls(left, pushErr)
			return
		}
		waitBetween(ctx, failed)
	}
}

const unknown = "it is not known whether it was created"

// describeKnown describes the objects' state in an error, before anything more is
// known of the pushed commits.
func describeKnown(ours []pushed) string {
	if len(ours) == 0 {
		return "nothing was created"
	}
	return unknown
}

// dropSameKeys drops the calls for a key that another call creates.
func dropSameKeys(calls []*create) []*create {
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

func failCalls(calls []*create, err error) {
	for _, c := range calls {
		c.Err = err
	}
}

// waitBetween spreads the retries of competing programs in time.
func waitBetween(ctx context.Context, failed int) {
	limit := 50 * time.Millisecond << (2 * failed)
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(limit)): // #nosec G404 -- spreads retries in time
	}
}

// startingPoint returns the commit to build on. A commit kept from an earlier
// program is checked first: the branch must contain it.
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

// withoutDone answers the calls whose create is finished, and returns the
// others. If the branch has one of our commits, all objects of it are ours.
func (s *Store) withoutDone(ctx context.Context, tip string, ours []pushed, calls []*create) ([]*create, error) {
	for _, p := range ours {
		switch arrived, err := s.containsCommit(ctx, tip, p.commit); {
		case err != nil:
			return calls, err
		case arrived:
			return nil, nil
		}
	}
	return s.withoutTaken(ctx, tip, calls)
}

// withoutTaken answers the calls whose key the branch has, and returns the
// others.
func (s *Store) withoutTaken(ctx context.Context, tip string, calls []*create) ([]*create, error) {
	if tip == "" {
		return calls, nil
	}
	var keys []string
	for _, c := range calls {
		keys = append(keys, c.Ask.key)
	}
	there, err := s.readEntries(ctx, tip, keys)
	if err != nil {
		return calls, err
	}
	return slices.DeleteFunc(calls, func(c *create) bool {
		c.Err = checkNotTaken(there, c.Ask.key)
		return c.Err != nil
	}), nil
}

// checkNotTaken reports why a key can't be created: it exists, is a folder, or
// is below a file. Git would remove the obstacle.
func checkNotTaken(there map[string]entry, key string) error {
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

// offerCommit pushes a commit. Whatever the push's result, the branch shows
// whether the commit arrived.
func (s *Store) offerCommit(ctx context.Context, commit string) (arrived bool, err error) {
	pushErr := s.pushCommit(ctx, commit)
	if pushErr == nil {
		return true, nil
	}
	err = s.fetch(ctx)
	if err == nil {
		arrived, err = s.containsCommit(ctx, s.knownTip(), commit)
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("%s: %w", unknown, errors.Join(pushErr, err))
	case arrived:
		return true, nil
	}
	return false, hint.With(fmt.Errorf("nothing was created: %w", pushErr), "the ledger's branch needs a remote that you may push to without being asked for a password")
}

// writeCommit makes a commit of some objects on top of another one, without a
// reference to it.
func (s *Store) writeCommit(ctx context.Context, tip string, calls []*create) (string, error) {
	message := fmt.Sprintf("Record %d of the ledger\n\nKivaform-Nonce: %s\n", len(calls), newNonce())
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

// pushCommit pushes a commit to the branch, which accepts it if it is still at the
// commit's base.
func (s *Store) pushCommit(ctx context.Context, commit string) error {
	s.net.Lock()
	defer s.net.Unlock()
	s.pushed = true
	_, err := s.repo.git(ctx, networkTime, nil, "push", s.repo.remote, commit+":refs/heads/"+s.options.Branch)
	if err == nil {
		s.setTip(commit)
	}
	return err
}

// containsCommit reports whether our commit is part of the branch up to its
// known tip.
func (s *Store) containsCommit(ctx context.Context, tip, commit string) (bool, error) {
	if tip == "" {
		return false, nil
	}
	_, err := s.repo.git(ctx, localTime, nil, "merge-base", "--is-ancestor", commit, tip)
	if no := (*exec.ExitError)(nil); errors.As(err, &no) && no.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}
