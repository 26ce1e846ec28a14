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

// encode returns a node as YAML. The encoder escapes every character beyond the
// basic plane, and nobody can read \U0001F404 in a pull request: so those that
// show as themselves go through it as private characters, and come back after.
func encode(n *yaml.Node) ([]byte, error) {
	s := standIns{}
	s.collect(n)
	s.choose(n)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(s.replaced(n)); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return s.restored(b.Bytes()), nil
}

const (
	lastBasic    = 0xFFFF
	firstPrivate = 0xE000
	lastPrivate  = 0xF8FF
)

// A standIns holds the private character that stands in for each other one.
type standIns map[rune]rune

// collect notes the characters that need one to stand in for them.
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

// choose gives each a private character that the texts themselves don't hold.
// Where there are too many of them, the rest stays escaped.
func (s standIns) choose(n *yaml.Node) {
	if len(s) == 0 {
		return
	}
	taken := make(map[rune]bool)
	private(n, taken)
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

func private(n *yaml.Node, found map[rune]bool) {
	for _, c := range n.Value {
		if unicode.Is(unicode.Co, c) {
			found[c] = true
		}
	}
	for _, below := range n.Content {
		private(below, found)
	}
}

// replaced returns a node with the private characters in it.
func (s standIns) replaced(n *yaml.Node) *yaml.Node {
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
		other.Content = append(other.Content, s.replaced(below))
	}
	return &other
}

// restored puts back what the private characters stood in for.
func (s standIns) restored(text []byte) []byte {
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
