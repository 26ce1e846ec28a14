package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"
)

const quotingStyles = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalar returns the node of a single value, or nil where the key is absent. A
// list or a mapping in its place is a fault.
func (o *object) scalar(key string) *yaml.Node {
	n := o.get(key)
	if n != nil && n.Kind != yaml.ScalarNode {
		o.fault(codeShape, n, key, "a single value is expected here, not "+shape(n), "")
		return nil
	}
	return n
}

// isPlain reports whether a scalar stands there without quotes, so that YAML
// may read it as something else than text.
func isPlain(n *yaml.Node) bool { return n.Style&(quotingStyles|yaml.TaggedStyle) == 0 }

// text returns a text as written; only the newline that ends a block is cut.
func (o *object) text(key string) string {
	if n := o.raw(key); n != nil && isAbsent(n) && (n.Value == "Null" || n.Value == "NULL") {
		o.fault(codeText, n, key, n.Value+" without quotes means nothing in YAML", "quote it, or leave the key out")
		return ""
	}
	n := o.scalar(key)
	if n == nil {
		return ""
	}
	// A block scalar ends in a newline that nobody means, and the same text may
	// be written in quotes.
	value := strings.TrimRight(n.Value, "\n")
	if c, ok := controlCharacter(value); ok {
		o.fault(codeText, n, key, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it")
		return ""
	}
	return value
}

func controlCharacter(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return r, true
		}
	}
	return 0, false
}

// choice returns a text that is one of a few.
func (o *object) choice(key string, allowed ...string) string {
	value := o.text(key)
	if value == "" {
		return ""
	}
	for _, a := range allowed {
		if value == a {
			return a
		}
	}
	hint := "write " + alternatives(allowed)
	if near := Nearest(value, allowed); near != "" {
		hint = "did you mean " + near + "?"
	}
	o.fault(codeChoice, o.find(key), key, "is none of "+strings.Join(allowed, ", "), hint)
	return ""
}

func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// isWholeNumber reports whether s is digits without a leading zero.
func isWholeNumber(s string) bool { return isDigits(s) && (s[0] != '0' || s == "0") }

// bool returns true or false, or nil where the key is absent.
func (o *object) bool(key string) *bool {
	n := o.scalar(key)
	if n == nil {
		return nil
	}
	v, ok := parseBool(n)
	if !ok {
		o.fault(codeBool, n, key, "neither true nor false", "write true or false, without quotes")
		return nil
	}
	return &v
}

func parseBool(n *yaml.Node) (v, ok bool) {
	return n.Value == "true", isPlain(n) && (n.Value == "true" || n.Value == "false")
}

// count returns a whole number from 0 on, and whether one is there.
func (o *object) count(key string) (int, bool) {
	n := o.scalar(key)
	if n == nil {
		return 0, false
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || !isWholeNumber(n.Value) {
		o.fault(codeNumber, n, key, "not a whole number", "write digits only")
		return 0, false
	}
	return v, true
}

// duration returns a length of time, or zero where the key is absent.
func (o *object) duration(key string) time.Duration {
	n := o.scalar(key)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d <= 0 {
		o.fault(codeDuration, n, key, "not a length of time", "write for example 90s or 2m")
		return 0
	}
	return d
}
