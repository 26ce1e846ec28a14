package format_test

import (
	"maps"
	"testing"

	"kivaform/spec/format"
)

// A workspace says the same before and after: the same things to send, the same
// settings, the same faults.
func TestMeaningStays(t *testing.T) {
	done := 0
	for name, files := range workspaces(t) {
		after := maps.Clone(files)
		for _, file := range yamlFiles(files) {
			if out, err := format.Source(file, []byte(files[file])); err == nil {
				after[file] = string(out)
				done++
			}
		}
		if diff := sayTheSame(loadFiles(t, files), loadFiles(t, after)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if done < 20 {
		t.Errorf("only %d files could be put in order", done)
	}
}

// The examples are in order, so that who copies them begins well.
func TestExamplesAreCanonical(t *testing.T) {
	for name, text := range workspaces(t)["quickstart"] {
		if name != "repayments/2026-11.csv" && source(t, text) != text {
			t.Errorf("%s isn't in order", name)
		}
	}
}
