package format

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// scanBlock scans a literal or folded scalar in a block collection at column
// indent.
func (s *scanner) scanBlock(n *yaml.Node, own *node, indent int) {
	header := s.text[s.offset:]
	if i := strings.IndexAny(header, " \t\n"); i >= 0 {
		header = header[:i]
	}
	own.line = s.line
	s.advance(s.offset + len(header))
	s.skipBlockHeader()
	own.style = block
	if strings.Contains(header, "+") {
		own.style = kept
	}
	content := contentIndent(s.text[s.offset:], header, indent)
	own.lines = append([]string{""}, s.takeBlockLines(content, own.style == kept)...)
	own.lines[0] = own.blockHeader(header, n.Value)
	s.blockEnd = own.line + len(own.lines) - 1
	own.end = s.offset
}

// skipBlockHeader moves past a block's header line and its comment.
func (s *scanner) skipBlockHeader() {
	end := len(s.text)
	if s.line < len(s.starts) {
		end = s.starts[s.line]
	}
	s.skipBlanks(end - 1)
	s.advance(end)
}

// contentIndent returns the number of spaces before a block's text: from the
// header, or else the most before its first line that isn't blank.
func contentIndent(text, header string, indent int) int {
	if i := strings.IndexAny(header, "123456789"); i >= 0 {
		return max(indent, 0) + int(header[i]-'0')
	}
	most := max(indent+1, 1)
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " ")
		most = max(most, len(line)-len(bare))
		if bare != "\n" {
			break
		}
	}
	return most
}

// takeBlockLines moves past a block's text and returns its lines without
// indentation. It drops the blank lines at the end unless keep is set.
func (s *scanner) takeBlockLines(content int, keep bool) []string {
	var lines []string
	size, written := 0, 0
	for line := range strings.Lines(s.text[s.offset:]) {
		bare := strings.TrimLeft(line, " ")
		spaces := len(line) - len(bare)
		if bare == "" && spaces <= content || bare != "\n" && spaces < content {
			break
		}
		size += len(line)
		line = strings.TrimSuffix(line, "\n")
		line = line[min(content, len(line)):]
		lines = append(lines, line)
		if line != "" {
			written = len(lines)
		}
	}
	s.advance(s.offset + size)
	if keep {
		return lines
	}
	return lines[:written]
}

// blockHeader returns the header for a block that is indented by two spaces.
func (own *node) blockHeader(was, value string) string {
	header := was[:1]
	if beginsIndented(own.lines[1:]) {
		header += "2"
	}
	switch {
	case strings.Contains(was, "-"):
		return header + "-"
	case value != "" && !strings.HasSuffix(value, "\n"): // the file ends without a line break in the block
		own.style = block
		return header + "-"
	case own.style == kept:
		return header + "+"
	}
	return header
}

// beginsIndented reports whether the first text begins with white space, which
// YAML would count as indentation.
func beginsIndented(lines []string) bool {
	for _, line := range lines {
		if line != "" {
			return line[0] == ' ' || line[0] == '\t'
		}
	}
	return false
}
