package yamldoc

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
)

// The limits of a YAML file.
const (
	MaxFaults        = 1000      // of one document, and errors of one file
	maxDepth         = 100       // of the values of a document
	maxDirectives    = 1000      // of a file
	MaxDocumentMarks = 1_000_000 // of one document, see CountMarks
)

// markers are the bytes at least one of which stands beside each value of a
// YAML document.
var markers = []string{"\n", "\r", ",", ":", "-", "?", "[", "{", "\u0085", "\u2028", "\u2029"}

// CountMarks returns a number that half of a text's YAML values can't exceed, at
// a small part of the cost of reading them.
func CountMarks(data []byte) int {
	n := 0
	for _, m := range markers {
		n += bytes.Count(data, []byte(m))
	}
	return n
}

// tooManyMarks returns a fault for the first document that has so many values
// that reading them takes too much memory.
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

// beginDocument makes the faults of a document count anew.
func (r *Reader) beginDocument() { r.start, r.left = len(r.Faults), 0 }

// Add adds a fault, unless the document has too many of them: then it is only
// counted.
func (r *Reader) Add(f *spec.Fault) {
	if r.isFull() {
		r.left++
		return
	}
	r.Faults = append(r.Faults, f)
}

// AddBounded adds faults that have a bound of their own.
func (r *Reader) AddBounded(faults []*spec.Fault) {
	r.Faults = append(r.Faults, faults...)
	r.start += len(faults)
}

// AllClosed reports whether every object that was opened has been closed or left.
func (r *Reader) AllClosed() bool { return len(r.asked) == 0 }

// isFull reports whether the document's other faults are only counted.
func (r *Reader) isFull() bool { return len(r.Faults)-r.start >= MaxFaults }

// endDocument says how many faults of a document were left out, which is an
// error whatever they are.
func (r *Reader) endDocument(root *yaml.Node) {
	if r.left > 0 {
		r.Faults = append(r.Faults, code.NewFault(code.TooMany, r.Pos(root), "", fmt.Sprintf("and %d more faults in this document", r.left), "mend the first ones, which often have one cause"))
		r.left = 0
	}
	r.start = len(r.Faults)
}

// isHopeless reports whether a file has so many errors that it isn't read any
// further. Pending ones don't count: of a file of loans that were sent, each may
// have one.
func (r *Reader) isHopeless() bool {
	for _, f := range r.Faults[r.judged:] {
		if f.Severity == spec.Error && !f.Pending {
			r.errors++
		}
	}
	r.judged = len(r.Faults)
	return r.errors >= r.MaxErrors
}
