package format

import "slices"

// An attacher assigns the comments, in order, to the entries that they describe.
type attacher struct{ comments []comment }

func (f *file) attachComments() {
	a := &attacher{f.comments}
	for i, d := range f.documents {
		end := int(^uint(0) >> 1)
		if i+1 < len(f.documents) {
			end = f.documents[i+1].start
		}
		a.attachDocument(d, end)
	}
}

func (a *attacher) attachDocument(d *document, end int) {
	if d.marked {
		d.above = a.takeBefore(d.marker)
	}
	first := end
	if d.root != nil {
		first = d.root.start
		if len(d.root.entries) > 0 {
			first = d.root.entries[0].start
		}
	}
	if d.marked {
		d.beside = a.takeBeside(d.line, first)
	}
	if d.root != nil {
		d.top = a.takeBefore(first)
		a.attachCollection(d.root, -1, end)
		d.splitTop()
	}
	d.below = a.takeBefore(end)
}

// splitTop gives the first key the comment right above it, if another comment
// stands higher. A single one describes the whole document.
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

// takeBefore takes the comments before an offset.
func (a *attacher) takeBefore(offset int) []comment {
	n := 0
	for n < len(a.comments) && a.comments[n].offset < offset {
		n++
	}
	return a.take(n)
}

// takeBeside takes the comment at the end of a line.
func (a *attacher) takeBeside(line, limit int) []comment {
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

// countContinued counts the comments that continue first, on the next lines and
// in its column.
func (a *attacher) countContinued(first comment, limit int) int {
	n := 0
	for ; n < len(a.comments); n++ {
		c := a.comments[n]
		if !c.own || c.offset >= limit || c.column != first.column || c.line != first.line+n+1 {
			break
		}
	}
	return n
}

// attachCollection attaches the comments of a collection in a block at column
// outer that ends before limit.
func (a *attacher) attachCollection(n *node, outer, limit int) {
	if n.flow {
		limit = n.end
	}
	for i, e := range n.entries {
		e.head = append(e.head, a.takeBefore(e.start)...)
		next := limit
		if i+1 < len(n.entries) {
			next = n.entries[i+1].start
		}
		a.attachEntry(n, e, next)
	}
	if n.flow {
		n.foot = a.takeBefore(n.end)
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

// attachEntry attaches the comments of one entry's value.
func (a *attacher) attachEntry(n *node, e *entry, next int) {
	v := e.value
	if v.kind != empty || v.props != "" {
		a.attachAboveValue(e)
	}
	if len(v.entries) > 0 {
		a.attachCollection(v, n.column, next)
	}
	if v.isBlock() {
		return
	}
	beside := a.takeBeside(v.line, next)
	if beside == nil {
		return
	}
	if v.kind == scalar {
		beside = append(beside, a.take(a.countContinued(beside[0], next))...)
	}
	e.addHead(e.beside)
	e.beside = beside
}

// isBlock reports whether n is a collection without braces or brackets.
func (n *node) isBlock() bool { return (n.kind == mapping || n.kind == sequence) && !n.flow }

// attachAboveValue attaches the comments between a key, or a dash, and its value.
func (a *attacher) attachAboveValue(e *entry) {
	v, line := e.value, e.line
	inside := v.start
	switch {
	case len(v.entries) > 0:
		inside = v.entries[0].start
	case v.flow:
		inside = v.end
	}
	e.beside = a.takeBeside(line, inside)
	rest := a.takeBefore(inside)
	if len(v.entries) > 0 {
		v.entries[0].head = rest
	} else {
		e.addHead(rest)
	}
}

// addHead moves comments above the entry.
func (e *entry) addHead(comments []comment) {
	for _, c := range comments {
		c.blank = c.blank && c.own
		e.head = append(e.head, c)
	}
}
