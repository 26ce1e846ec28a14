package yamldoc

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"kivaform/spec"
	"kivaform/spec/code"
)

// unreadableText returns a fault for the first byte that isn't UTF-8 or that
// YAML forbids.
func unreadableText(file string, data []byte) *spec.Fault {
	for i := 0; i < len(data); {
		c := data[i]
		if c >= ' ' && c < 0x7F || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return code.NewFault(code.Encoding, PositionAt(file, data, i), "", "the file isn't UTF-8 text", "save it as UTF-8")
		}
		if r < 0xA0 && r != 0x85 || r > 0xFFFD && r < 0x10000 {
			return code.NewFault(code.Encoding, PositionAt(file, data, i), "", fmt.Sprintf("a control character (U+%04X)", r), "remove it")
		}
		i += size
	}
	return nil
}

// PositionAt returns the position of the byte at offset.
func PositionAt(file string, data []byte, offset int) spec.Pos {
	before := data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return spec.Pos{
		File:   file,
		Line:   int32(bytes.Count(before, []byte{'\n'})) + 1,
		Column: int32(utf8.RuneCount(before[start:])) + 1,
	}
}

// syntaxFault converts an error of the YAML library to a fault. The library
// names the line on which the broken construct began, or a neighbour; the
// fault's line is the first one whose presence causes the error.
func (r *Reader) syntaxFault(text []byte, err error) *spec.Fault {
	problem := syntaxProblem(err)
	lines := bytes.SplitAfter(text, []byte{'\n'})
	offset := 0
	n := sort.Search(len(lines), func(i int) bool {
		_, err := r.parseWhole(bytes.Join(lines[:i+1], nil))
		return err != nil && syntaxProblem(err) == problem
	})
	n = min(n, len(lines)-1)
	for _, line := range lines[:n] {
		offset += len(line)
	}
	offset += len(lines[n]) - len(bytes.TrimLeft(lines[n], " "))
	at := PositionAt(r.File, text, min(offset, len(text)))
	at.Line += r.linesAbove
	return code.NewFault(code.Syntax, at, "", "not YAML: "+problem, syntaxHint(problem))
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
