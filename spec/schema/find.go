package schema

import (
	"regexp"
	"slices"
	"strings"

	"kivaform/spec/field"
)

// A Doc is a field with its path in a document.
type Doc struct {
	field.Field
	In   string // "loan_draft", "kiva.yaml"; for a document its own name
	Path string // from the document's root: "entreps.amount"; empty for a document
}

// String returns the field's full name: with the document's name for a document
// to send (loan_draft.entreps.amount), without it for kiva.yaml and catalog.yaml
// (limits.drafts).
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

var listIndex = regexp.MustCompile(`\[[0-9]*\]`)

// Find returns the fields of a name: a path as in [Doc.String] or in a fault
// (schedule[2].date), or the end of one. Matches of a whole path win. A step
// that the partner chooses matches any key: environments.staging.ledger.
func Find(name string) []Doc {
	name = listIndex.ReplaceAllString(name, "")
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
		case matchesPath(full, name) || matchesPath(d.String(), name):
			whole = append(whole, d)
		case endsIn(full, name):
			ends = append(ends, d)
		}
	}
	if len(whole) > 0 {
		return preferLiteral(whole)
	}
	return ends
}

// matchesPath reports whether a name matches a path, whose steps in capitals match
// any key.
func matchesPath(path, name string) bool {
	want, have := strings.Split(path, "."), strings.Split(name, ".")
	return slices.EqualFunc(want, have, func(w, h string) bool {
		return w == h || h != "" && field.Field{Name: w}.IsChosen()
	})
}

// endsIn reports whether a name is the end of a path. Its first key must match
// literally, or any word would match a key that the partner chooses.
func endsIn(path, name string) bool {
	steps := strings.Split(path, ".")
	first, _, _ := strings.Cut(name, ".")
	from := len(steps) - 1 - strings.Count(name, ".")
	return from > 0 && steps[from] == first && matchesPath(strings.Join(steps[from:], "."), name)
}

// preferLiteral drops the matches by a key that the partner chooses if there are
// literal ones: environments.sandbox is the sandbox.
func preferLiteral(found []Doc) []Doc {
	own := slices.DeleteFunc(slices.Clone(found), func(d Doc) bool {
		return slices.ContainsFunc(strings.Split(d.Path, "."), func(step string) bool { return step != "" && field.Field{Name: step}.IsChosen() })
	})
	if len(own) > 0 {
		return own
	}
	return found
}

// Inner returns the fields of a mapping, or of a list's mappings.
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
