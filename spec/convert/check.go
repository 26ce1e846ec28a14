package convert

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/spec"
)

// Check returns what is wrong, all of it, each at the line that it came from: what
// the file's rows hold, and what reading the documents with a workspace's settings
// and catalogue finds. Nothing is written to the workspace. Photos are not looked
// at.
func (o *Output) Check(dir, environment string) error {
	faults, err := o.check(dir, environment)
	if err != nil {
		return err
	}
	known := make(map[spec.Pos]bool)
	for _, f := range o.faults {
		known[f.Pos] = true
	}
	list := slices.Clone(o.faults)
	for _, f := range faults {
		if !known[f.Pos] { // one fault makes others in the same cell
			list = append(list, f.Fault)
		}
	}
	return asError(list)
}

// A found fault is one with the document that it is in.
type found struct {
	*spec.Fault
	document int
}

const checkedFile = "converted.yaml"

// check loads the documents beside copies of kiva.yaml and catalog.yaml.
func (o *Output) check(dir, environment string) ([]found, error) {
	text, starts, err := o.render()
	if err != nil {
		return nil, err
	}
	apart, err := os.MkdirTemp("", "kivaform-convert-")
	if err != nil {
		return nil, fmt.Errorf("check what was converted: %w", err)
	}
	defer os.RemoveAll(apart)
	for _, name := range []string{"kiva.yaml", "kiva.yml", "catalog.yaml", "catalog.yml"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue // loading says what is missing
		}
		if err := os.WriteFile(filepath.Join(apart, name), data, 0o600); err != nil {
			return nil, fmt.Errorf("check what was converted: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(apart, checkedFile), text, 0o600); err != nil {
		return nil, fmt.Errorf("check what was converted: %w", err)
	}
	set, err := spec.Load(apart, spec.Options{Environment: environment})
	if err != nil {
		return nil, err
	}
	return o.locate(set.Faults, starts), nil
}

// locate turns faults of the documents into faults of what they came from.
func (o *Output) locate(list []*spec.Fault, starts []int) []found {
	var all []found
	for _, f := range list {
		if f.Severity != spec.Error || f.Pos.File != checkedFile || f.Path == "image" {
			continue
		}
		i, exact := slices.BinarySearch(starts, int(f.Pos.Line))
		if !exact {
			i--
		}
		i = max(i, 0)
		moved := *f
		at := o.documents[i].find(f.Path)
		moved.Pos = at.Pos
		if at.name != "" {
			moved.Path = at.name
		}
		if f.Code == "KF013" {
			moved.Hint = "say how dates are written, for example --date-format DD/MM/YYYY"
		}
		all = append(all, found{&moved, i})
	}
	return all
}

// find returns the place of a path, or of the nearest one above it.
func (d document) find(path string) place {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return place{d.pos, ""}
}
