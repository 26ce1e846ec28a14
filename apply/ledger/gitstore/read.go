package gitstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
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
	there, err := s.bring(ctx, tip, keys)
	if err != nil || len(there) == 0 {
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
		var isBlob bool
		if c.Answer, isBlob, out, err = cutBlob(out, c.Ask); err != nil {
			return calls[i:], err
		}
		if !isBlob {
			left = append(left, c)
		}
	}
	return left, nil
}

// cutBlob takes the answer about a key from what git cat-file --batch writes.
func cutBlob(out []byte, key string) (data []byte, isBlob bool, rest []byte, err error) {
	kind, data, rest, err := cutObject(out)
	if err != nil {
		return nil, false, nil, fmt.Errorf("git cat-file: %s: %w", key, err)
	}
	if kind != "blob" {
		return nil, false, rest, nil
	}
	return bytes.Clone(data), true, rest, nil
}

// cutObject takes one answer from what git cat-file --batch writes: a line with
// id, type and size, then the object; or a line that ends with "missing", which
// has no type.
func cutObject(out []byte) (kind string, data, rest []byte, err error) {
	line, rest, found := bytes.Cut(out, []byte("\n"))
	words := strings.Fields(string(line))
	if found && len(words) > 1 && words[len(words)-1] == "missing" {
		return "", nil, rest, nil
	}
	if len(words) != 3 {
		return "", nil, nil, fmt.Errorf("%q is no object", line)
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size < 0 || len(rest) < size+1 {
		return "", nil, nil, fmt.Errorf("%q, and %d bytes", line, len(rest))
	}
	return words[1], rest[:size], rest[size+1:], nil
}

// bring fetches objects that were left out, and returns the ids of those that
// the commit has.
func (s *Store) bring(ctx context.Context, tip string, keys []string) (map[string]string, error) {
	there, err := s.entries(ctx, tip, keys)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(keys))
	for _, key := range keys {
		if e, exists := there[key]; exists && !e.folder {
			ids[key] = e.id
		}
	}
	missing, err := s.missing(ctx, slices.Collect(maps.Values(ids)))
	if err != nil || missing.Len() == 0 {
		return ids, err
	}
	s.net.Lock()
	defer s.net.Unlock()
	_, err = s.repo.partly(ctx, missing.Bytes(), "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--no-tags",
		"--no-write-fetch-head", "--no-auto-maintenance", "--filter=blob:none", "--refmap=", "--stdin", s.repo.remote)
	return ids, err
}

// missing returns a line for each object that isn't in our repository.
func (s *Store) missing(ctx context.Context, ids []string) (lines bytes.Buffer, err error) {
	if len(ids) == 0 {
		return lines, nil
	}
	out, err := s.repo.git(ctx, localTime, []byte(strings.Join(ids, "\n")+"\n"), "cat-file", "--batch-check=%(objectname)")
	for line := range strings.Lines(string(out)) {
		if id, isMissing := strings.CutSuffix(line, " missing\n"); isMissing {
			lines.WriteString(id + "\n")
		}
	}
	return lines, err
}

// Preload fetches objects that were left out, in one go, and reads them once
// for all: the next Get of each costs nothing.
func (s *Store) Preload(ctx context.Context, keys []string) error {
	if _, err := s.open(ctx); err != nil {
		return err
	}
	tip := s.knownTip()
	if tip == "" || len(keys) == 0 {
		return nil
	}
	ids, err := s.bring(ctx, tip, keys)
	if err != nil {
		return err
	}
	near, err := s.readByID(ctx, keys[:min(len(keys), maxNear)], ids)
	if err != nil {
		return err
	}
	s.nearLock.Lock()
	defer s.nearLock.Unlock()
	s.near = near
	return nil
}

// readByID reads objects whose ids are known, which spares git the way through
// the folders of each.
func (s *Store) readByID(ctx context.Context, keys []string, ids map[string]string) (map[string][]byte, error) {
	var ask bytes.Buffer
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return ids[key] == "" })
	for _, key := range keys {
		ask.WriteString(ids[key] + "\n")
	}
	out, err := s.repo.git(ctx, localTime, ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	near := make(map[string][]byte, len(keys))
	for _, key := range keys {
		data, isBlob, rest, err := cutBlob(out, key)
		if err != nil {
			return nil, err
		}
		if out = rest; isBlob {
			near[key] = data
		}
	}
	return near, nil
}

// maxNear is how many objects are held in memory for those who will ask.
const maxNear = 20_000

// takeNear returns an object that was preloaded, and forgets it.
func (s *Store) takeNear(key string) ([]byte, bool) {
	s.nearLock.Lock()
	defer s.nearLock.Unlock()
	data, there := s.near[key]
	delete(s.near, key)
	return data, there
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
