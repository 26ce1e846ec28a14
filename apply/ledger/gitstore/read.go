package gitstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
)

type read = together.Call[string, []byte]

// readAll reads the callers' objects. One that the known commit doesn't have may
// be in a newer one.
func (s *Store) readAll(ctx context.Context, calls []*read) {
	ctx, cancel := s.untilClosed(ctx)
	defer cancel()
	_, err := s.ensureRepository(ctx)
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
		switch {
		case err != nil:
			c.Err = err
		case c.Err == nil:
			c.Err = fmt.Errorf("%s: %w", c.Ask, ledger.ErrNotExist)
		}
	}
}

// readAt reads at a commit, and returns the calls whose objects are missing or
// too large: a newer commit may differ. It fetches omitted objects together.
func (s *Store) readAt(ctx context.Context, tip string, calls []*read) ([]*read, error) {
	left, err := s.readNear(ctx, tip, calls)
	if err != nil || len(left) == 0 {
		return left, err
	}
	var keys []string
	for _, c := range left {
		keys = append(keys, c.Ask)
	}
	there, err := s.fetchOmitted(ctx, tip, keys)
	if err != nil || len(there) == 0 {
		return left, err
	}
	return s.readNear(ctx, tip, left)
}

// errLater answers a call whose object would exceed the memory next to those of
// others. The call is repeated.
var errLater = errors.New("the objects of other callers are read first")

// readNear answers the calls whose objects are in our repository.
func (s *Store) readNear(ctx context.Context, tip string, calls []*read) ([]*read, error) {
	names := make([]string, len(calls))
	for i, c := range calls {
		names[i] = tip + ":" + c.Ask
	}
	all, err := s.inspectObjects(ctx, names)
	if err != nil {
		return calls, err
	}
	var left []*read
	var now []seen
	space := int64(ledger.MaxObject)
	for i, c := range calls {
		switch o := all[i]; {
		case o.kind != "blob":
			c.Err = nil
			left = append(left, c)
		case o.size > ledger.MaxObject:
			c.Err = ledger.TooLarge(c.Ask)
			left = append(left, c)
		case o.size > space:
			c.Err = errLater
		default:
			c.Err = nil
			space -= o.size
			now = append(now, o)
		}
	}
	err = s.readObjects(ctx, now, func(o seen, data []byte) error {
		calls[o.at].Answer = bytes.Clone(data)
		return nil
	})
	if err != nil {
		return calls, err
	}
	return left, nil
}

// fetchOmitted fetches omitted objects, and returns the ids of those in the
// commit.
func (s *Store) fetchOmitted(ctx context.Context, tip string, keys []string) (map[string]string, error) {
	there, err := s.readEntries(ctx, tip, keys)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(keys))
	for _, key := range keys {
		if e, exists := there[key]; exists && !e.folder {
			ids[key] = e.id
		}
	}
	all, err := s.inspectObjects(ctx, slices.Collect(maps.Values(ids)))
	if err != nil {
		return nil, err
	}
	var missing bytes.Buffer
	for _, o := range all {
		if o.kind == "" {
			missing.WriteString(o.name + "\n")
		}
	}
	if missing.Len() == 0 {
		return ids, nil
	}
	s.net.Lock()
	defer s.net.Unlock()
	_, err = s.repo.gitWithPromisor(ctx, missing.Bytes(), "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--no-tags",
		"--no-write-fetch-head", "--no-auto-maintenance", "--filter=blob:none", "--refmap=", "--stdin", s.repo.remote)
	return ids, err
}

// Preload fetches omitted objects in one go, and reads them: the next Get of
// each costs nothing.
func (s *Store) Preload(ctx context.Context, keys []string) error {
	if _, err := s.ensureRepository(ctx); err != nil {
		return err
	}
	tip := s.knownTip()
	if tip == "" || len(keys) == 0 {
		return nil
	}
	ids, err := s.fetchOmitted(ctx, tip, keys)
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

// readByID reads objects by id, so that git needn't walk the folders for each.
// It omits objects that are too large to hold.
func (s *Store) readByID(ctx context.Context, keys []string, ids map[string]string) (map[string][]byte, error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return ids[key] == "" })
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = ids[key]
	}
	all, err := s.inspectObjects(ctx, names)
	if err != nil {
		return nil, err
	}
	left := int64(maxNearBytes)
	all = slices.DeleteFunc(all, func(o seen) bool {
		if o.kind != "blob" || o.size > left {
			return true
		}
		left -= o.size
		return false
	})
	near := make(map[string][]byte, len(all))
	err = s.readObjects(ctx, all, func(o seen, data []byte) error {
		near[keys[o.at]] = bytes.Clone(data)
		return nil
	})
	return near, err
}

// Bounds of the preloaded objects, and of their bytes.
const (
	maxNear      = 20_000
	maxNearBytes = ledger.MaxObject
)

// takeNear returns a preloaded object, and drops it.
func (s *Store) takeNear(key string) ([]byte, bool) {
	s.nearLock.Lock()
	defer s.nearLock.Unlock()
	data, there := s.near[key]
	delete(s.near, key)
	return data, there
}

// List returns the branch's objects at some moment after the call.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		out, err := s.listTree(ctx, prefix)
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

func (s *Store) listTree(ctx context.Context, prefix string) ([]byte, error) {
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
