package gitstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// An entry is what a commit has at a path.
type entry struct {
	id     string
	folder bool
}

// entries returns what a commit has at some paths and at the folders above
// them. It reads folders alone, which are always here: objects may not be.
func (s *Store) entries(ctx context.Context, tip string, keys []string) (map[string]entry, error) {
	wanted, above := make(map[string]bool), map[string]bool{"": true}
	for _, key := range keys {
		wanted[key] = true
		for dir := path.Dir(key); dir != "." && !above[dir]; dir = path.Dir(dir) {
			wanted[dir], above[dir] = true, true
		}
	}
	folders := slices.Sorted(maps.Keys(above))
	var ask bytes.Buffer
	for _, folder := range folders {
		fmt.Fprintf(&ask, "%s:%s\n", tip, folder)
	}
	out, err := s.repo.git(ctx, localTime, ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	found := make(map[string]entry)
	for _, folder := range folders {
		kind, data, rest, err := cutObject(out)
		if err == nil && kind == "tree" {
			err = readTree(data, folder, len(tip)/2, wanted, found)
		}
		if err != nil {
			return nil, fmt.Errorf("git cat-file: folder %q: %w", folder, err)
		}
		out = rest
	}
	return found, nil
}

var errTree = errors.New("a tree that can't be read")

// readTree finds wanted paths in git's form of a folder: mode, space, name, NUL
// and the bytes of the id, again and again.
func readTree(data []byte, folder string, idSize int, wanted map[string]bool, found map[string]entry) error {
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, spaced := strings.Cut(string(head), " ")
		if !ok || !spaced || len(rest) < idSize {
			return errTree
		}
		if p := path.Join(folder, name); wanted[p] {
			found[p] = entry{id: hex.EncodeToString(rest[:idSize]), folder: mode == "40000"}
		}
		data = rest[idSize:]
	}
	return nil
}
