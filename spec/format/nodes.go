package format

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// node scans a value. The indent is the column of the block collection that it
// stands in, or -1.
func (s *scanner) node(n *yaml.Node, indent int, inner bool) (*node, error) {
	own := &node{inner: inner, start: s.offset, end: s.offset, line: s.line}
	if isUnwritten(n) && !hasProperties(n) {
		return own, nil
	}
	to, ok := s.find(n)
	if !ok {
		return nil, s.unexpected(0)
	}
	if err := s.between(to, ""); err != nil {
		return nil, err
	}
	s.inside = true
	if n.Kind != yaml.MappingNode || hasProperties(n) { // otherwise they are its first key's
		if err := s.properties(n, own); err != nil {
			return nil, err
		}
	}
	own.start = s.offset
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		return own, s.collection(n, own, indent)
	case yaml.AliasNode:
		own.kind = alias
		s.take(own, s.offset+len("*"+n.Value))
		return own, nil
	}
	if isUnwritten(n) {
		own.start = own.end
		return own, nil
	}
	own.kind = scalar
	return own, s.scalar(n, own, indent)
}

// isUnwritten reports whether a value is null because nothing stands there.
func isUnwritten(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&^yaml.TaggedStyle == 0
}

func hasProperties(n *yaml.Node) bool { return n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 }

// properties scans anchor and tag, in whichever order they stand.
func (s *scanner) properties(n *yaml.Node, own *node) error {
	for s.offset < len(s.text) {
		rest := s.text[s.offset:]
		size := len("&" + n.Anchor)
		switch rest[0] {
		default:
			return nil // at once: a line may have a million values
		case '&':
		case '!':
			if size = strings.IndexAny(rest, " \t\n"); size < 0 {
				size = len(rest)
			}
		}
		if size > len(rest) || own.inner && strings.ContainsAny(rest[:size], ",[]{}") {
			return s.unexpected(0)
		}
		own.props = strings.TrimLeft(own.props+" "+rest[:size], " ")
		s.advance(s.offset + size)
		own.end, own.line = s.offset, s.line
		s.blanks(len(s.text))
	}
	return nil
}

// take gives a node the text up to an offset, as its one line.
func (s *scanner) take(own *node, to int) {
	own.lines = []string{s.text[s.offset:to]}
	s.advance(to)
	own.end, own.line = s.offset, s.line
}

func (s *scanner) collection(n *yaml.Node, own *node, indent int) error {
	own.flow = n.Style&yaml.FlowStyle != 0
	open := own.flow && s.offset < len(s.text) && strings.IndexByte("{[", s.text[s.offset]) >= 0
	if open {
		s.advance(s.offset + 1)
	} else if !own.flow {
		own.column = s.column
		indent = s.column
	}
	scan := s.pairs
	own.kind = mapping
	if n.Kind == yaml.SequenceNode {
		scan = s.elements
		own.kind = sequence
	}
	if err := scan(n, own, indent); err != nil {
		return err
	}
	if open {
		if err := s.between(len(s.text), "}]"); err != nil {
			return err
		}
		s.advance(s.offset + 1)
	}
	own.end, own.line = s.offset, s.line
	return nil
}

func (s *scanner) pairs(n *yaml.Node, own *node, indent int) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := s.node(n.Content[i], indent, own.flow)
		if err != nil {
			return err
		}
		if key.kind != scalar || len(key.lines) > 1 {
			return s.refuse("a key that isn't a single word or text", "write key: value")
		}
		e := &entry{start: key.start, line: key.line, key: key, blank: s.belowBlank()}
		if e.value, err = s.node(n.Content[i+1], indent, own.flow); err != nil {
			return err
		}
		own.entries = append(own.entries, e)
	}
	return nil
}

func (s *scanner) elements(n *yaml.Node, own *node, indent int) error {
	for _, c := range n.Content {
		e := new(entry)
		if !own.flow {
			if err := s.between(len(s.text), "-"); err != nil {
				return err
			}
			e.start, e.line, e.blank = s.offset, s.line, s.belowBlank()
			s.advance(s.offset + 1)
		}
		var err error
		if e.value, err = s.node(c, indent, own.flow); err != nil {
			return err
		}
		if own.flow {
			e.start, e.line = e.value.start, e.value.line
		}
		own.entries = append(own.entries, e)
	}
	return nil
}
