package format

import (
	"slices"
	"strings"

	"kivaform/spec"
	"kivaform/spec/field"
)

// An order is the order of a mapping's keys, and of the mappings below them.
// Unknown keys come last.
type order struct {
	keys   []string
	inside map[string]*order // by key; "*" for any other
}

// newOrder returns the order of a table of fields.
func newOrder(fields []field.Field) *order {
	o := &order{inside: map[string]*order{}}
	for i := range fields {
		f := &fields[i]
		if f.Refused {
			continue
		}
		key := f.Name
		if f.IsChosen() {
			key = "*"
		} else {
			o.keys = append(o.keys, key)
		}
		if len(f.Fields) > 0 {
			o.inside[key] = newOrder(f.Fields)
		}
	}
	return o
}

func (o *order) below(key string) *order {
	if o == nil {
		return nil
	}
	if inside := o.inside[key]; inside != nil {
		return inside
	}
	return o.inside["*"]
}

func (o *order) rankOf(key string) int {
	if i := slices.Index(o.keys, key); i >= 0 {
		return i
	}
	return len(o.keys)
}

// Orders of the documents; those with a kind by kind.
var (
	orderByKind = map[string]*order{
		string(spec.KindLoanDraft):       newOrder(field.LoanDraft.Fields),
		string(spec.KindJournal):         newOrder(field.Journal.Fields),
		string(spec.KindRepaymentReport): newOrder(field.RepaymentReport.Fields),
	}
	settings = newOrder(field.Settings.Fields)
	catalog  = newOrder(field.Catalog.Fields)
)

// orderOf finds a document's order by its keys.
func orderOf(root *node) *order {
	if kind := root.valueOf("kind"); kind != nil {
		return orderByKind[kind.unquoted()]
	}
	for _, key := range catalog.keys {
		if root.valueOf(key) != nil {
			return catalog
		}
	}
	return settings
}

func (n *node) valueOf(key string) *node {
	for _, e := range n.entries {
		if e.key.unquoted() == key {
			return e.value
		}
	}
	return nil
}

// unquoted returns the text of a key or kind without quotes.
func (n *node) unquoted() string {
	if len(n.lines) != 1 {
		return ""
	}
	return strings.Trim(n.lines[0], `"`)
}

// sortKeys sorts the keys of all documents, except those with anchors: an anchor
// must come before its aliases.
func (f *file) sortKeys() {
	for _, d := range f.documents {
		if d.root == nil {
			continue
		}
		var o *order
		if !d.anchored {
			o = orderOf(d.root)
		}
		d.root.sortKeys(o)
	}
}

func (n *node) sortKeys(o *order) {
	for _, e := range n.entries {
		if e.key == nil {
			e.value.sortKeys(o)
			e.hoistComment()
		} else {
			e.value.sortKeys(o.below(e.key.unquoted()))
		}
	}
	if o != nil && n.kind == mapping {
		slices.SortStableFunc(n.entries, func(a, b *entry) int {
			return o.rankOf(a.key.unquoted()) - o.rankOf(b.key.unquoted())
		})
	}
}

// hoistComment moves the comment above an element's first key above the element,
// because it has no room after the dash.
func (e *entry) hoistComment() {
	if len(e.value.entries) == 0 {
		return
	}
	first := e.value.entries[0]
	if len(first.head) > 0 {
		first.head[0].blank = e.blank
		e.head, first.head = append(e.head, first.head...), nil
		e.blank = first.blank
	}
	first.blank = false
}
