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

// Check returns all faults, each at its position in the converted file: those of
// its rows, and those that loading the documents with the settings and the
// catalogue in dir finds. It doesn't look for photos and writes nothing to dir.
func (o *Output) Check(ctx context.Context, dir, environment string) error {
	faults, err := o.loadApart(ctx, dir, environment)
	if err != nil {
		return err
	}
	known := make(map[spec.Pos]bool)
	for _, f := range o.faults {
		known[f.Pos] = true
	}
	list := slices.Clone(o.faults)
	ofFlag := o.faultsOfFlags(faults)
	for _, f := range faults {
		key := f.flag + f.Message
		switch flagged, ok := ofFlag[key]; {
		case ok && flagged != nil:
			list = append(list, flagged)
			ofFlag[key] = nil // once for all rows
		case !ok && !known[f.Pos]: // one fault causes others in the same cell
			list = append(list, f.Fault)
		}
	}
	return joinFaults(list)
}

// faultsOfFlags returns, by flag and message, the faults of values that a flag
// set, if every row that took the value has the fault: its position is then the
// flag, not a row.
func (o *Output) faultsOfFlags(faults []locatedFault) map[string]*spec.Fault {
	took := make(map[string]map[spec.Pos]bool)
	for _, d := range o.documents {
		for _, at := range d.origins {
			if at.flag != "" {
				addPosition(took, at.flag, at.Pos)
			}
		}
	}
	bad := make(map[string]map[spec.Pos]bool)
	for _, f := range faults {
		if f.flag != "" {
			addPosition(bad, f.flag+f.Message, f.Pos)
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

func addPosition(all map[string]map[spec.Pos]bool, key string, at spec.Pos) {
	if all[key] == nil {
		all[key] = make(map[spec.Pos]bool)
	}
	all[key][at] = true
}

// A locatedFault is a fault with the index of its document, and the flag that
// set the faulty value.
type locatedFault struct {
	*spec.Fault
	document int
	flag     string
}

const checkedFile = "converted.yaml"

// loadApart loads the documents in a temporary workspace with copies of kiva.yaml
// and catalog.yaml.
func (o *Output) loadApart(ctx context.Context, dir, environment string) ([]locatedFault, error) {
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
			continue // loading reports a missing file
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
	return o.locateFaults(set.Faults, starts), nil
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

// locateFaults maps faults of the documents to positions in the converted file.
func (o *Output) locateFaults(list []*spec.Fault, starts []int) []locatedFault {
	var all []locatedFault
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
		at := o.documents[i].originOf(f.Path)
		moved.Pos = at.Pos
		if at.name != "" {
			moved.Path = at.name
		}
		if f.Code == "KF013" {
			moved.Remedy = o.dateHint(at, f.Remedy)
		}
		all = append(all, locatedFault{&moved, i, at.flag})
	}
	return all
}

// dateHint says how to write a date; was is the hint for a document's own date.
func (o *Output) dateHint(at origin, was string) string {
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

// originOf returns the origin of a path, or of its nearest ancestor that has one.
func (d document) originOf(path string) origin {
	for path != "" {
		if p, ok := d.origins[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return origin{Pos: d.pos}
}
