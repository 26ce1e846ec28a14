package schema

import (
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

// A Field documents one key.
type Field struct {
	Name    string // in capitals where the partner chooses the key: NAME
	Form    Form
	About   string   // what it is and what for, in plain sentences
	Needed  string   // "always", or when; empty where it may always be absent
	Default string   // what counts where it is absent; may be empty
	Example string   // a value, in YAML
	AtKiva  string   // the field of Kiva's API that it becomes; empty where it isn't sent
	Source  string   // of what is said about Kiva
	Choices []string // of a [Choice]
	Keys    string   // a pattern of the keys that the partner chooses
	List    string   // the list of catalog.yaml that it is looked up in: "activities" and so on
	Fields  []Field  // of a [Mapping], or of each mapping of a [List]
	Refused bool     // a key of Kiva's documents that kivaform doesn't take; About says why
}

const always = "always"

// Required reports whether a document without the key is refused, whatever
// else it says.
func (f Field) Required() bool { return f.Needed == always }

// isChosen reports whether the partner chooses the key.
func (f Field) isChosen() bool { return f.Name == strings.ToUpper(f.Name) }

// A root is a kind of document.
type root struct {
	Field
	kind       spec.Kind
	conditions []object // on several keys together
}

// kindField documents the key by which documents are told apart.
func kindField(kind spec.Kind) Field {
	return Field{Name: "kind", Form: Choice, Choices: []string{string(kind)}, Needed: always, Example: string(kind), About: kindAbout}
}

const kindAbout = "What the document is. Only the settings of kiva.yaml and the lists of catalog.yaml have no kind."

// describe returns what an editor shows of the field.
func (f Field) describe() string {
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

// example returns the example as JSON has it.
func (f Field) example() any {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.Example), &doc); err != nil {
		panic("schema: the example of " + f.Name + ": " + err.Error())
	}
	return toJSON(doc.Content[0])
}

// toJSON returns a value as an editor's parser gives it to a validator: dates
// are texts, and numbers keep their digits.
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
