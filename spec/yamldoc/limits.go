package yamldoc

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
)

// Limits of a YAML file.
const (
	MaxFaults        = 1000      // of one document, and errors of one file
	maxDepth         = 100       // of the values of a document
	maxDirectives    = 1000      // of a file
	MaxDocumentMarks = 1_000_000 // of one document, see CountMarks
)

// markers are bytes of which at least one is next to each value of a YAML
// document.
var markers = []string{"\n", "\r", ",", ":", "-", "?", "[", "{", "\u0085", "\u2028", "\u2029"}

// CountMarks returns at least half the number of values in a YAML text, at a
// small part of the cost of parsing it.
func CountMarks(data []byte) int {
	n := 0
	for _, m := range markers {
		n += bytes.Count(data, []byte(m))
	}
	return n
}

// tooManyMarks returns a fault for the first document with too many values to
// parse in memory.
func (r *Reader) tooManyMarks(data []byte) *spec.Fault {
	line := int32(1)
	for len(data) > 0 {
		text := data[:documentEnd(data)]
		if CountMarks(text) > MaxDocumentMarks {
			return code.NewFault(code.TooMany, spec.Pos{File: r.File, Line: line, Column: 1}, "",
				"a document of more than a million values", "divide it; rows of a report may stand in a CSV file")
		}
		line += int32(bytes.Count(text, []byte{'\n'}))
		data = data[len(text):]
	}
	return nil
}

// beginDocument starts a new count of faults.
func (r *Reader) beginDocument() { r.start, r.left = len(r.Faults), 0 }

// Add adds a fault, or only counts it if the document has MaxFaults already.
func (r *Reader) Add(f *spec.Fault) {
	if r.isFull() {
		r.left++
		return
	}
	r.Faults = append(r.Faults, f)
}

// AddBounded adds faults that are bounded elsewhere.
func (r *Reader) AddBounded(faults []*spec.Fault) {
	r.Faults = append(r.Faults, faults...)
	r.start += len(faults)
}

// AllClosed reports whether every object that was opened has been closed or left.
func (r *Reader) AllClosed() bool { return len(r.asked) == 0 }

// isFull reports whether further faults of the document are only counted.
func (r *Reader) isFull() bool { return len(r.Faults)-r.start >= MaxFaults }

// endDocument reports the number of faults left out, which is an error even if
// they are warnings.
func (r *Reader) endDocument(root *yaml.Node) {
	if r.left > 0 {
		r.Faults = append(r.Faults, code.NewFault(code.TooMany, r.Pos(root), "", fmt.Sprintf("and %d more faults in this document", r.left), "mend the first ones, which often have one cause"))
		r.left = 0
	}
	r.start = len(r.Faults)
}

// isHopeless reports whether a file has too many errors to read on. Pending
// errors don't count: every loan of a file may have one after it was sent.
func (r *Reader) isHopeless() bool {
	for _, f := range r.Faults[r.judged:] {
		if f.Severity == spec.Error && !f.Pending {
			r.errors++
		}
	}
	r.judged = len(r.Faults)
	return r.errors >= r.MaxErrors
}
