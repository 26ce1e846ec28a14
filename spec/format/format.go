// Package format writes the YAML files of a workspace in one canonical form.
//
// It changes how a file looks and never what it says: a file that comes out
// otherwise than it went in is an error, and so is one that the workspace
// couldn't load. But for emoji, values stay as they are spelled, and every
// comment stays.
//
// The form: kind first, then the fields in the order of the documentation, keys
// that kivaform doesn't know last. Two spaces for each level. Lists of borrowers,
// instalments and the like have a line for each, in braces where it fits; other
// braces and brackets stay where they fit a line. Double quotes in place of
// single ones, where nothing needs escaping. Emoji as themselves, where a program
// has escaped them. One blank line at most, none at the ends, LF, no byte order
// mark. Prose keeps its line breaks, and a comment beside a value its distance.
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

// ErrChanged says that the canonical form would say something else than the
// file. Nothing is known to cause it: it is the last guard of the partner's data.
var ErrChanged = errors.New("putting this file in order would change what it says, so it stays as it is")

// Source returns the canonical form of a YAML file. Name stands in the errors:
// a [*multierror.Error] of [*spec.Fault] for a file that can't be loaded, another
// error for one that is too unusual to be put in order.
func Source(name string, data []byte) ([]byte, error) {
	text := plainText(data)
	roots, err := parse(name, []byte(text))
	if err != nil {
		return nil, err
	}
	f, err := scan(name, text, roots)
	if err != nil {
		return nil, err
	}
	f.attach()
	f.arrange()
	out := f.print()
	if out == text {
		return []byte(out), nil
	}
	if text != string(data) {
		if roots, err = parse(name, data); err != nil {
			return nil, err
		}
	}
	if !f.isSame(roots, name, out) {
		return nil, fmt.Errorf("%s: %w", name, ErrChanged)
	}
	return []byte(out), nil
}

func parse(name string, data []byte) ([]*yaml.Node, error) {
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

// plainText returns a text without byte order mark, its lines ending in LF
// alone. YAML reads a lone CR as a line break, too.
func plainText(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if bytes.IndexByte(data, '\r') < 0 {
		return string(data)
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
}

// isSame reads what was printed as the loader would, and compares it with what
// was in the file.
func (f *file) isSame(was []*yaml.Node, name, printed string) bool {
	is, err := parse(name, []byte(printed))
	if err != nil {
		return false
	}
	again, err := scan(name, printed, is)
	return err == nil && sameDocuments(was, is) && sameComments(f.comments, again.comments)
}
