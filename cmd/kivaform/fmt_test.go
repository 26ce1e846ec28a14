package main

import (
	"bytes"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/help"
)

// The files that the help shows are as fmt would write them.
func TestReadmeIsCanonical(t *testing.T) {
	for _, block := range blocksOf(help.Text("files"), "yaml") {
		var out, errs bytes.Buffer
		run(t.Context(), []string{"fmt", "-"}, cli.Streams{In: strings.NewReader(block), Out: &out, Err: &errs}, func(string) string { return "" })
		if out.String() != block {
			t.Errorf("%s%s\nbecame\n%s", errs.String(), block, out.String())
		}
	}
}
