package format

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// sameDocuments reports whether two files have the same values and quoting; the
// order of keys doesn't matter.
func sameDocuments(a, b []*yaml.Node) bool { return slices.EqualFunc(a, b, sameNode) }

func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || a.Anchor != b.Anchor || isQuoted(a) != isQuoted(b) ||
		a.Style&yaml.TaggedStyle != b.Style&yaml.TaggedStyle {
		return false
	}
	if a.Kind == yaml.MappingNode {
		return slices.EqualFunc(sortedPairs(a), sortedPairs(b), func(a, b [2]*yaml.Node) bool {
			return sameNode(a[0], b[0]) && sameNode(a[1], b[1])
		})
	}
	return slices.EqualFunc(a.Content, b.Content, sameNode)
}

func isQuoted(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// sortedPairs returns a mapping's keys and values, sorted by key.
func sortedPairs(n *yaml.Node) [][2]*yaml.Node {
	all := make([][2]*yaml.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(all, func(a, b [2]*yaml.Node) int { return strings.Compare(a[0].Value, b[0].Value) })
	return all
}

// sameComments reports whether two files have the same comments, in any order.
func sameComments(a, b []comment) bool { return slices.Equal(sortedTexts(a), sortedTexts(b)) }

func sortedTexts(comments []comment) []string {
	all := make([]string, len(comments))
	for i, c := range comments {
		all[i] = c.text
	}
	slices.Sort(all)
	return all
}
