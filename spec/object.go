package spec

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// An object reads one mapping of a document, key by key. The keys that are
// asked for are the ones that are known: close reports all others. Objects
// nest: an inner one is closed before its outer one is asked again.
type object struct {
	r     *reader
	outer *object
	name  string // the key in the outer object
	index int    // in the list of that name; -1 where it isn't in one
	node  *yaml.Node
	pairs []*yaml.Node          // keys and values
	base  int                   // where the keys that this object was asked for begin
	byKey map[string]*yaml.Node // of an object with many pairs, else nil
}

// manyPairs is more keys and values than a right document has in one mapping:
// from there on, keys are looked up in a map.
const manyPairs = 200

// openRoot opens a document.
func (r *reader) openRoot(n *yaml.Node) object { return r.open(n, nil, "", -1) }

// open starts to read a mapping. A value that isn't one is a fault, and reads
// as an empty mapping.
func (r *reader) open(n *yaml.Node, outer *object, name string, index int) object {
	o := object{r: r, outer: outer, name: name, index: index, node: n, base: len(r.asked)}
	if n.Kind != yaml.MappingNode {
		r.fault(codeShape, n, o.path(""), "keys with values are expected here, not "+shape(n), "")
		return o
	}
	o.pairs = n.Content
	if hasMerge(n) {
		pairs, err := merged(n)
		if err != nil {
			r.fault(codeAlias, n, o.path(""), err.Error(), "")
		}
		o.pairs = pairs
	}
	o.reportDuplicates()
	if len(o.pairs) > manyPairs {
		o.byKey = make(map[string]*yaml.Node, len(o.pairs)/2)
		for i := len(o.pairs) - 2; i >= 0; i -= 2 { // the first of two is what find finds
			o.byKey[o.pairs[i].Value] = deref(o.pairs[i+1])
		}
	}
	return o
}

func (o *object) reportDuplicates() {
	if len(o.pairs) > manyPairs {
		o.reportDuplicatesOfMany()
		return
	}
	for i := 2; i < len(o.pairs); i += 2 {
		for j := 0; j < i; j += 2 {
			if o.pairs[i].Value == o.pairs[j].Value {
				o.duplicate(o.pairs[i], o.pairs[j])
				break
			}
		}
	}
}

func (o *object) reportDuplicatesOfMany() {
	first := make(map[string]*yaml.Node, len(o.pairs)/2)
	for i := 0; i < len(o.pairs); i += 2 {
		if f := first[o.pairs[i].Value]; f != nil {
			o.duplicate(o.pairs[i], f)
		} else {
			first[o.pairs[i].Value] = o.pairs[i]
		}
	}
}

func (o *object) duplicate(key, first *yaml.Node) {
	o.r.fault(codeDuplicateKey, key, o.path(key.Value),
		fmt.Sprintf("stands twice, first at line %d", o.r.pos(first).Line), "keep one of the two")
}

// close reports the keys that nobody asked for, and names the nearest that
// could be meant.
func (o *object) close() {
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
			free = o.free(known)
		}
		hint := ""
		if near := Nearest(key.Value, free); near != "" {
			hint = "did you mean " + near + "?"
		}
		o.r.fault(codeUnknownKey, key, o.path(""), "unknown key "+quoted(key), hint)
	}
	o.leave()
}

// leave ends an object without looking at its other keys.
func (o *object) leave() { o.r.asked = o.r.asked[:o.base] }

// free returns the known keys that don't stand there: one that does isn't
// meant again.
func (o *object) free(known []string) []string {
	free := make([]string, 0, len(known))
	for _, k := range known {
		if o.find(k) == nil {
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

// quoted returns a key for a message, cut where it is long.
func quoted(key *yaml.Node) string {
	if key.Kind != yaml.ScalarNode {
		return "(" + shape(key) + ")"
	}
	return fmt.Sprintf("%q", shortened(key.Value))
}

// shortened returns a text of a file for a message, cut where it is long.
func shortened(text string) string {
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
func (o *object) get(key string) *yaml.Node {
	n := o.raw(key)
	if n == nil || isAbsent(n) {
		return nil
	}
	return n
}

func (o *object) raw(key string) *yaml.Node {
	o.r.asked = append(o.r.asked, key)
	return o.find(key)
}

// find returns the value of a key, or nil.
func (o *object) find(key string) *yaml.Node {
	if o.byKey != nil {
		return o.byKey[key]
	}
	return find(o.pairs, key)
}

// keys returns the keys of the mapping, in their order.
func (o *object) keys() []*yaml.Node {
	keys := make([]*yaml.Node, 0, len(o.pairs)/2)
	for i := 0; i+1 < len(o.pairs); i += 2 {
		keys = append(keys, o.pairs[i])
	}
	return keys
}

// keyNames returns the keys of the mapping as texts.
func (o *object) keyNames() []string {
	names := make([]string, 0, len(o.pairs)/2)
	for _, key := range o.keys() {
		names = append(names, key.Value)
	}
	return names
}

// pos returns where a node stands.
func (o *object) pos(n *yaml.Node) Pos { return o.r.pos(n) }

// file returns the name of the file that the object stands in.
func (o *object) file() string { return o.r.file }

// has reports whether the mapping holds a value for a key.
func (o *object) has(key string) bool {
	n := o.find(key)
	return n != nil && !isAbsent(n)
}

// list returns the elements of a list; a value that isn't one is a fault.
func (o *object) list(key string) []*yaml.Node {
	n := o.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.fault(codeShape, n, key, "a list is expected here, not "+shape(n), "")
		return nil
	}
	return n.Content
}

// element opens element i of the list of that name, or for -1 its value.
func (o *object) element(list string, i int, n *yaml.Node) object {
	return o.r.open(deref(n), o, list, i)
}

// object opens the mapping of a key, and reports whether it is there.
func (o *object) object(key string) (object, bool) {
	n := o.get(key)
	if n == nil {
		return object{}, false
	}
	return o.r.open(n, o, key, -1), true
}

func (o *object) fault(c code, at *yaml.Node, key, message, hint string) *Fault {
	return o.r.fault(c, at, o.path(key), message, hint)
}

// missing reports a key that must be there, at the mapping that lacks it.
func (o *object) missing(key, hint string) {
	o.fault(codeMissing, o.node, key, "is missing", hint).as(caseMissing)
}

// twice reports two keys of which only one may be given, at the second, and
// returns whether both are.
func (o *object) twice(a, b, hint string) bool {
	if !o.has(a) || !o.has(b) {
		return false
	}
	o.fault(codeTwice, o.find(b), b, "stands beside "+a, hint)
	return true
}

// path returns the path of a key from the document's root, or the object's
// own for "". Paths are made for faults only, so that reading costs none.
func (o *object) path(key string) string {
	var own string
	if o.outer != nil {
		name := o.name
		if o.index >= 0 {
			name = element(name, o.index)
		}
		own = o.outer.path(name)
	}
	if own == "" || key == "" || strings.HasPrefix(key, "[") {
		return own + key
	}
	return own + "." + key
}

func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// positions returns where the values of some keys are, of those that are set.
func (o *object) positions(keys ...string) map[string]Pos {
	set := make(map[string]Pos)
	for _, key := range keys {
		if n := o.find(key); n != nil {
			set[key] = o.pos(n)
		}
	}
	return set
}

// texts returns the elements of a list of texts.
func (o *object) texts(key string) []string {
	var all []string
	for i, n := range o.list(key) {
		n = deref(n)
		if n.Kind != yaml.ScalarNode || isAbsent(n) {
			o.fault(codeShape, n, element(key, i), "a text is expected here, not "+shape(n), "")
			continue
		}
		all = append(all, n.Value)
	}
	return all
}

// absent reports whether nothing stands at a path such as entreps[0].amount.
func (o *object) absent(path string) bool {
	parent, key := path, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, key = path[:i], path[i+1:]
	}
	n := o.locate(parent)
	return n.Kind == yaml.MappingNode && find(n.Content, key) == nil
}

// locate returns the node of a path such as entreps[0].loan_id, or the deepest
// on the way to it.
func (o *object) locate(path string) *yaml.Node {
	n, pairs := o.node, o.pairs
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
			next = deref(n.Content[i])
		} else if n.Kind == yaml.MappingNode {
			next = find(pairs, step)
		}
		if next == nil {
			return n
		}
		n, pairs = next, next.Content
	}
	return n
}
