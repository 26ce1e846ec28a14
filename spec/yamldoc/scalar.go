package yamldoc

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"kivaform/spec/code"
)

const quotingStyles = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// Scalar returns the node of a scalar, or nil if the key is absent. A list or a
// mapping is a fault.
func (o *Object) Scalar(key string) *yaml.Node {
	n := o.presentValue(key)
	if n != nil && n.Kind != yaml.ScalarNode {
		o.Fault(code.Shape, n, key, "a single value is expected here, not "+shapeWords(n), "")
		return nil
	}
	return n
}

// IsPlain reports whether a scalar has neither quotes nor a tag, so that YAML
// may read it as another type.
func IsPlain(n *yaml.Node) bool { return n.Style&(quotingStyles|yaml.TaggedStyle) == 0 }

// Text returns a text as written, without the newlines at a block's end.
func (o *Object) Text(key string) string {
	if n := o.Raw(key); n != nil && isAbsent(n) && (n.Value == "Null" || n.Value == "NULL") {
		o.Fault(code.Text, n, key, n.Value+" without quotes means nothing in YAML", "quote it, or leave the key out")
		return ""
	}
	n := o.Scalar(key)
	if n == nil {
		return ""
	}
	// A block scalar's last newline means nothing: the same text may be written
	// in quotes.
	value := strings.TrimRight(n.Value, "\n")
	if c, ok := controlCharacter(value); ok {
		o.Fault(code.Text, n, key, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it")
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

// Choice returns a text that must be one of allowed.
func (o *Object) Choice(key string, allowed ...string) string {
	value := o.Text(key)
	if value == "" {
		return ""
	}
	for _, a := range allowed {
		if value == a {
			return a
		}
	}
	hint := "write " + Alternatives(allowed)
	if near := Nearest(value, allowed); near != "" {
		hint = "did you mean " + near + "?"
	}
	o.Fault(code.Choice, o.Find(key), key, "is none of "+strings.Join(allowed, ", "), hint)
	return ""
}

// Alternatives joins words for a message: a, b or c.
func Alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// IsDigits reports whether s is one or more ASCII digits.
func IsDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// IsWholeNumber reports whether s is digits without a leading zero.
func IsWholeNumber(s string) bool { return IsDigits(s) && (s[0] != '0' || s == "0") }

// Bool returns true or false, or nil if the key is absent.
func (o *Object) Bool(key string) *bool {
	n := o.Scalar(key)
	if n == nil {
		return nil
	}
	v, ok := ParseBool(n)
	if !ok {
		o.Fault(code.Bool, n, key, "neither true nor false", "write true or false, without quotes")
		return nil
	}
	return &v
}

// ParseBool reads true or false, without quotes.
func ParseBool(n *yaml.Node) (v, ok bool) {
	return n.Value == "true", IsPlain(n) && (n.Value == "true" || n.Value == "false")
}

// Count returns a whole number from 0 on, and whether the key has one.
func (o *Object) Count(key string) (int, bool) {
	n := o.Scalar(key)
	if n == nil {
		return 0, false
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || !IsWholeNumber(n.Value) {
		o.Fault(code.Number, n, key, "not a whole number", "write digits only")
		return 0, false
	}
	return v, true
}

// Duration returns a positive duration, or zero if the key is absent.
func (o *Object) Duration(key string) time.Duration {
	n := o.Scalar(key)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d <= 0 {
		o.Fault(code.Duration, n, key, "not a length of time", "write for example 90s or 2m")
		return 0
	}
	return d
}
