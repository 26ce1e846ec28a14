package convert

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

// encodeNode returns a node as YAML with readable characters unescaped. The
// encoder escapes all characters above U+FFFF, and a reviewer can't read
// \U0001F404; so private-use characters stand in for them while it runs.
func encodeNode(n *yaml.Node) ([]byte, error) {
	s := standIns{}
	s.collect(n)
	s.assign(n)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(s.replaceIn(n)); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return s.restoreIn(b.Bytes()), nil
}

const (
	lastBasic    = 0xFFFF
	firstPrivate = 0xE000
	lastPrivate  = 0xF8FF
)

// A standIns maps each character to its private-use stand-in.
type standIns map[rune]rune

// collect adds the characters that need a stand-in.
func (s standIns) collect(n *yaml.Node) {
	for _, c := range n.Value {
		if c > lastBasic && spec.IsReadable(c) {
			s[c] = 0
		}
	}
	for _, below := range n.Content {
		s.collect(below)
	}
}

// assign assigns private-use characters that the texts don't contain. Characters
// beyond their number stay escaped.
func (s standIns) assign(n *yaml.Node) {
	if len(s) == 0 {
		return
	}
	taken := make(map[rune]bool)
	findPrivate(n, taken)
	free := rune(firstPrivate)
	for _, c := range slices.Sorted(maps.Keys(s)) {
		for taken[free] {
			free++
		}
		if free > lastPrivate {
			delete(s, c)
			continue
		}
		s[c] = free
		free++
	}
}

func findPrivate(n *yaml.Node, found map[rune]bool) {
	for _, c := range n.Value {
		if unicode.Is(unicode.Co, c) {
			found[c] = true
		}
	}
	for _, below := range n.Content {
		findPrivate(below, found)
	}
}

// replaceIn returns a copy of n with stand-ins.
func (s standIns) replaceIn(n *yaml.Node) *yaml.Node {
	if len(s) == 0 {
		return n
	}
	other := *n
	other.Value = strings.Map(func(c rune) rune {
		if private, ok := s[c]; ok {
			return private
		}
		return c
	}, n.Value)
	other.Content = nil
	for _, below := range n.Content {
		other.Content = append(other.Content, s.replaceIn(below))
	}
	return &other
}

// restoreIn replaces stand-ins by the original characters.
func (s standIns) restoreIn(text []byte) []byte {
	if len(s) == 0 {
		return text
	}
	was := make(map[rune]rune, len(s))
	for c, private := range s {
		was[private] = c
	}
	return bytes.Map(func(c rune) rune {
		if other, ok := was[c]; ok {
			return other
		}
		return c
	}, text)
}
