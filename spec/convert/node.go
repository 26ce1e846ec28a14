package convert

import (
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/money"
	"kivaform/spec"
)

func newMapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// newFlowMapping returns a mapping written on one line.
func newFlowMapping(pairs ...any) *yaml.Node {
	m := newMapping()
	m.Style = yaml.FlowStyle
	for i := 0; i < len(pairs); i += 2 {
		putKey(m, pairs[i].(string), pairs[i+1].(*yaml.Node)) // #nosec G602 -- pairs come in twos
	}
	return m
}

func putKey(m *yaml.Node, key string, value *yaml.Node) {
	m.Content = append(m.Content, textNode(key), value)
}

// findKey returns the value of a key, else nil.
func findKey(m *yaml.Node, key string) *yaml.Node {
	if m == nil {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func findText(m *yaml.Node, key string) string {
	if n := findKey(m, key); n != nil {
		return n.Value
	}
	return ""
}

// textNode returns a string node, quoted if YAML would read it otherwise. The
// encoder writes several lines as a block if it can.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !strings.Contains(s, "\n") && (strings.Contains(s, ": ") || strings.Contains(s, " #")) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func intNode(digits string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: digits}
}

// amountNode returns an unquoted number if s is an amount, else text. Digits
// stay as they are; exponent notation becomes text.
func amountNode(s string) *yaml.Node {
	if _, err := money.Parse(s); err != nil {
		return textNode(s)
	}
	if strings.Contains(s, ".") {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: s}
	}
	return intNode(s)
}

func dateNode(s string) *yaml.Node {
	if _, err := spec.ParseDate(s); err != nil {
		return textNode(s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: s}
}

func boolNode(s string) *yaml.Node {
	if s != "true" && s != "false" {
		return textNode(s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: s}
}

// listIDNode returns an id of one of Kiva's lists.
func listIDNode(s string) *yaml.Node {
	if s == "" || strings.Trim(s, "0123456789") != "" || s[0] == '0' {
		return textNode(s)
	}
	return intNode(s)
}
