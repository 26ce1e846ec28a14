package format

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

func (s *scanner) scalar(n *yaml.Node, own *node, indent int) error {
	switch first := s.text[s.offset]; {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && (first == '|' || first == '>'):
		s.block(n, own, indent)
		return nil
	case n.Style&yaml.DoubleQuotedStyle != 0 && first == '"',
		n.Style&yaml.SingleQuotedStyle != 0 && first == '\'':
		own.style = quoted
		s.take(own, quotedEnd(s.text, s.offset))
	case n.Style&^yaml.TaggedStyle == 0:
		end, ok := plainEnd(s.text, s.offset, n.Value)
		if !ok {
			return s.unexpected(0)
		}
		s.take(own, end)
		if own.inner && (n.Value == "-" || strings.HasSuffix(n.Value, ":")) {
			return s.refuse("a text that reads otherwise outside of braces", "quote it")
		}
	default:
		return s.unexpected(0)
	}
	own.lines = trimmed(own.lines[0])
	if own.style == quoted {
		requote(own.lines)
		if own.lines[0][0] == '"' {
			unescape(own.lines)
		}
	}
	return nil
}

// quotedEnd returns the offset behind the quote that closes the one at an offset.
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

// plainEnd returns the offset behind a plain scalar, whose words are those of its
// value, with a line break or more between some.
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

// trimmed returns the lines of a plain or quoted scalar without the space that
// YAML doesn't count: at the end of each but the last, and before each but the
// first.
func trimmed(text string) []string {
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

// trimEnd cuts the space at the end of a line, but not one that is escaped.
func trimEnd(line string, escapes bool) string {
	cut := strings.TrimRight(line, " \t")
	slashes := len(cut) - len(strings.TrimRight(cut, `\`))
	if escapes && slashes%2 == 1 && len(cut) < len(line) {
		return line[:len(cut)+1]
	}
	return cut
}

// unescape writes the characters themselves where they show: 🐄 in place of
// \U0001F404, as programs write it that know the basic plane only.
func unescape(lines []string) {
	for i, line := range lines {
		if strings.Contains(line, `\U`) {
			lines[i] = escapes.ReplaceAllStringFunc(line, shown)
		}
	}
}

// escapes finds each escape as a whole, so that the second of two backslashes
// begins none.
var escapes = regexp.MustCompile(`\\(U[0-9A-Fa-f]{8}|.)`)

func shown(escape string) string {
	c, err := strconv.ParseUint(escape[2:], 16, 32)
	if err != nil || c <= 0xFFFF || c > unicode.MaxRune || !spec.IsReadable(rune(c)) {
		return escape
	}
	return string(rune(c))
}

// requote puts a text into double quotes where no character needs escaping
// there.
func requote(lines []string) {
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
