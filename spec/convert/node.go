package convert

import (
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/money"
	"kivaform/spec"
)

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// flow returns a mapping in one line.
func flow(pairs ...any) *yaml.Node {
	m := mapping()
	m.Style = yaml.FlowStyle
	for i := 0; i < len(pairs); i += 2 {
		put(m, pairs[i].(string), pairs[i+1].(*yaml.Node)) // #nosec G602 -- pairs come in twos
	}
	return m
}

func put(m *yaml.Node, key string, value *yaml.Node) {
	m.Content = append(m.Content, text(key), value)
}

// get returns the value of a key, nil where there is none.
func get(m *yaml.Node, key string) *yaml.Node {
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

func valueOf(m *yaml.Node, key string) string {
	if n := get(m, key); n != nil {
		return n.Value
	}
	return ""
}

// text returns a text, quoted where YAML would read it as something else. One
// of several lines keeps its lines where it can.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !strings.Contains(s, "\n") && (strings.Contains(s, ": ") || strings.Contains(s, " #")) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func integer(digits string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: digits}
}

// amount returns an amount as it is, without quotes where it is one.
func amount(s string) *yaml.Node {
	if _, err := money.Parse(s); err != nil {
		return text(s)
	}
	if strings.Contains(s, ".") {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: s}
	}
	return integer(s)
}

func date(s string) *yaml.Node {
	if _, err := spec.ParseDate(s); err != nil {
		return text(s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: s}
}

func boolean(s string) *yaml.Node {
	if s != "true" && s != "false" {
		return text(s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: s}
}

// number returns an id of one of Kiva's lists.
func number(s string) *yaml.Node {
	if s == "" || strings.Trim(s, "0123456789") != "" || s[0] == '0' {
		return text(s)
	}
	return integer(s)
}
