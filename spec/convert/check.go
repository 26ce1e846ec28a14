package convert

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/spec"
	"kivaform/spec/input"
	"kivaform/spec/load"
)

// Check returns what is wrong, all of it, each at the line that it came from: what
// the file's rows hold, and what reading the documents with a workspace's settings
// and catalogue finds. Nothing is written to the workspace. Photos are not looked
// at.
func (o *Output) Check(ctx context.Context, dir, environment string) error {
	faults, err := o.check(ctx, dir, environment)
	if err != nil {
		return err
	}
	known := make(map[spec.Pos]bool)
	for _, f := range o.faults {
		known[f.Pos] = true
	}
	list := slices.Clone(o.faults)
	ofFlag := o.ofFlags(faults)
	for _, f := range faults {
		key := f.flag + f.Message
		switch flagged, ok := ofFlag[key]; {
		case ok && flagged != nil:
			list = append(list, flagged)
			ofFlag[key] = nil // once for all rows
		case !ok && !known[f.Pos]: // one fault makes others in the same cell
			list = append(list, f.Fault)
		}
	}
	return asError(list)
}

// ofFlags returns the faults of values that a flag gave, by flag and message,
// where every row that took the value has it: then the rows aren't to blame.
func (o *Output) ofFlags(faults []found) map[string]*spec.Fault {
	took := make(map[string]map[spec.Pos]bool)
	for _, d := range o.documents {
		for _, at := range d.places {
			if at.flag != "" {
				note(took, at.flag, at.Pos)
			}
		}
	}
	bad := make(map[string]map[spec.Pos]bool)
	for _, f := range faults {
		if f.flag != "" {
			note(bad, f.flag+f.Message, f.Pos)
		}
	}
	all := make(map[string]*spec.Fault)
	for _, f := range faults {
		if key := f.flag + f.Message; f.flag != "" && len(bad[key]) == len(took[f.flag]) {
			moved := *f.Fault
			moved.Pos, moved.Path = spec.Pos{File: f.flag}, ""
			all[key] = &moved
		}
	}
	return all
}

func note(all map[string]map[spec.Pos]bool, key string, at spec.Pos) {
	if all[key] == nil {
		all[key] = make(map[spec.Pos]bool)
	}
	all[key][at] = true
}

// A found fault is one with the document that it is in, and the flag that gave
// its value.
type found struct {
	*spec.Fault
	document int
	flag     string
}

const checkedFile = "converted.yaml"

// check loads the documents beside copies of kiva.yaml and catalog.yaml.
func (o *Output) check(ctx context.Context, dir, environment string) ([]found, error) {
	text, starts, err := o.render()
	if err != nil {
		return nil, err
	}
	apart, err := os.MkdirTemp("", "kivaform-convert-")
	if err != nil {
		return nil, fmt.Errorf("check what was converted: %w", err)
	}
	defer os.RemoveAll(apart)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("check what was converted: %w", err)
	}
	defer root.Close()
	for _, name := range []string{"kiva.yaml", "kiva.yml", "catalog.yaml", "catalog.yml"} {
		data, err := readBelow(ctx, root, name)
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
	set, err := load.Workspace(ctx, apart, load.Options{Environment: environment, MaxErrors: math.MaxInt})
	if err != nil {
		return nil, err
	}
	return o.locate(set.Faults, starts), nil
}

const maxSettings = 64 << 20 // bytes of kiva.yaml or catalog.yaml

func readBelow(ctx context.Context, root *os.Root, name string) ([]byte, error) {
	f, err := input.Open(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return input.ReadAll(ctx, f, nil, maxSettings)
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
			moved.Remedy = o.dateHint(at, f.Remedy)
		}
		all = append(all, found{&moved, i, at.flag})
	}
	return all
}

// dateHint says how to write a date there; was is what a document's own says.
func (o *Output) dateHint(at place, was string) string {
	switch {
	case at.flag != "" && at.name == "period":
		return "write it as --set period=2026-11"
	case at.flag != "":
		return "write it as --set " + at.name + "=2026-12-31"
	case o.csv:
		return "say how dates are written, for example --date-format DD/MM/YYYY"
	}
	return was
}

// find returns the place of a path, or of the nearest one above it.
func (d document) find(path string) place {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return place{Pos: d.pos}
}
