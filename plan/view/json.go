package view

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"slices"
)

// JSON writes a plan as one JSON document: its header, warnings and faults,
// then items and reports with their rows, each on a line of its own. Unchanged
// ones are there only if all is true; the header counts them always. The
// document is described by [PlanSchema]. It returns the first error of w.
func JSON(w io.Writer, v *View, all bool) error {
	j := newJSONWriter(w)
	j.text("{")
	j.members(v.Header)
	jsonList(j, "warnings", slices.Values(v.Warnings))
	jsonList(j, "faults", slices.Values(v.Faults))
	jsonList(j, "items", v.Items(all))
	j.text(`,"reports":[`)
	first := true
	for r := range v.Reports() {
		j.separate(&first)
		j.text("{")
		j.members(r)
		jsonList(j, "rows", r.Rows(all))
		j.text("}")
	}
	j.text("]}\n")
	return j.flush()
}

// jsonList writes a member that is a list, after another member. It takes the
// elements one by one, so that no plan is held twice.
func jsonList[T any](j *jsonWriter, name string, elements iter.Seq[T]) {
	j.text(`,"` + name + `":[`)
	first := true
	for e := range elements {
		j.separate(&first)
		j.text("{")
		j.members(e)
		j.text("}")
	}
	j.text("]")
}

// A jsonWriter writes JSON piece by piece.
type jsonWriter struct {
	w      *bufio.Writer // keeps the first error for flush
	piece  bytes.Buffer
	encode *json.Encoder // to piece
	err    error         // the first of encoding
}

func newJSONWriter(w io.Writer) *jsonWriter {
	j := &jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	j.encode = json.NewEncoder(&j.piece)
	j.encode.SetEscapeHTML(false)
	return j
}

func (j *jsonWriter) text(s string) { j.w.WriteString(s) }

func (j *jsonWriter) separate(first *bool) {
	if !*first {
		j.text(",")
	}
	*first = false
	j.text("\n")
}

// members writes the members of a struct, without the braces around them. A
// struct must have at least one.
func (j *jsonWriter) members(v any) {
	j.piece.Reset()
	if err := j.encode.Encode(v); err != nil {
		if j.err == nil {
			j.err = err
		}
		return
	}
	data := j.piece.Bytes()
	j.w.Write(data[1 : len(data)-len("}\n")])
}

func (j *jsonWriter) flush() error {
	if j.err != nil {
		return j.err
	}
	return j.w.Flush()
}
