package spec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

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
	budget     *budget // nil where nothing is kept

	start, left    int // of a document: its first fault, and how many there were no room for
	judged, errors int // of a file: faults that isHopeless has looked at, and errors among them
	maxErrors      int // of a file: its rest isn't read

	pastSettings bool // of kiva.yaml: the settings have been seen
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
	if r.budget != nil && r.budget.marks.Add(-int64(marks)) < 0 {
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

// unreadableText returns a fault for the first byte that isn't UTF-8, or that
// YAML doesn't allow.
func unreadableText(file string, data []byte) *Fault {
	for i := 0; i < len(data); {
		c := data[i]
		if c >= ' ' && c < 0x7F || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return newFault(codeEncoding, placeOf(file, data, i), "", "the file isn't UTF-8 text", "save it as UTF-8")
		}
		if r < 0xA0 && r != 0x85 || r > 0xFFFD && r < 0x10000 {
			return newFault(codeEncoding, placeOf(file, data, i), "", fmt.Sprintf("a control character (U+%04X)", r), "remove it")
		}
		i += size
	}
	return nil
}

// placeOf returns the place of the byte at offset.
func placeOf(file string, data []byte, offset int) Pos {
	before := data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return Pos{
		File:   file,
		Line:   int32(bytes.Count(before, []byte{'\n'})) + 1,
		Column: int32(utf8.RuneCount(before[start:])) + 1,
	}
}

// syntaxFault turns an error of the YAML library into a fault. The library
// names the line where the broken construct began, or one beside it; the line
// that a person must look at is the first whose presence makes the error.
func (r *reader) syntaxFault(text []byte, err error) *Fault {
	problem := syntaxProblem(err)
	lines := bytes.SplitAfter(text, []byte{'\n'})
	offset := 0
	n := sort.Search(len(lines), func(i int) bool {
		_, err := r.whole(bytes.Join(lines[:i+1], nil))
		return err != nil && syntaxProblem(err) == problem
	})
	n = min(n, len(lines)-1)
	for _, line := range lines[:n] {
		offset += len(line)
	}
	offset += len(lines[n]) - len(bytes.TrimLeft(lines[n], " "))
	at := placeOf(r.file, text, min(offset, len(text)))
	at.Line += r.linesAbove
	return newFault(codeSyntax, at, "", "not YAML: "+problem, syntaxHint(problem))
}

// syntaxProblem returns the library's message without its line.
func syntaxProblem(err error) string {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		_, message, _ = strings.Cut(rest, ": ")
	}
	return message
}

func syntaxHint(problem string) string {
	switch {
	case strings.Contains(problem, "cannot start any token"), strings.Contains(problem, "tab character"):
		return "indent with spaces, not tabs, and quote a text that begins with @, ` or %"
	case strings.Contains(problem, "mapping values are not allowed"):
		return `quote a text that holds ": "`
	case strings.Contains(problem, "could not find expected ':'"):
		return "write key: value, or indent a line that goes on"
	case strings.Contains(problem, "unexpected end of stream"):
		return "close the quote"
	case strings.Contains(problem, "incompatible YAML document"):
		return "remove the %YAML line"
	}
	return "look at the indentation, quotes and brackets of this line and the one above"
}

var (
	errMerge      = errors.New("<< needs a mapping, or a list of mappings")
	errMergesMuch = errors.New("<< brings in too much")
)

// merged returns the pairs of a mapping whose merge keys (<<) are replaced by
// the pairs that they bring in. The mapping's own keys win, then earlier ones.
func merged(m *yaml.Node) ([]*yaml.Node, error) {
	var own, brought []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], deref(m.Content[i+1])
		if key.Tag != "!!merge" {
			own = append(own, key, value)
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = value.Content
		}
		for _, s := range sources {
			pairs, err := mergePairs(deref(s))
			if err != nil {
				return own, err
			}
			if brought = append(brought, pairs...); len(brought) > maxExpansion {
				return own, errMergesMuch
			}
		}
	}
	has := make(map[string]bool, len(own)/2)
	for i := 0; i+1 < len(own); i += 2 {
		has[own[i].Value] = true
	}
	for i := 0; i+1 < len(brought); i += 2 {
		if key := brought[i]; !has[key.Value] {
			has[key.Value] = true
			own = append(own, key, brought[i+1])
		}
	}
	return own, nil
}

func mergePairs(m *yaml.Node) ([]*yaml.Node, error) {
	if m.Kind != yaml.MappingNode {
		return nil, errMerge
	}
	if hasMerge(m) {
		return merged(m)
	}
	return m.Content, nil
}

func hasMerge(m *yaml.Node) bool {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

// expand follows the aliases of a node, and reports whether they stand for no
// more nodes than the budget. An alias within its own anchor runs out of it.
func expand(n *yaml.Node, budget *int, aliased bool) bool {
	if n.Kind == yaml.AliasNode {
		return expand(n.Alias, budget, true)
	}
	if aliased {
		*budget--
	}
	for _, c := range n.Content {
		if *budget < 0 || !expand(c, budget, aliased) {
			return false
		}
	}
	return *budget >= 0
}

func deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// isAbsent reports whether a value says nothing: null, or an empty text.
func isAbsent(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Value == "")
}

// find returns the value of a key among the pairs of a mapping, or nil.
func find(pairs []*yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key {
			return deref(pairs[i+1])
		}
	}
	return nil
}
