package schema

import (
	"regexp"
	"slices"
	"strings"

	"kivaform/spec/field"
)

// A Doc is a field with its place among the documents.
type Doc struct {
	field.Field
	In   string // "loan_draft", "kiva.yaml"; the document's own name for a document
	Path string // from the document's root: "entreps.amount"; empty for a document
}

// String returns how people ask for the field: of a document to send with the
// document's name, loan_draft.entreps.amount; of kiva.yaml and catalog.yaml
// alone, limits.drafts.
func (d Doc) String() string {
	switch {
	case d.Path == "":
		return d.In
	case strings.HasSuffix(d.In, ".yaml"):
		return d.Path
	}
	return d.In + "." + d.Path
}

// All returns every document and field, in the order of the documentation.
func All() []Doc {
	var all []Doc
	for _, r := range roots {
		all = append(all, Doc{Field: r.Field, In: r.Name})
		all = appendFields(all, r.Name, "", r.Fields)
	}
	return all
}

func appendFields(all []Doc, in, prefix string, fields []field.Field) []Doc {
	for _, f := range fields {
		all = append(all, Doc{Field: f, In: in, Path: prefix + f.Name})
		all = appendFields(all, in, prefix+f.Name+".", f.Fields)
	}
	return all
}

var index = regexp.MustCompile(`\[[0-9]*\]`)

// Find returns what a name stands for: a path as [Doc.String] gives it or as a
// fault shows it (schedule[2].date), also without its beginning. A name of a
// whole path wins over the end of another. A key that the partner chooses may be
// any: environments.staging.ledger.
func Find(name string) []Doc {
	name = index.ReplaceAllString(name, "")
	for _, r := range roots {
		if rest, ok := strings.CutPrefix(name, string(r.kind)); ok && r.kind != "" && (rest == "" || rest[0] == '.') {
			name = r.Name + rest
		}
	}
	var whole, ends []Doc
	for _, d := range All() {
		full := d.In
		if d.Path != "" {
			full += "." + d.Path
		}
		switch {
		case matches(full, name) || matches(d.String(), name):
			whole = append(whole, d)
		case endsIn(full, name):
			ends = append(ends, d)
		}
	}
	if len(whole) > 0 {
		return closest(whole)
	}
	return ends
}

// matches reports whether a name is a path, of which steps in capitals stand
// for any key.
func matches(path, name string) bool {
	want, have := strings.Split(path, "."), strings.Split(name, ".")
	return slices.EqualFunc(want, have, func(w, h string) bool {
		return w == h || h != "" && field.Field{Name: w}.IsChosen()
	})
}

// endsIn reports whether a name is the end of a path. It begins with a key of
// the path, so that not every word names what the partner chooses.
func endsIn(path, name string) bool {
	steps := strings.Split(path, ".")
	first, _, _ := strings.Cut(name, ".")
	from := len(steps) - 1 - strings.Count(name, ".")
	return from > 0 && steps[from] == first && matches(strings.Join(steps[from:], "."), name)
}

// closest leaves out what matches by a key that the partner chooses, where
// something matches by its own: environments.sandbox is the sandbox.
func closest(found []Doc) []Doc {
	own := slices.DeleteFunc(slices.Clone(found), func(d Doc) bool {
		return slices.ContainsFunc(strings.Split(d.Path, "."), func(step string) bool { return step != "" && field.Field{Name: step}.IsChosen() })
	})
	if len(own) > 0 {
		return own
	}
	return found
}

// Inner returns the fields of a mapping, or of each mapping of a list.
func (d Doc) Inner() []Doc {
	all := make([]Doc, len(d.Fields))
	for i, f := range d.Fields {
		all[i] = Doc{Field: f, In: d.In, Path: f.Name}
		if d.Path != "" {
			all[i].Path = d.Path + "." + f.Name
		}
	}
	return all
}
