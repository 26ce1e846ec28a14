package load

import (
	"context"
	"fmt"
	"path"
	"slices"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// Files lists the YAML files of a workspace, relative to it and with slashes:
// kiva.yaml, catalog.yaml and those that may contain documents. If kiva.yaml is
// invalid, so that its ignore patterns are unknown, the error is its first
// [*spec.Fault].
func Files(ctx context.Context, dir string) ([]string, error) {
	l, err := newLoader(ctx, dir, Options{})
	if err != nil {
		return nil, err
	}
	defer l.root.Close()
	for _, f := range l.set.Faults {
		if f.Pos.File == l.settingsFile && l.set.Settings.Pos.Line == 0 {
			return nil, f
		}
	}
	files, _, err := discoverFiles(ctx, l.root, l.isIgnored, l.isOwnLedger)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	if catalog := firstFile(l.root, catalogFiles); catalog != "" {
		files = slices.Insert(files, 0, catalog)
	}
	return slices.Insert(files, 0, l.settingsFile), nil
}

// Parse returns the root of each document of a YAML file that isn't empty. The
// nodes' lines count from the top of the file. It reports only faults that make
// the content uncertain, in the order of their positions: text that isn't UTF-8
// or not YAML, an unknown kind, a repeated key, too many aliases.
func Parse(file string, data []byte) ([]*yaml.Node, []*spec.Fault) {
	r := yamldoc.NewReader(context.Background(), file)
	if yamldoc.CountMarks(data) > maxParsedMarks {
		r.Add(code.NewFault(code.TooMany, spec.Pos{File: file}, "", "the file has more than two million values", "divide it"))
		return nil, r.Faults
	}
	var roots []*yaml.Node
	r.Documents(data, func(root *yaml.Node) {
		roots = append(roots, root)
		defer moveDown(root, int(r.Pos(root).Line)-root.Line)
		o := r.OpenRoot(root)
		if root.Kind == yaml.MappingNode && !hasNoKind(&o) {
			readKind(&o)
		}
		openAll(&o)
	})
	sortFaults(r.Faults)
	return roots, r.Faults
}

// moveDown adds lines to the nodes' lines, for a document that was parsed alone.
func moveDown(n *yaml.Node, lines int) {
	if lines == 0 {
		return
	}
	n.Line += lines
	for _, c := range n.Content {
		moveDown(c, lines)
	}
}

// hasNoKind reports whether a document is the settings or the catalogue, by its
// file's name or its keys.
func hasNoKind(o *yamldoc.Object) bool {
	if o.Find("kind") != nil {
		return false
	}
	name := path.Base(o.File())
	return slices.Contains(settingsFiles, name) || slices.Contains(catalogFiles, name) ||
		o.Has("version") || o.Has("activities") || o.Has("as_of")
}

// openAll opens all mappings below an object, which reports their repeated keys.
func openAll(o *yamldoc.Object) {
	if o.Node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(o.Node.Content); i += 2 {
			openValue(o, o.Node.Content[i].Value, -1, o.Node.Content[i+1])
		}
	}
	o.Leave()
}

func openValue(outer *yamldoc.Object, name string, index int, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		o := outer.Element(name, index, n)
		openAll(&o)
	case yaml.SequenceNode:
		for i, c := range n.Content {
			openValue(outer, name, i, c)
		}
	}
}
