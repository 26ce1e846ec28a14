package spec

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"gopkg.in/yaml.v3"
)

// The limits of what is read. A workspace of a hundred thousand loans stays far
// within them; files that were made to take all memory don't.
const (
	maxFile       = 64 << 20 // bytes of a YAML or CSV file
	maxFaults     = 1000     // of one document, and errors of one file
	maxDepth      = 100      // of the values of a document
	maxDirectives = 1000     // of a YAML file
	maxList       = 1000     // borrowers or instalments of a draft
)

// Limits of one document, and of a whole workspace.
const (
	maxDocumentMarks = 1_000_000
	maxParsedMarks   = 2_000_000 // of a file whose documents are all held at once
	maxGlobs         = 1000
	maxGlob          = 500 // bytes of a pattern
)

// A budget is what may still be read of a workspace. It is safe for use by
// several goroutines.
type budget struct {
	bytes  atomic.Int64 // of YAML and CSV files
	marks  atomic.Int64 // see countMarks
	rows   atomic.Int64 // of CSV files
	faults atomic.Int64
}

func newBudget() *budget {
	b := &budget{}
	b.bytes.Store(1 << 30)
	b.marks.Store(20_000_000)
	b.rows.Store(5_000_000)
	b.faults.Store(500_000)
	return b
}

// takeFile takes a file's content, and reports whether the budget allowed it.
func (b *budget) takeFile(data []byte) bool {
	return b.bytes.Add(-int64(len(data))) >= 0
}

// isSpent reports whether something was more than the workspace may hold.
func (b *budget) isSpent() bool {
	return b.bytes.Load() < 0 || b.marks.Load() < 0 || b.rows.Load() < 0 || b.faults.Load() < 0
}

// fault returns the error of a workspace that is too large, nil of another.
func (b *budget) fault(file string) *Fault {
	var message string
	switch {
	case b.bytes.Load() < 0:
		message = "the YAML and CSV files of the workspace have more than 1 GiB"
	case b.marks.Load() < 0:
		message = "the documents of the workspace have more than 20 million values"
	case b.rows.Load() < 0:
		message = "the CSV files of the workspace have more than 5 million rows"
	case b.faults.Load() < 0:
		message = "there are more than 500,000 faults and warnings"
	default:
		return nil
	}
	return newFault(codeTooMany, Pos{File: file}, "", message+": the rest wasn't read", "move documents of earlier years to another workspace, or name files that aren't documents under ignore")
}

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
