package format

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// scanNode scans a value in a block collection at column indent, -1 at the top.
func (s *scanner) scanNode(n *yaml.Node, indent int, inner bool) (*node, error) {
	own := &node{inner: inner, start: s.offset, end: s.offset, line: s.line}
	if isUnwritten(n) && !hasProperties(n) {
		return own, nil
	}
	to, ok := s.offsetOf(n)
	if !ok {
		return nil, s.unexpected(0)
	}
	if err := s.skipBetween(to, ""); err != nil {
		return nil, err
	}
	s.inside = true
	if n.Kind != yaml.MappingNode || hasProperties(n) { // otherwise they are its first key's
		if err := s.scanProperties(n, own); err != nil {
			return nil, err
		}
	}
	own.start = s.offset
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		return own, s.scanCollection(n, own, indent)
	case yaml.AliasNode:
		own.kind = alias
		s.takeLine(own, s.offset+len("*"+n.Value))
		return own, nil
	}
	if isUnwritten(n) {
		own.start = own.end
		return own, nil
	}
	own.kind = scalar
	return own, s.scanScalar(n, own, indent)
}

// isUnwritten reports whether n is a null with no text in the file.
func isUnwritten(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&^yaml.TaggedStyle == 0
}

func hasProperties(n *yaml.Node) bool { return n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 }

// scanProperties scans an anchor and a tag, in either order.
func (s *scanner) scanProperties(n *yaml.Node, own *node) error {
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
		s.skipBlanks(len(s.text))
	}
	return nil
}

// takeLine makes the text up to an offset the node's only line.
func (s *scanner) takeLine(own *node, to int) {
	own.lines = []string{s.text[s.offset:to]}
	s.advance(to)
	own.end, own.line = s.offset, s.line
}

func (s *scanner) scanCollection(n *yaml.Node, own *node, indent int) error {
	own.flow = n.Style&yaml.FlowStyle != 0
	open := own.flow && s.offset < len(s.text) && strings.IndexByte("{[", s.text[s.offset]) >= 0
	if open {
		s.advance(s.offset + 1)
	} else if !own.flow {
		own.column = s.column
		indent = s.column
	}
	scan := s.scanPairs
	own.kind = mapping
	if n.Kind == yaml.SequenceNode {
		scan = s.scanElements
		own.kind = sequence
	}
	if err := scan(n, own, indent); err != nil {
		return err
	}
	if open {
		if err := s.skipBetween(len(s.text), "}]"); err != nil {
			return err
		}
		s.advance(s.offset + 1)
	}
	own.end, own.line = s.offset, s.line
	return nil
}

func (s *scanner) scanPairs(n *yaml.Node, own *node, indent int) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := s.scanNode(n.Content[i], indent, own.flow)
		if err != nil {
			return err
		}
		if key.kind != scalar || len(key.lines) > 1 {
			return s.errorHere("a key that isn't a single word or text", "write key: value")
		}
		e := &entry{start: key.start, line: key.line, key: key, blank: s.belowBlank()}
		if e.value, err = s.scanNode(n.Content[i+1], indent, own.flow); err != nil {
			return err
		}
		own.entries = append(own.entries, e)
	}
	return nil
}

func (s *scanner) scanElements(n *yaml.Node, own *node, indent int) error {
	for _, c := range n.Content {
		e := new(entry)
		if !own.flow {
			if err := s.skipBetween(len(s.text), "-"); err != nil {
				return err
			}
			e.start, e.line, e.blank = s.offset, s.line, s.belowBlank()
			s.advance(s.offset + 1)
		}
		var err error
		if e.value, err = s.scanNode(c, indent, own.flow); err != nil {
			return err
		}
		if own.flow {
			e.start, e.line = e.value.start, e.value.line
		}
		own.entries = append(own.entries, e)
	}
	return nil
}
