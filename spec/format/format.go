// Package format writes a workspace's YAML files in one canonical form.
//
// It never changes a file's meaning: a result that reads differently is an
// error, and so is a file that doesn't load. Comments and the spelling of values
// stay; only escaped emoji become characters.
//
// The form: kind first, then the fields in the order of the field table, unknown
// keys last. Two spaces for each level. Lists of mappings (borrowers,
// instalments) have a line for each element, in braces if it fits; other braces
// and brackets stay if they fit a line. Double quotes in place of single ones,
// if nothing needs escaping. At most one blank line, none at either end; LF; no
// byte order mark. Prose keeps its line breaks, and a comment at the end of a
// line its distance.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/go-multierror"
	"gopkg.in/yaml.v3"

	"kivaform/spec/load"
)

// ErrChanged reports that the canonical form would read differently from the
// file. No known file causes it; it guards against a fault of this package.
var ErrChanged = errors.New("putting this file in order would change what it says, so it stays as it is")

// Source returns the canonical form of a YAML file. Its errors begin with name:
// a [*multierror.Error] of [*spec.Fault] for a file that doesn't load, another
// error for YAML that this package can't format.
func Source(name string, data []byte) ([]byte, error) {
	text := plainText(data)
	roots, err := parseNodes(name, []byte(text))
	if err != nil {
		return nil, err
	}
	f, err := scanFile(name, text, roots)
	if err != nil {
		return nil, err
	}
	f.attachComments()
	f.sortKeys()
	out := f.print()
	if out == text {
		return []byte(out), nil
	}
	if text != string(data) {
		if roots, err = parseNodes(name, data); err != nil {
			return nil, err
		}
	}
	if !f.isSame(roots, name, out) {
		return nil, fmt.Errorf("%s: %w", name, ErrChanged)
	}
	return []byte(out), nil
}

func parseNodes(name string, data []byte) ([]*yaml.Node, error) {
	roots, faults := load.Parse(name, data)
	if len(faults) == 0 {
		return roots, nil
	}
	var all *multierror.Error
	for _, f := range faults {
		all = multierror.Append(all, f)
	}
	return nil, all
}

// plainText removes the byte order mark and makes each line end LF. YAML counts
// a lone CR as a line end.
func plainText(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if bytes.IndexByte(data, '\r') < 0 {
		return string(data)
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
}

// isSame loads the printed form and compares it with the file's nodes and
// comments.
func (f *file) isSame(was []*yaml.Node, name, printed string) bool {
	is, err := parseNodes(name, []byte(printed))
	if err != nil {
		return false
	}
	again, err := scanFile(name, printed, is)
	return err == nil && sameDocuments(was, is) && sameComments(f.comments, again.comments)
}
