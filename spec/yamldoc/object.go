package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
)

// An Object reads one mapping of a document, key by key. A key is known once it
// was asked for; Close reports all others. Objects nest: close an inner one
// before using its outer one again.
type Object struct {
	r     *Reader
	outer *Object
	name  string // the key in the outer object
	index int    // in the list of that name; -1 outside a list
	Node  *yaml.Node
	pairs []*yaml.Node          // keys and values
	base  int                   // index in Reader.asked of this object's first key
	byKey map[string]*yaml.Node // of an object with many pairs, else nil
}

// manyPairs is more keys and values than a valid document has in one mapping;
// larger mappings get a map for look-ups.
const manyPairs = 200

// OpenRoot opens a document.
func (r *Reader) OpenRoot(n *yaml.Node) Object { return r.openObject(n, nil, "", -1) }

// openObject starts to read a mapping. Any other value is a fault, and reads as an
// empty mapping.
func (r *Reader) openObject(n *yaml.Node, outer *Object, name string, index int) Object {
	o := Object{r: r, outer: outer, name: name, index: index, Node: n, base: len(r.asked)}
	if n.Kind != yaml.MappingNode {
		r.addFault(code.Shape, n, o.path(""), "keys with values are expected here, not "+shapeWords(n), "")
		return o
	}
	o.pairs = n.Content
	if hasMerge(n) {
		pairs, err := mergedPairs(n)
		if err != nil {
			r.addFault(code.Alias, n, o.path(""), err.Error(), "")
		}
		o.pairs = pairs
	}
	o.reportDuplicates()
	if len(o.pairs) > manyPairs {
		o.byKey = make(map[string]*yaml.Node, len(o.pairs)/2)
		for i := len(o.pairs) - 2; i >= 0; i -= 2 { // Find returns the first of two
			o.byKey[o.pairs[i].Value] = Deref(o.pairs[i+1])
		}
	}
	return o
}

func (o *Object) reportDuplicates() {
	if len(o.pairs) > manyPairs {
		o.reportDuplicatesOfMany()
		return
	}
	for i := 2; i < len(o.pairs); i += 2 {
		for j := 0; j < i; j += 2 {
			if o.pairs[i].Value == o.pairs[j].Value {
				o.reportDuplicate(o.pairs[i], o.pairs[j])
				break
			}
		}
	}
}

func (o *Object) reportDuplicatesOfMany() {
	first := make(map[string]*yaml.Node, len(o.pairs)/2)
	for i := 0; i < len(o.pairs); i += 2 {
		if f := first[o.pairs[i].Value]; f != nil {
			o.reportDuplicate(o.pairs[i], f)
		} else {
			first[o.pairs[i].Value] = o.pairs[i]
		}
	}
}

func (o *Object) reportDuplicate(key, first *yaml.Node) {
	o.r.addFault(code.DuplicateKey, key, o.path(key.Value),
		fmt.Sprintf("stands twice, first at line %d", o.r.Pos(first).Line), "keep one of the two")
}

// Close reports the keys that were never asked for, each with the nearest known
// key as a hint.
func (o *Object) Close() {
	known := o.r.asked[o.base:]
	isKnown := func(key *yaml.Node) bool { return isAsked(known, key) }
	if len(known) > manyPairs {
		isKnown = isAskedOfMany(known)
	}
	var free []string // filled at the first fault
	for i := 0; i+1 < len(o.pairs); i += 2 {
		key := o.pairs[i]
		if isKnown(key) {
			continue
		}
		if o.r.isFull() { // its text wouldn't be shown
			o.r.left++
			continue
		}
		if free == nil {
			free = o.unusedKeys(known)
		}
		hint := ""
		if near := Nearest(key.Value, free); near != "" {
			hint = "did you mean " + near + "?"
		}
		o.r.addFault(code.UnknownKey, key, o.path(""), "unknown key "+Quoted(key), hint)
	}
	o.Leave()
}

// Leave ends an object without reporting its other keys.
func (o *Object) Leave() { o.r.asked = o.r.asked[:o.base] }

// unusedKeys returns the known keys that the mapping doesn't have, as
// suggestions.
func (o *Object) unusedKeys(known []string) []string {
	free := make([]string, 0, len(known))
	for _, k := range known {
		if o.Find(k) == nil {
			free = append(free, k)
		}
	}
	return free
}

func isAsked(known []string, key *yaml.Node) bool {
	if key.Kind != yaml.ScalarNode {
		return false
	}
	for _, k := range known {
		if k == key.Value {
			return true
		}
	}
	return false
}

// isAskedOfMany is isAsked with a map, for many known keys.
func isAskedOfMany(known []string) func(key *yaml.Node) bool {
	is := make(map[string]bool, len(known))
	for _, k := range known {
		is[k] = true
	}
	return func(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && is[key.Value] }
}

// Quoted returns a key for a message, shortened if long.
func Quoted(key *yaml.Node) string {
	if key.Kind != yaml.ScalarNode {
		return "(" + shapeWords(key) + ")"
	}
	return fmt.Sprintf("%q", Shortened(key.Value))
}

// Shortened returns a text for a message, cut after 40 characters.
func Shortened(text string) string {
	const most = 40 // characters
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}

// presentValue returns the value of a key, or nil if it is absent, null or empty.
func (o *Object) presentValue(key string) *yaml.Node {
	n := o.Raw(key)
	if n == nil || isAbsent(n) {
		return nil
	}
	return n
}

// Raw returns the value of a key as written, or nil. It makes the key known.
func (o *Object) Raw(key string) *yaml.Node {
	o.r.asked = append(o.r.asked, key)
	return o.Find(key)
}

// Find returns the value of a key, or nil.
func (o *Object) Find(key string) *yaml.Node {
	if o.byKey != nil {
		return o.byKey[key]
	}
	return Find(o.pairs, key)
}

// Keys returns the mapping's keys in order.
func (o *Object) Keys() []*yaml.Node {
	keys := make([]*yaml.Node, 0, len(o.pairs)/2)
	for i := 0; i+1 < len(o.pairs); i += 2 {
		keys = append(keys, o.pairs[i])
	}
	return keys
}

// KeyNames returns the mapping's keys as texts.
func (o *Object) KeyNames() []string {
	names := make([]string, 0, len(o.pairs)/2)
	for _, key := range o.Keys() {
		names = append(names, key.Value)
	}
	return names
}

// Pos returns the position of a node.
func (o *Object) Pos(n *yaml.Node) spec.Pos { return o.r.Pos(n) }

// File returns the name of the object's file.
func (o *Object) File() string { return o.r.File }

// Has reports whether a key has a value.
func (o *Object) Has(key string) bool {
	n := o.Find(key)
	return n != nil && !isAbsent(n)
}

// List returns the elements of a list; any other value is a fault.
func (o *Object) List(key string) []*yaml.Node {
	n := o.presentValue(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.Fault(code.Shape, n, key, "a list is expected here, not "+shapeWords(n), "")
		return nil
	}
	return n.Content
}

// Element opens element i of a list, or the list's own value if i is -1.
func (o *Object) Element(list string, i int, n *yaml.Node) Object {
	return o.r.openObject(Deref(n), o, list, i)
}

// Object opens the mapping of a key, and reports whether it exists.
func (o *Object) Object(key string) (Object, bool) {
	n := o.presentValue(key)
	if n == nil {
		return Object{}, false
	}
	return o.r.openObject(n, o, key, -1), true
}

// Fault reports a fault at a node, under the path of a key of this object.
func (o *Object) Fault(c code.Code, at *yaml.Node, key, message, hint string) *spec.Fault {
	return o.r.addFault(c, at, o.path(key), message, hint)
}

// Missing reports a required key at the mapping that lacks it.
func (o *Object) Missing(key, hint string) {
	o.Fault(code.Missing, o.Node, key, "is missing", hint).InCase(code.CaseMissing)
}

// Twice reports two keys that exclude each other, at the second, and returns
// whether both have values.
func (o *Object) Twice(a, b, hint string) bool {
	if !o.Has(a) || !o.Has(b) {
		return false
	}
	o.Fault(code.Twice, o.Find(b), b, "stands beside "+a, hint)
	return true
}

// path returns the path of a key from the document's root, or for "" the
// object's own. Only faults need paths, so reading builds none.
func (o *Object) path(key string) string {
	var own string
	if o.outer != nil {
		name := o.name
		if o.index >= 0 {
			name = spec.ElementPath(name, o.index)
		}
		own = o.outer.path(name)
	}
	if own == "" || key == "" || strings.HasPrefix(key, "[") {
		return own + key
	}
	return own + "." + key
}

func shapeWords(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// Positions returns the positions of those keys that have values.
func (o *Object) Positions(keys ...string) map[string]spec.Pos {
	set := make(map[string]spec.Pos)
	for _, key := range keys {
		if n := o.Find(key); n != nil {
			set[key] = o.Pos(n)
		}
	}
	return set
}

// Texts returns the elements of a list of texts.
func (o *Object) Texts(key string) []string {
	var all []string
	for i, n := range o.List(key) {
		n = Deref(n)
		if n.Kind != yaml.ScalarNode || isAbsent(n) {
			o.Fault(code.Shape, n, spec.ElementPath(key, i), "a text is expected here, not "+shapeWords(n), "")
			continue
		}
		all = append(all, n.Value)
	}
	return all
}

// Absent reports whether a path such as entreps[0].amount has no value.
func (o *Object) Absent(path string) bool {
	parent, key := path, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, key = path[:i], path[i+1:]
	}
	n := o.Locate(parent)
	return n.Kind == yaml.MappingNode && Find(n.Content, key) == nil
}

// Locate returns the node of a path such as entreps[0].loan_id, or the deepest
// one on the way.
func (o *Object) Locate(path string) *yaml.Node {
	n, pairs := o.Node, o.pairs
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
			next = Deref(n.Content[i])
		} else if n.Kind == yaml.MappingNode {
			next = Find(pairs, step)
		}
		if next == nil {
			return n
		}
		n, pairs = next, next.Content
	}
	return n
}
