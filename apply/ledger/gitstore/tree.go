package gitstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"kivaform/apply/ledger"
)

// An entry is a path's content in a commit.
type entry struct {
	id     string
	folder bool
}

// readEntries returns a commit's entries at some paths and at the folders above
// them. It reads folders alone, which are always here: objects may not be.
func (s *Store) readEntries(ctx context.Context, tip string, keys []string) (map[string]entry, error) {
	wanted, above := make(map[string]bool), map[string]bool{"": true}
	for _, key := range keys {
		wanted[key] = true
		for dir := path.Dir(key); dir != "." && !above[dir]; dir = path.Dir(dir) {
			wanted[dir], above[dir] = true, true
		}
	}
	folders := slices.Sorted(maps.Keys(above))
	names := make([]string, len(folders))
	for i, folder := range folders {
		names[i] = tip + ":" + folder
	}
	all, err := s.inspectObjects(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.kind == "tree" && o.size > ledger.MaxObject {
			return nil, ledger.TooLarge("the folder /" + folders[o.at])
		}
	}
	all = slices.DeleteFunc(all, func(o seen) bool { return o.kind != "tree" })
	found := make(map[string]entry)
	err = s.readObjects(ctx, all, func(o seen, data []byte) error {
		return readTree(data, folders[o.at], len(tip)/2, wanted, found)
	})
	return found, err
}

var errTree = errors.New("a tree that can't be read")

// readTree finds wanted paths in git's form of a folder: mode, space, name, NUL
// and the bytes of the id, repeated.
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
