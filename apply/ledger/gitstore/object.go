package gitstore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"kivaform/apply/ledger"
)

// A seen object is one whose type and size are known, and which isn't read yet.
type seen struct {
	at   int    // index in the request
	name string // as requested
	kind string // git's type, "" if the object isn't in our repository
	size int64
}

// inspectObjects returns the types and sizes of objects, without reading them: a
// pack of some megabytes can hold an object of any size.
func (s *Store) inspectObjects(ctx context.Context, names []string) ([]seen, error) {
	if len(names) == 0 {
		return nil, nil
	}
	out, err := s.repo.git(ctx, localTime, []byte(strings.Join(names, "\n")+"\n"), "cat-file", "--batch-check")
	if err != nil {
		return nil, err
	}
	all := make([]seen, len(names))
	for i, name := range names {
		kind, size, rest, err := cutHead(out)
		if err != nil {
			return nil, fmt.Errorf("git cat-file: %s: %w", name, err)
		}
		all[i], out = seen{i, name, kind, size}, rest
	}
	return all, nil
}

// readObjects reads objects in our repository, none of them larger than
// [ledger.MaxObject], in groups of no more bytes than that together. data is
// valid only during the call of take.
func (s *Store) readObjects(ctx context.Context, objects []seen, take func(o seen, data []byte) error) error {
	for len(objects) > 0 {
		n, sum := 1, objects[0].size
		for n < len(objects) && sum+objects[n].size <= ledger.MaxObject {
			sum += objects[n].size
			n++
		}
		if err := s.readTogether(ctx, objects[:n], take); err != nil {
			return err
		}
		objects = objects[n:]
	}
	return nil
}

func (s *Store) readTogether(ctx context.Context, objects []seen, take func(o seen, data []byte) error) error {
	var ask bytes.Buffer
	for _, o := range objects {
		ask.WriteString(o.name + "\n")
	}
	out, err := s.repo.git(ctx, localTime, ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return err
	}
	for _, o := range objects {
		data, rest, err := cutObject(out, o)
		if err == nil {
			err = take(o, data)
		}
		if err != nil {
			return fmt.Errorf("git cat-file: %s: %w", o.name, err)
		}
		out = rest
	}
	return nil
}

// cutHead parses one line about an object from git cat-file: its id, type and
// size; or a line that ends with "missing", which has no type.
func cutHead(out []byte) (kind string, size int64, rest []byte, err error) {
	line, rest, found := bytes.Cut(out, []byte("\n"))
	words := strings.Fields(string(line))
	if found && len(words) > 1 && words[len(words)-1] == "missing" {
		return "", 0, rest, nil
	}
	if found && len(words) == 3 {
		size, err = strconv.ParseInt(words[2], 10, 64)
	}
	if !found || len(words) != 3 || err != nil || size < 0 {
		return "", 0, nil, fmt.Errorf("%q is no object", line)
	}
	return words[1], size, rest, nil
}

// cutObject parses an object with its line from git cat-file --batch.
func cutObject(out []byte, o seen) (data, rest []byte, err error) {
	kind, size, rest, err := cutHead(out)
	switch {
	case err != nil:
		return nil, nil, err
	case kind != o.kind || size != o.size || int64(len(rest)) < size+1:
		return nil, nil, fmt.Errorf("a %s of %d bytes, with %d after it", kind, size, len(rest))
	}
	return rest[:size], rest[size+1:], nil
}
