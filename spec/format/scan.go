package format

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/hint"
	"kivaform/spec"
)

// A scanner walks over the text along the nodes of the YAML library. Between
// values it accepts indicators, white space and comments. (It finds comments
// itself because the library loses and moves some.)
type scanner struct {
	name   string
	text   string
	starts []int // offset of each line
	file   *file

	inside   bool // of a document's value
	blockEnd int  // last line of the block scalar above; it may look blank

	offset, line, column int // line from 1, column from 0, in characters
}

func scanFile(name, text string, roots []*yaml.Node) (*file, error) {
	s := &scanner{name: name, text: text, starts: lineStarts(text), line: 1, file: &file{documents: []*document{{}}}}
	if i := strings.IndexAny(text, "\u0085\u2028\u2029"); i >= 0 {
		s.advance(i)
		return nil, s.errorHere("a line break that most programs don't know", "break the line with Enter")
	}
	for _, root := range roots {
		if err := s.scanDocument(root); err != nil {
			return nil, err
		}
	}
	return s.file, s.skipBetween(len(text), "")
}

func lineStarts(text string) []int {
	starts := make([]int, 1, 1+strings.Count(text, "\n"))
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (s *scanner) errorHere(message, remedy string) error {
	at := spec.Pos{File: s.name, Line: int32(s.line), Column: int32(s.column) + 1}
	return hint.With(fmt.Errorf("%s: %s", at, message), "%s", remedy)
}

func (s *scanner) scanDocument(n *yaml.Node) error {
	root, err := s.scanNode(n, -1, false)
	if err != nil {
		return err
	}
	s.inside = false
	if root.props != "" {
		return s.errorHere("an anchor or a tag of a whole document", "remove it")
	}
	d := s.currentDocument()
	if d.root != nil { // "..." has ended it
		d = s.addDocument(root.start)
		d.marked, d.marker = true, root.start
	}
	d.root, d.anchored = root, hasAnchor(root)
	return nil
}

func hasAnchor(n *node) bool {
	if n.kind == alias || strings.Contains(n.props, "&") {
		return true
	}
	for _, e := range n.entries {
		if hasAnchor(e.value) || e.key != nil && hasAnchor(e.key) {
			return true
		}
	}
	return false
}

func (s *scanner) currentDocument() *document { return s.file.documents[len(s.file.documents)-1] }

func (s *scanner) addDocument(start int) *document {
	d := &document{start: start}
	s.file.documents = append(s.file.documents, d)
	return d
}

// advance moves forward to an offset.
func (s *scanner) advance(to int) {
	for s.offset < to {
		c := s.text[s.offset]
		size := 1
		switch {
		case c == '\n':
			s.line++
			s.column = -1
		case c >= utf8.RuneSelf:
			_, size = utf8.DecodeRuneInString(s.text[s.offset:])
		}
		s.column++
		s.offset += size
	}
}

// offsetOf returns a node's offset, if it lies ahead.
func (s *scanner) offsetOf(n *yaml.Node) (int, bool) {
	at, column := s.offset, s.column
	if n.Line != s.line {
		if n.Line < s.line || n.Line > len(s.starts) {
			return 0, false
		}
		at, column = s.starts[n.Line-1], 0
	}
	for ; column < n.Column-1 && at < len(s.text); column++ {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at, at >= s.offset && column == n.Column-1
}

// skipBetween moves past white space, comments and indicators, up to an offset
// or a byte of stop.
func (s *scanner) skipBetween(to int, stop string) error {
	for {
		s.skipBlanks(to)
		if s.offset >= to {
			return nil
		}
		c := s.text[s.offset]
		switch {
		case s.isMarker():
			s.scanMarker()
		case strings.IndexByte(stop, c) >= 0:
			return nil
		case c == ',' || c == ':':
			s.advance(s.offset + 1)
		default:
			return s.unexpected(c)
		}
	}
}

func (s *scanner) unexpected(c byte) error {
	switch {
	case c == '?':
		return s.errorHere("a key after a question mark can't be put in order", "write key: value")
	case c == '%':
		return s.errorHere("a line for YAML programs, which kivaform doesn't need", "remove it")
	case !s.inside && s.currentDocument().root == nil:
		return s.errorHere("a document that says nothing", "remove it")
	case !s.inside:
		return s.errorHere("a line that isn't part of the document above", "indent it as the lines above")
	}
	return s.errorHere("this can't be put in order", "write it in a simpler form")
}

func (s *scanner) isMarker() bool {
	if s.column != 0 {
		return false
	}
	rest := s.text[s.offset:]
	if !strings.HasPrefix(rest, "---") && !strings.HasPrefix(rest, "...") {
		return false
	}
	return len(rest) == 3 || strings.IndexByte(" \t\n", rest[3]) >= 0
}

func (s *scanner) scanMarker() {
	if s.text[s.offset] == '-' {
		d := s.currentDocument()
		if d.marked || d.root != nil {
			d = s.addDocument(s.offset)
		}
		d.marked, d.marker, d.line = true, s.offset, s.line
	}
	s.advance(s.offset + 3)
}

// skipBlanks moves past white space and comments, and records the comments.
func (s *scanner) skipBlanks(to int) {
	for s.offset < to {
		switch s.text[s.offset] {
		case ' ', '\t', '\n':
			s.advance(s.offset + 1)
		case '#':
			s.scanComment()
		default:
			return
		}
	}
}

func (s *scanner) scanComment() {
	text := s.text[s.offset:]
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	before := s.text[s.starts[s.line-1]:s.offset]
	code := strings.TrimRight(before, " \t")
	space := before[len(code):]
	if space == "" || strings.Trim(space, " ") != "" {
		space = " "
	}
	s.file.comments = append(s.file.comments, comment{
		text: strings.TrimRight(text, " \t"), space: space, own: code == "",
		offset: s.offset, line: s.line, column: s.column, blank: s.belowBlank(),
	})
	s.advance(s.offset + len(text))
}

// belowBlank reports whether the line above is blank.
func (s *scanner) belowBlank() bool {
	above := s.line - 1
	if above < 1 || above <= s.blockEnd {
		return false
	}
	return strings.TrimSpace(s.text[s.starts[above-1]:s.starts[above]]) == ""
}
