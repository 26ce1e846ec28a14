package schema

import (
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/field"
)

// A root is a kind of document.
type root struct {
	field.Field
	kind       spec.Kind
	conditions []object // on several keys together
}

// describeField returns a field's text for editors.
func describeField(f *field.Field) string {
	lines := []string{f.About}
	for _, line := range [][2]string{
		{"Needed: ", f.Needed}, {"If absent: ", f.Default}, {"At Kiva: ", f.AtKiva}, {"Source: ", f.Source},
	} {
		if line[1] != "" {
			lines = append(lines, line[0]+line[1]+".")
		}
	}
	return strings.Join(lines, "\n")
}

// exampleValue returns a field's example as a JSON value.
func exampleValue(f *field.Field) any {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.Example), &doc); err != nil {
		panic("schema: the example of " + f.Name + ": " + err.Error())
	}
	return toJSON(doc.Content[0])
}

// toJSON converts a value as an editor's parser does: dates become texts, and
// numbers keep their digits.
func toJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return toJSON(n.Alias)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = toJSON(c)
		}
		return list
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = toJSON(n.Content[i+1])
		}
		return m
	}
	switch {
	case n.Tag == "!!null":
		return nil
	case n.Tag == "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case (n.Tag == "!!int" || n.Tag == "!!float") && json.Valid([]byte(n.Value)):
		return json.Number(n.Value)
	}
	return n.Value
}
