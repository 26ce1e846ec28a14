package yamldoc

import (
	"errors"

	"gopkg.in/yaml.v3"
)

var (
	errMerge      = errors.New("<< needs a mapping, or a list of mappings")
	errMergesMuch = errors.New("<< brings in too much")
)

// mergedPairs returns the pairs of a mapping with its merge keys (<<) replaced
// by the pairs they refer to. The mapping's own keys win, then earlier ones.
func mergedPairs(m *yaml.Node) ([]*yaml.Node, error) {
	var own, brought []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], Deref(m.Content[i+1])
		if key.Tag != "!!merge" {
			own = append(own, key, value)
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = value.Content
		}
		for _, s := range sources {
			pairs, err := mergePairs(Deref(s))
			if err != nil {
				return own, err
			}
			if brought = append(brought, pairs...); len(brought) > maxExpansion {
				return own, errMergesMuch
			}
		}
	}
	has := make(map[string]bool, len(own)/2)
	for i := 0; i+1 < len(own); i += 2 {
		has[own[i].Value] = true
	}
	for i := 0; i+1 < len(brought); i += 2 {
		if key := brought[i]; !has[key.Value] {
			has[key.Value] = true
			own = append(own, key, brought[i+1])
		}
	}
	return own, nil
}

func mergePairs(m *yaml.Node) ([]*yaml.Node, error) {
	if m.Kind != yaml.MappingNode {
		return nil, errMerge
	}
	if hasMerge(m) {
		return mergedPairs(m)
	}
	return m.Content, nil
}

func hasMerge(m *yaml.Node) bool {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

// expandsWithin reports whether a node's aliases expand to no more nodes than
// the budget. An alias within its own anchor exhausts it.
func expandsWithin(n *yaml.Node, budget *int, aliased bool) bool {
	if n.Kind == yaml.AliasNode {
		return expandsWithin(n.Alias, budget, true)
	}
	if aliased {
		*budget--
	}
	for _, c := range n.Content {
		if *budget < 0 || !expandsWithin(c, budget, aliased) {
			return false
		}
	}
	return *budget >= 0
}

// Deref follows aliases to their node.
func Deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
