package gitstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
)

type read = together.Call[string, []byte]

// readAll reads what some callers want. What the known commit doesn't have may
// be in a newer one.
func (s *Store) readAll(ctx context.Context, calls []*read) {
	_, err := s.open(ctx)
	left := calls
	if err == nil && s.knownTip() != "" {
		left, err = s.readAt(ctx, s.knownTip(), calls)
	}
	if len(left) > 0 && err == nil {
		if err = s.fetch(ctx); err == nil && s.knownTip() != "" {
			left, err = s.readAt(ctx, s.knownTip(), left)
		}
	}
	for _, c := range left {
		if c.Err = err; err == nil {
			c.Err = fmt.Errorf("%s: %w", c.Ask, ledger.ErrNotExist)
		}
	}
}

// readAt reads at a commit, and returns the calls whose keys it doesn't have.
// Objects that weren't fetched are fetched together.
func (s *Store) readAt(ctx context.Context, tip string, calls []*read) ([]*read, error) {
	left, err := s.readNear(ctx, tip, calls)
	if err != nil || len(left) == 0 {
		return left, err
	}
	var keys []string
	for _, c := range left {
		keys = append(keys, c.Ask)
	}
	if n, err := s.bring(ctx, tip, keys); err != nil || n == 0 {
		return left, err
	}
	return s.readNear(ctx, tip, left)
}

// readNear answers those calls whose objects are in our repository.
func (s *Store) readNear(ctx context.Context, tip string, calls []*read) ([]*read, error) {
	var ask bytes.Buffer
	for _, c := range calls {
		fmt.Fprintf(&ask, "%s:%s\n", tip, c.Ask)
	}
	out, err := s.repo.git(ctx, localTime, ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return calls, err
	}
	var left []*read
	for i, c := range calls {
		data, there, rest, err := cutObject(out)
		if err != nil {
			return calls[i:], fmt.Errorf("git cat-file: %s: %w", c.Ask, err)
		}
		if out = rest; there {
			c.Answer = bytes.Clone(data)
		} else {
			left = append(left, c)
		}
	}
	return left, nil
}

// cutObject takes one answer from what git cat-file --batch writes: a line with
// id, type and size, then the object; or a line that ends with "missing".
func cutObject(out []byte) (data []byte, there bool, rest []byte, err error) {
	line, rest, found := bytes.Cut(out, []byte("\n"))
	words := strings.Fields(string(line))
	if found && len(words) > 1 && words[len(words)-1] == "missing" {
		return nil, false, rest, nil
	}
	if len(words) != 3 || words[1] != "blob" {
		return nil, false, nil, fmt.Errorf("%q is not an object", line)
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size < 0 || len(rest) < size+1 {
		return nil, false, nil, fmt.Errorf("%q, and %d bytes", line, len(rest))
	}
	return rest[:size], true, rest[size+1:], nil
}

// bring fetches objects that were left out, and returns how many.
func (s *Store) bring(ctx context.Context, tip string, keys []string) (int, error) {
	there, err := s.lookUp(ctx, tip, keys, "%(objectname)")
	if err != nil || len(there) == 0 {
		return 0, err
	}
	var ids bytes.Buffer
	for _, id := range there {
		ids.WriteString(id + "\n")
	}
	s.net.Lock()
	defer s.net.Unlock()
	_, err = s.repo.partly(ctx, ids.Bytes(), "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--no-tags",
		"--no-write-fetch-head", "--no-auto-maintenance", "--filter=blob:none", "--refmap=", "--stdin", s.repo.remote)
	return len(there), err
}

// Preload fetches objects that were left out, in one go.
func (s *Store) Preload(ctx context.Context, keys []string) error {
	if _, err := s.open(ctx); err != nil {
		return err
	}
	tip := s.knownTip()
	if tip == "" || len(keys) == 0 {
		return nil
	}
	there, err := s.lookUp(ctx, tip, keys, "%(objectname)")
	if err != nil {
		return err
	}
	present, err := s.lookUp(ctx, tip, keys, "%(objecttype)")
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return there[key] == "" || present[key] != "" })
	if len(keys) == 0 {
		return nil
	}
	_, err = s.bring(ctx, tip, keys)
	return err
}

// List returns what the branch has at some moment after the call.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		out, err := s.list(ctx, prefix)
		if err != nil {
			yield("", err)
			return
		}
		for key := range strings.SplitSeq(string(out), "\x00") {
			if key != "" && strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

func (s *Store) list(ctx context.Context, prefix string) ([]byte, error) {
	if err := s.fetch(ctx); err != nil {
		return nil, err
	}
	tip := s.knownTip()
	if tip == "" {
		return nil, nil
	}
	args := []string{"ls-tree", "-r", "-z", "--full-tree", "--name-only", tip}
	if dir := path.Dir(prefix + "x"); dir != "." {
		args = append(args, "--", dir+"/")
	}
	return s.repo.git(ctx, localTime, nil, args...)
}
