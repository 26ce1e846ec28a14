package format

import (
	"slices"
	"strings"

	"kivaform/spec"
	"kivaform/spec/field"
)

// An order says in which order the keys of a mapping stand, and those inside of
// it. A key that it doesn't name comes after the others.
type order struct {
	keys   []string
	inside map[string]*order // by key; "*" is any other
}

// newOrder returns the order of the fields of a mapping: that of the table.
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

func (o *order) at(key string) *order {
	if o == nil {
		return nil
	}
	if inside := o.inside[key]; inside != nil {
		return inside
	}
	return o.inside["*"]
}

func (o *order) rank(key string) int {
	if i := slices.Index(o.keys, key); i >= 0 {
		return i
	}
	return len(o.keys)
}

// The orders of the documents.
var (
	byKind = map[string]*order{
		string(spec.KindLoanDraft):       newOrder(field.LoanDraft.Fields),
		string(spec.KindJournal):         newOrder(field.Journal.Fields),
		string(spec.KindRepaymentReport): newOrder(field.RepaymentReport.Fields),
	}
	settings = newOrder(field.Settings.Fields)
	catalog  = newOrder(field.Catalog.Fields)
)

// orderOf tells by its keys what a document is.
func orderOf(root *node) *order {
	if kind := root.get("kind"); kind != nil {
		return byKind[kind.name()]
	}
	for _, key := range catalog.keys {
		if root.get(key) != nil {
			return catalog
		}
	}
	return settings
}

func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key.name() == key {
			return e.value
		}
	}
	return nil
}

// name returns a key or a kind as it is compared.
func (n *node) name() string {
	if len(n.lines) != 1 {
		return ""
	}
	return strings.Trim(n.lines[0], `"`)
}

// arrange puts the keys of all documents in order. A document with anchors keeps
// its own, because an anchor must stand above what refers to it.
func (f *file) arrange() {
	for _, d := range f.documents {
		if d.root == nil {
			continue
		}
		var o *order
		if !d.anchored {
			o = orderOf(d.root)
		}
		d.root.arrange(o)
	}
}

func (n *node) arrange(o *order) {
	for _, e := range n.entries {
		if e.key == nil {
			e.value.arrange(o)
			e.hoist()
		} else {
			e.value.arrange(o.at(e.key.name()))
		}
	}
	if o != nil && n.kind == mapping {
		slices.SortStableFunc(n.entries, func(a, b *entry) int {
			return o.rank(a.key.name()) - o.rank(b.key.name())
		})
	}
}

// hoist moves the comment above the first key of a list's element above the
// element: behind the dash, there is no room for it.
func (e *entry) hoist() {
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
