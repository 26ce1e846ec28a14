package format

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

func (s *scanner) scanScalar(n *yaml.Node, own *node, indent int) error {
	switch first := s.text[s.offset]; {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && (first == '|' || first == '>'):
		s.scanBlock(n, own, indent)
		return nil
	case n.Style&yaml.DoubleQuotedStyle != 0 && first == '"',
		n.Style&yaml.SingleQuotedStyle != 0 && first == '\'':
		own.style = quoted
		s.takeLine(own, quotedEnd(s.text, s.offset))
	case n.Style&^yaml.TaggedStyle == 0:
		end, ok := plainEnd(s.text, s.offset, n.Value)
		if !ok {
			return s.unexpected(0)
		}
		s.takeLine(own, end)
		if own.inner && (n.Value == "-" || strings.HasSuffix(n.Value, ":")) {
			return s.errorHere("a text that reads otherwise outside of braces", "quote it")
		}
	default:
		return s.unexpected(0)
	}
	own.lines = trimLines(own.lines[0])
	if own.style == quoted {
		preferDoubleQuotes(own.lines)
		if own.lines[0][0] == '"' {
			unescapeReadable(own.lines)
		}
	}
	return nil
}

// quotedEnd returns the offset after the quote that closes the one at an offset.
func quotedEnd(text string, at int) int {
	quote := text[at]
	for at++; at < len(text); at++ {
		switch {
		case quote == '"' && text[at] == '\\':
			at++
		case quote == '\'' && strings.HasPrefix(text[at:], "''"):
			at++
		case text[at] == quote:
			return at + 1
		}
	}
	return len(text)
}

// plainEnd returns the offset after a plain scalar: the words of value,
// separated by any white space.
func plainEnd(text string, at int, value string) (int, bool) {
	for value != "" {
		word := len(value)
		if i := strings.IndexAny(value, " \t\n"); i >= 0 {
			word = i
		}
		if !strings.HasPrefix(text[at:], value[:word]) {
			return 0, false
		}
		value = strings.TrimLeft(value[word:], " \t\n")
		at += word
		for value != "" && at < len(text) && strings.IndexByte(" \t\n", text[at]) >= 0 {
			at++
		}
	}
	return at, true
}

// trimLines splits a plain or quoted scalar into lines without the white space
// that YAML ignores: at the end of each line but the last, and before each but
// the first.
func trimLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 {
			line = strings.TrimLeft(line, " \t")
		}
		if i < len(lines)-1 {
			line = trimEnd(line, text[0] == '"')
		}
		lines[i] = line
	}
	return lines
}

// trimEnd cuts the white space at the end of a line, except an escaped one.
func trimEnd(line string, escapes bool) string {
	cut := strings.TrimRight(line, " \t")
	slashes := len(cut) - len(strings.TrimRight(cut, `\`))
	if escapes && slashes%2 == 1 && len(cut) < len(line) {
		return line[:len(cut)+1]
	}
	return cut
}

// unescapeReadable replaces escapes of readable characters above U+FFFF, such as
// \U0001F404, by the characters: 🐄.
func unescapeReadable(lines []string) {
	for i, line := range lines {
		if strings.Contains(line, `\U`) {
			lines[i] = escapes.ReplaceAllStringFunc(line, showEscaped)
		}
	}
}

// escapes matches each escape as a whole, so that the second of two backslashes
// doesn't begin one.
var escapes = regexp.MustCompile(`\\(U[0-9A-Fa-f]{8}|.)`)

func showEscaped(escape string) string {
	c, err := strconv.ParseUint(escape[2:], 16, 32)
	if err != nil || c <= 0xFFFF || c > unicode.MaxRune || !spec.IsReadable(rune(c)) {
		return escape
	}
	return string(rune(c))
}

// preferDoubleQuotes changes single quotes to double ones if no character needs
// escaping in them.
func preferDoubleQuotes(lines []string) {
	if lines[0][0] != '\'' {
		return
	}
	for _, line := range lines {
		if strings.ContainsAny(line, `"\`) {
			return
		}
	}
	last := len(lines) - 1
	lines[0] = `"` + lines[0][1:]
	lines[last] = lines[last][:len(lines[last])-1] + `"`
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, "''", "'")
	}
}
