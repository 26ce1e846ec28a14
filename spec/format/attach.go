package format

import "slices"

// An attacher hands out the comments in their order to what they are about.
type attacher struct{ comments []comment }

func (f *file) attach() {
	a := &attacher{f.comments}
	for i, d := range f.documents {
		end := int(^uint(0) >> 1)
		if i+1 < len(f.documents) {
			end = f.documents[i+1].start
		}
		a.document(d, end)
	}
}

func (a *attacher) document(d *document, end int) {
	if d.marked {
		d.above = a.before(d.marker)
	}
	first := end
	if d.root != nil {
		first = d.root.start
		if len(d.root.entries) > 0 {
			first = d.root.entries[0].start
		}
	}
	if d.marked {
		d.beside = a.beside(d.line, first)
	}
	if d.root != nil {
		d.top = a.before(first)
		a.collection(d.root, -1, end)
		d.splitTop()
	}
	d.below = a.before(end)
}

// splitTop gives the first key the comment right above it, where another stands
// above that one. A single one is about the whole document, and stays on top.
func (d *document) splitTop() {
	if len(d.root.entries) == 0 {
		return
	}
	first := d.root.entries[0]
	if first.blank {
		d.apart, first.blank = true, false
		return
	}
	for i, c := range slices.Backward(d.top) {
		if c.blank && i > 0 {
			d.apart = true
			d.top, first.head = d.top[:i:i], slices.Concat(d.top[i:], first.head)
			first.head[0].blank = false
			return
		}
	}
}

// before takes the comments that stand before an offset.
func (a *attacher) before(offset int) []comment {
	n := 0
	for n < len(a.comments) && a.comments[n].offset < offset {
		n++
	}
	return a.take(n)
}

// beside takes the comment that stands on a line behind something else.
func (a *attacher) beside(line, limit int) []comment {
	if len(a.comments) == 0 {
		return nil
	}
	if c := a.comments[0]; c.own || c.line != line || c.offset >= limit {
		return nil
	}
	return a.take(1)
}

func (a *attacher) take(n int) []comment {
	taken := a.comments[:n:n]
	a.comments = a.comments[n:]
	return taken
}

// goingOn counts the comments that go on with one beside a value, on the lines
// below it and in its column.
func (a *attacher) goingOn(first comment, limit int) int {
	n := 0
	for ; n < len(a.comments); n++ {
		c := a.comments[n]
		if !c.own || c.offset >= limit || c.column != first.column || c.line != first.line+n+1 {
			break
		}
	}
	return n
}

// collection attaches the comments of a collection, which stands in a block of
// column outer and ends before limit.
func (a *attacher) collection(n *node, outer, limit int) {
	if n.flow {
		limit = n.end
	}
	for i, e := range n.entries {
		e.head = append(e.head, a.before(e.start)...)
		next := limit
		if i+1 < len(n.entries) {
			next = n.entries[i+1].start
		}
		a.entry(n, e, next)
	}
	if n.flow {
		n.foot = a.before(n.end)
		return
	}
	for len(a.comments) > 0 {
		c := a.comments[0]
		if !c.own || c.offset >= limit || c.column < n.column || c.column <= outer {
			return
		}
		n.foot = append(n.foot, c)
		a.comments = a.comments[1:]
	}
}

// entry attaches what stands around one value of a collection.
func (a *attacher) entry(n *node, e *entry, next int) {
	v := e.value
	if v.kind != empty || v.props != "" {
		a.aboveValue(e)
	}
	if len(v.entries) > 0 {
		a.collection(v, n.column, next)
	}
	if v.isBlock() {
		return
	}
	beside := a.beside(v.line, next)
	if beside == nil {
		return
	}
	if v.kind == scalar {
		beside = append(beside, a.take(a.goingOn(beside[0], next))...)
	}
	e.raise(e.beside)
	e.beside = beside
}

// isBlock reports whether a value is a collection that isn't in braces or
// brackets.
func (n *node) isBlock() bool { return (n.kind == mapping || n.kind == sequence) && !n.flow }

// aboveValue attaches the comments between a key, or a dash, and what is
// written for it.
func (a *attacher) aboveValue(e *entry) {
	v, line := e.value, e.line
	inside := v.start
	switch {
	case len(v.entries) > 0:
		inside = v.entries[0].start
	case v.flow:
		inside = v.end
	}
	e.beside = a.beside(line, inside)
	rest := a.before(inside)
	if len(v.entries) > 0 {
		v.entries[0].head = rest
	} else {
		e.raise(rest)
	}
}

// raise puts comments above an entry.
func (e *entry) raise(comments []comment) {
	for _, c := range comments {
		c.blank = c.blank && c.own
		e.head = append(e.head, c)
	}
}
