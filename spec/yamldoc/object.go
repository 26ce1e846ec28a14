package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
)

// An Object reads one mapping of a document, key by key. The keys that are
// asked for are the ones that are known: close reports all others. Objects
// nest: an inner one is closed before its outer one is asked again.
type Object struct {
	r     *Reader
	outer *Object
	name  string // the key in the outer object
	index int    // in the list of that name; -1 where it isn't in one
	Node  *yaml.Node
	pairs []*yaml.Node          // keys and values
	base  int                   // where the keys that this object was asked for begin
	byKey map[string]*yaml.Node // of an object with many pairs, else nil
}

// manyPairs is more keys and values than a right document has in one mapping:
// from there on, keys are looked up in a map.
const manyPairs = 200

// OpenRoot opens a document.
func (r *Reader) OpenRoot(n *yaml.Node) Object { return r.open(n, nil, "", -1) }

// open starts to read a mapping. A value that isn't one is a fault, and reads
// as an empty mapping.
func (r *Reader) open(n *yaml.Node, outer *Object, name string, index int) Object {
	o := Object{r: r, outer: outer, name: name, index: index, Node: n, base: len(r.asked)}
	if n.Kind != yaml.MappingNode {
		r.fault(code.Shape, n, o.path(""), "keys with values are expected here, not "+shapeWords(n), "")
		return o
	}
	o.pairs = n.Content
	if hasMerge(n) {
		pairs, err := mergedPairs(n)
		if err != nil {
			r.fault(code.Alias, n, o.path(""), err.Error(), "")
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
	o.r.fault(code.DuplicateKey, key, o.path(key.Value),
		fmt.Sprintf("stands twice, first at line %d", o.r.Pos(first).Line), "keep one of the two")
}

// Close reports the keys that were never asked for, and names the nearest that
// could be meant.
func (o *Object) Close() {
	known := o.r.asked[o.base:]
	isKnown := func(key *yaml.Node) bool { return isAsked(known, key) }
	if len(known) > manyPairs {
		isKnown = isAskedOfMany(known)
	}
	var free []string // made for the first fault
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
		o.r.fault(code.UnknownKey, key, o.path(""), "unknown key "+Quoted(key), hint)
	}
	o.Leave()
}

// Leave ends an object without looking at its other keys.
func (o *Object) Leave() { o.r.asked = o.r.asked[:o.base] }

// unusedKeys returns the known keys that don't stand there: one that does isn't
// meant again.
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

// isAskedOfMany is isAsked for more known keys than should be walked each time.
func isAskedOfMany(known []string) func(key *yaml.Node) bool {
	is := make(map[string]bool, len(known))
	for _, k := range known {
		is[k] = true
	}
	return func(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && is[key.Value] }
}

// Quoted returns a key for a message, cut where it is long.
func Quoted(key *yaml.Node) string {
	if key.Kind != yaml.ScalarNode {
		return "(" + shapeWords(key) + ")"
	}
	return fmt.Sprintf("%q", Shortened(key.Value))
}

// Shortened returns a text of a file for a message, cut where it is long.
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

// get returns the value of a key, or nil where it is absent, null or empty.
func (o *Object) get(key string) *yaml.Node {
	n := o.Raw(key)
	if n == nil || isAbsent(n) {
		return nil
	}
	return n
}

// Raw returns the value of a key as it stands there, or nil. From then on the key
// is known.
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

// Keys returns the keys of the mapping, in their order.
func (o *Object) Keys() []*yaml.Node {
	keys := make([]*yaml.Node, 0, len(o.pairs)/2)
	for i := 0; i+1 < len(o.pairs); i += 2 {
		keys = append(keys, o.pairs[i])
	}
	return keys
}

// KeyNames returns the keys of the mapping as texts.
func (o *Object) KeyNames() []string {
	names := make([]string, 0, len(o.pairs)/2)
	for _, key := range o.Keys() {
		names = append(names, key.Value)
	}
	return names
}

// Pos returns where a node stands.
func (o *Object) Pos(n *yaml.Node) spec.Pos { return o.r.Pos(n) }

// File returns the name of the file that the object stands in.
func (o *Object) File() string { return o.r.File }

// Has reports whether the mapping holds a value for a key.
func (o *Object) Has(key string) bool {
	n := o.Find(key)
	return n != nil && !isAbsent(n)
}

// List returns the elements of a list; a value that isn't one is a fault.
func (o *Object) List(key string) []*yaml.Node {
	n := o.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.Fault(code.Shape, n, key, "a list is expected here, not "+shapeWords(n), "")
		return nil
	}
	return n.Content
}

// Element opens element i of the list of that name, or for -1 its value.
func (o *Object) Element(list string, i int, n *yaml.Node) Object {
	return o.r.open(Deref(n), o, list, i)
}

// Object opens the mapping of a key, and reports whether it is there.
func (o *Object) Object(key string) (Object, bool) {
	n := o.get(key)
	if n == nil {
		return Object{}, false
	}
	return o.r.open(n, o, key, -1), true
}

// Fault reports a fault at a node, under the path of a key of this object.
func (o *Object) Fault(c code.Code, at *yaml.Node, key, message, hint string) *spec.Fault {
	return o.r.fault(c, at, o.path(key), message, hint)
}

// Missing reports a key that must be there, at the mapping that lacks it.
func (o *Object) Missing(key, hint string) {
	o.Fault(code.Missing, o.Node, key, "is missing", hint).InCase(code.CaseMissing)
}

// Twice reports two keys of which only one may be given, at the second, and
// returns whether both are.
func (o *Object) Twice(a, b, hint string) bool {
	if !o.Has(a) || !o.Has(b) {
		return false
	}
	o.Fault(code.Twice, o.Find(b), b, "stands beside "+a, hint)
	return true
}

// path returns the path of a key from the document's root, or the object's
// own for "". Paths are made for faults only, so that reading costs none.
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

// Positions returns where the values of some keys are, of those that are set.
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

// Absent reports whether nothing stands at a path such as entreps[0].amount.
func (o *Object) Absent(path string) bool {
	parent, key := path, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, key = path[:i], path[i+1:]
	}
	n := o.Locate(parent)
	return n.Kind == yaml.MappingNode && Find(n.Content, key) == nil
}

// Locate returns the node of a path such as entreps[0].loan_id, or the deepest
// on the way to it.
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
