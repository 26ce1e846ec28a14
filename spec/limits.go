package spec

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

// The limits of a YAML file.
const (
	maxFaults        = 1000      // of one document, and errors of one file
	maxDepth         = 100       // of the values of a document
	maxDirectives    = 1000      // of a file
	maxDocumentMarks = 1_000_000 // of one document, see countMarks
)

// markers are the bytes at least one of which stands beside each value of a
// YAML document.
var markers = []string{"\n", "\r", ",", ":", "-", "?", "[", "{", "\u0085", "\u2028", "\u2029"}

// countMarks returns a number that half of a text's YAML values can't exceed, at
// a small part of the cost of reading them.
func countMarks(data []byte) int {
	n := 0
	for _, m := range markers {
		n += bytes.Count(data, []byte(m))
	}
	return n
}

// tooManyMarks returns a fault for the first document that has so many values
// that reading them takes too much memory.
func (r *reader) tooManyMarks(data []byte) *Fault {
	line := int32(1)
	for len(data) > 0 {
		text := data[:documentEnd(data)]
		if countMarks(text) > maxDocumentMarks {
			return newFault(codeTooMany, Pos{File: r.file, Line: line, Column: 1}, "",
				"a document of more than a million values", "divide it; rows of a report may stand in a CSV file")
		}
		line += int32(bytes.Count(text, []byte{'\n'}))
		data = data[len(text):]
	}
	return nil
}

// beginDocument makes the faults of a document count anew.
func (r *reader) beginDocument() { r.start, r.left = len(r.faults), 0 }

// add adds a fault, unless the document has too many of them: then it is only
// counted.
func (r *reader) add(f *Fault) {
	if r.isFull() {
		r.left++
		return
	}
	r.faults = append(r.faults, f)
}

// addBounded adds faults that have a bound of their own.
func (r *reader) addBounded(faults []*Fault) {
	r.faults = append(r.faults, faults...)
	r.start += len(faults)
}

// AllClosed reports whether every object that was opened has been closed or left.
func (r *reader) AllClosed() bool { return len(r.asked) == 0 }

// isFull reports whether the document's other faults are only counted.
func (r *reader) isFull() bool { return len(r.faults)-r.start >= maxFaults }

// endDocument says how many faults of a document were left out, which is an
// error whatever they are.
func (r *reader) endDocument(root *yaml.Node) {
	if r.left > 0 {
		r.faults = append(r.faults, newFault(codeTooMany, r.pos(root), "", fmt.Sprintf("and %d more faults in this document", r.left), "mend the first ones, which often have one cause"))
		r.left = 0
	}
	r.start = len(r.faults)
}

// isHopeless reports whether a file has so many errors that it isn't read any
// further. Pending ones don't count: of a file of loans that were sent, each may
// have one.
func (r *reader) isHopeless() bool {
	for _, f := range r.faults[r.judged:] {
		if f.Severity == Error && !f.Pending {
			r.errors++
		}
	}
	r.judged = len(r.faults)
	return r.errors >= r.maxErrors
}
