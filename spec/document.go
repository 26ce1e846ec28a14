package spec

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"kivaform/spec/input"
)

// maxExpansion bounds the nodes that a document's aliases stand for, so that a
// few lines can't stand for millions.
const maxExpansion = 10_000

var byteOrderMark = []byte("\xEF\xBB\xBF")

// A reader reads one YAML file and collects its faults.
type reader struct {
	file       string // relative to the workspace, with slashes
	linesAbove int32  // of what is being parsed, in the file
	mayAlias   bool
	faults     []*Fault
	asked      []string // keys asked for, a stack: see object
	ctx        context.Context
	takeMarks  func(n int) bool // reports whether so many marks more may be read; see countMarks; may be nil

	start, left    int // of a document: its first fault, and how many there were no room for
	judged, errors int // of a file: faults that isHopeless has looked at, and errors among them
	maxErrors      int // of a file: its rest isn't read
}

func newReader(ctx context.Context, file string) *reader {
	return &reader{ctx: ctx, file: file, maxErrors: maxFaults}
}

func (r *reader) pos(n *yaml.Node) Pos {
	return Pos{File: r.file, Line: r.linesAbove + int32(n.Line), Column: int32(n.Column)}
}

func (r *reader) fault(c code, at *yaml.Node, path, message, hint string) *Fault {
	f := newFault(c, r.pos(at), path, message, hint)
	r.add(f)
	return f
}

// documents calls visit with the root of each document that isn't empty, one
// at a time, so that no more than one document's nodes are in memory. A
// document that isn't YAML is a fault; the others are still read.
func (r *reader) documents(data []byte, visit func(root *yaml.Node)) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if f := unreadableText(r.file, data); f != nil {
		r.faults = append(r.faults, f)
		return
	}
	marks := countMarks(data)
	if r.takeMarks != nil && !r.takeMarks(marks) {
		return
	}
	if marks > maxDocumentMarks {
		if f := r.tooManyMarks(data); f != nil {
			r.faults = append(r.faults, f)
			return
		}
	}
	if n := bytes.Count(data, []byte("\n%")); n > maxDirectives { // the library compares each with all before it
		r.faults = append(r.faults, newFault(codeTooMany, Pos{File: r.file}, "", fmt.Sprintf("%d lines begin with %%, as directives do", n), "remove the directives"))
		return
	}
	r.mayAlias = bytes.IndexByte(data, '*') >= 0
	decoder := yaml.NewDecoder(input.Reader{Context: r.ctx, From: bytes.NewReader(data)})
	for last := int32(0); ; {
		var doc yaml.Node
		switch err := decoder.Decode(&doc); {
		case err == io.EOF, r.ctx.Err() != nil:
			return
		case err != nil:
			r.salvage(data, last, visit)
			return
		}
		last = int32(doc.Content[0].Line)
		if r.document(&doc, visit); r.ended() {
			return
		}
	}
}

// salvage reads the documents that begin below a line one by one. The YAML
// library gives up a file at its first fault, and is quick only with the
// documents of a file in one go.
func (r *reader) salvage(data []byte, below int32, visit func(root *yaml.Node)) {
	for len(data) > 0 {
		text := data[:documentEnd(data)]
		doc, err := r.whole(text)
		switch {
		case r.ctx.Err() != nil:
			return
		case err != nil:
			r.faults = append(r.faults, r.syntaxFault(text, err))
		case r.linesAbove >= below && doc.Kind != 0:
			r.document(doc, visit)
		}
		if r.ended() {
			return
		}
		r.linesAbove += int32(bytes.Count(text, []byte{'\n'}))
		data = data[len(text):]
	}
}

// ended reports whether the rest of the file isn't read, and says why.
func (r *reader) ended() bool {
	if r.isHopeless() {
		r.faults = append(r.faults, newFault(codeTooMany, Pos{File: r.file}, "", "too many faults: the rest of the file wasn't read", ""))
		return true
	}
	return r.ctx.Err() != nil
}

// whole reads a text that is one document. The YAML library ends a document
// where a line is indented less than the first, as if nothing followed.
func (r *reader) whole(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(input.Reader{Context: r.ctx, From: bytes.NewReader(text)})
	var doc, rest yaml.Node
	if err := d.Decode(&doc); err != nil && err != io.EOF {
		return nil, err
	}
	if err := d.Decode(&rest); err != nil && err != io.EOF {
		return nil, err
	}
	return &doc, nil
}

func (r *reader) document(doc *yaml.Node, visit func(root *yaml.Node)) {
	root := deref(doc.Content[0])
	if isAbsent(root) {
		return
	}
	if isDeeper(root, maxDepth) {
		r.fault(codeTooMany, root, "", fmt.Sprintf("its values are nested more than %d deep", maxDepth), "no document needs more than a few")
		return
	}
	budget := maxExpansion
	if r.mayAlias && !expand(doc, &budget, false) {
		r.fault(codeAlias, root, "", "its aliases stand for too much", "write the values out")
		return
	}
	r.beginDocument()
	visit(root)
	r.endDocument(root)
}

// isDeeper reports whether values are nested more than levels deep, without
// following aliases.
func isDeeper(n *yaml.Node, levels int) bool {
	if levels < 0 {
		return true
	}
	for _, c := range n.Content {
		if len(c.Content) > 0 && isDeeper(c, levels-1) {
			return true
		}
	}
	return false
}

// documentEnd returns the length of the first document of data: up to a line
// that begins with "---", where that isn't the document's own first line, or
// up to and with one that begins with "...". YAML allows neither inside a
// document, whatever is being quoted there.
func documentEnd(data []byte) int {
	started := false
	for at := 0; at < len(data); {
		line, next := data[at:], len(data)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, next = line[:i], at+i+1
		}
		switch {
		case isMarker(line, "---"):
			if started {
				return at
			}
			started = true
		case isMarker(line, "..."):
			return next
		case !started && !isPreamble(line):
			started = true
		}
		at = next
	}
	return len(data)
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r')
}

// isPreamble reports whether a line may stand before a document's "---": a
// comment, a directive, or nothing.
func isPreamble(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#' || line[0] == '%'
}

// isAbsent reports whether a value says nothing: null, or an empty text.
func isAbsent(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "")
}

// hasKey reports whether a mapping has a key.
func hasKey(m *yaml.Node, key string) bool { return find(m.Content, key) != nil }

// find returns the value of a key among the pairs of a mapping, or nil.
func find(pairs []*yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key {
			return deref(pairs[i+1])
		}
	}
	return nil
}
