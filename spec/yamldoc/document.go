// Package yamldoc reads YAML files as their authors wrote them: each value with
// its position, each scalar as written. It reports every unknown key with the
// nearest known one, and refuses hostile files (aliases, depth, size) within
// bounds. It knows no key by name.
package yamldoc

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/input"
)

// maxExpansion bounds the nodes that a document's aliases expand to, since a few
// lines could expand to millions.
const maxExpansion = 10_000

var byteOrderMark = []byte("\xEF\xBB\xBF")

// A Reader reads one YAML file and collects its faults.
type Reader struct {
	File      string // relative to the workspace, with slashes
	Faults    []*spec.Fault
	MaxErrors int              // in a file, after which its rest isn't read
	TakeMarks func(n int) bool // reserves n more marks, see CountMarks; may be nil

	ctx        context.Context // of one call
	linesAbove int32           // lines of the file above the text being parsed
	mayAlias   bool            // the text contains a *
	asked      []string        // keys asked for, a stack: see Object

	start, left    int // of a document: index of its first fault, and the number of faults left out
	judged, errors int // of a file: faults that isHopeless has counted, and errors among them
}

// NewReader returns a reader of a file, whose name is relative to the workspace.
func NewReader(ctx context.Context, file string) *Reader {
	return &Reader{ctx: ctx, File: file, MaxErrors: MaxFaults}
}

// Pos returns the position of a node in the file.
func (r *Reader) Pos(n *yaml.Node) spec.Pos {
	return spec.Pos{File: r.File, Line: r.linesAbove + int32(n.Line), Column: int32(n.Column)}
}

func (r *Reader) addFault(c code.Code, at *yaml.Node, path, message, hint string) *spec.Fault {
	f := code.NewFault(c, r.Pos(at), path, message, hint)
	r.Add(f)
	return f
}

// Documents calls visit with the root of each document that isn't empty, one at
// a time, so that only one document's nodes are in memory. A document that isn't
// YAML is a fault; the others are still read.
func (r *Reader) Documents(data []byte, visit func(root *yaml.Node)) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if f := unreadableText(r.File, data); f != nil {
		r.Faults = append(r.Faults, f)
		return
	}
	marks := CountMarks(data)
	if r.TakeMarks != nil && !r.TakeMarks(marks) {
		return
	}
	if marks > MaxDocumentMarks {
		if f := r.tooManyMarks(data); f != nil {
			r.Faults = append(r.Faults, f)
			return
		}
	}
	if n := bytes.Count(data, []byte("\n%")); n > maxDirectives { // the library compares each with all before it
		r.Faults = append(r.Faults, code.NewFault(code.TooMany, spec.Pos{File: r.File}, "", fmt.Sprintf("%d lines begin with %%, as directives do", n), "remove the directives"))
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
			r.readOneByOne(data, last, visit)
			return
		}
		last = int32(doc.Content[0].Line)
		if r.visitDocument(&doc, visit); r.hasEnded() {
			return
		}
	}
}

// readOneByOne reads the documents that begin below a line separately. The YAML
// library stops at a file's first fault, and is fast only if it reads all
// documents in one go.
func (r *Reader) readOneByOne(data []byte, below int32, visit func(root *yaml.Node)) {
	for len(data) > 0 {
		text := data[:documentEnd(data)]
		doc, err := r.parseWhole(text)
		switch {
		case r.ctx.Err() != nil:
			return
		case err != nil:
			r.Faults = append(r.Faults, r.syntaxFault(text, err))
		case r.linesAbove >= below && doc.Kind != 0:
			r.visitDocument(doc, visit)
		}
		if r.hasEnded() {
			return
		}
		r.linesAbove += int32(bytes.Count(text, []byte{'\n'}))
		data = data[len(text):]
	}
}

// hasEnded reports whether to skip the rest of the file, and adds a fault if so.
func (r *Reader) hasEnded() bool {
	if r.isHopeless() {
		r.Faults = append(r.Faults, code.NewFault(code.TooMany, spec.Pos{File: r.File}, "", "too many faults: the rest of the file wasn't read", ""))
		return true
	}
	return r.ctx.Err() != nil
}

// parseWhole parses a text that must be one document. The YAML library silently
// ends a document at a line that is indented less than the first.
func (r *Reader) parseWhole(text []byte) (*yaml.Node, error) {
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

func (r *Reader) visitDocument(doc *yaml.Node, visit func(root *yaml.Node)) {
	root := Deref(doc.Content[0])
	if isAbsent(root) {
		return
	}
	if isDeeper(root, maxDepth) {
		r.addFault(code.TooMany, root, "", fmt.Sprintf("its values are nested more than %d deep", maxDepth), "no document needs more than a few")
		return
	}
	budget := maxExpansion
	if r.mayAlias && !expandsWithin(doc, &budget, false) {
		r.addFault(code.Alias, root, "", "its aliases stand for too much", "write the values out")
		return
	}
	r.beginDocument()
	visit(root)
	r.endDocument(root)
}

// isDeeper reports whether values are nested more than levels deep; it doesn't
// follow aliases.
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
// that begins with "---", except the document's own first line, or through one
// that begins with "...". YAML allows neither inside a document, not even in
// quotes.
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

// isPreamble reports whether a line may precede a document's "---": a comment, a
// directive, or a blank line.
func isPreamble(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#' || line[0] == '%'
}

// isAbsent reports whether a value is null or an empty text.
func isAbsent(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "")
}

// HasKey reports whether a mapping has a key.
func HasKey(m *yaml.Node, key string) bool { return Find(m.Content, key) != nil }

// Find returns the value of a key among the pairs of a mapping, or nil.
func Find(pairs []*yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key {
			return Deref(pairs[i+1])
		}
	}
	return nil
}
