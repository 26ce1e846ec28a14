package markdown

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"kivaform/kiva/hint"
)

// A document is a head, which is always shown, and sections, of which as much is
// shown as there is room for.
type document struct {
	head     func(*sheet, headSize)
	sections []*section
	rest     string // says where the rest is
}

// A headSize says how long the head of a page may become.
type headSize struct {
	lines int // of the summary
	cell  int // characters of a cell
	name  int // characters of a name
}

var (
	headAll   = headSize{math.MaxInt, math.MaxInt, math.MaxInt}
	headShort = headSize{lines: 12, cell: 100, name: 40}
	headLeast = headSize{} // numbers alone
)

func (d *document) write(w io.Writer, o Options) error {
	if o.MaxBytes == 0 {
		return d.writeAll(w)
	}
	if least := MinBytes + len(o.Where); o.MaxBytes < least {
		return hint.With(fmt.Errorf("%d bytes are too few for Markdown", o.MaxBytes), "allow %d or more", least)
	}
	_, err := w.Write(d.fitWithin(o))
	return err
}

func (d *document) writeAll(w io.Writer) error {
	s := &sheet{out: w}
	d.head(s, headAll)
	for _, part := range d.sections {
		part.whole(s)
	}
	s.flush()
	return s.err
}

// fitWithin fits everything into the limit.
func (d *document) fitWithin(o Options) []byte {
	for _, size := range []headSize{headAll, headShort} {
		head := newSheet(o.MaxBytes - d.longestNote(size, o))
		if d.head(head, size); head.over {
			continue
		}
		fitSections(byImportance(d.sections), head.limit-len(head.b))
		page := append(head.b, d.note(size, o)...)
		for _, s := range d.sections {
			page = append(page, s.shown...)
		}
		return page
	}
	for _, s := range d.sections {
		s.level = noneShown
	}
	least := newSheet(o.MaxBytes)
	d.head(least, headLeast)
	least.add(d.note(headLeast, o))
	return least.b
}

// longestNote returns how long the note can become, before it is known what is
// left out.
func (d *document) longestNote(size headSize, o Options) int {
	var left []string
	for _, s := range d.sections {
		longest := s.leftOutOf(mostShown, 0)
		for _, lines := range []string{s.leftOutOf(linesShown, s.total), s.leftOutOf(linesShown, 0)} {
			if len(lines) > len(longest) {
				longest = lines
			}
		}
		left = append(left, longest)
	}
	return len(d.noteOn(left, size, o))
}

// note lists the parts that are left out, and where they are.
func (d *document) note(size headSize, o Options) string {
	var left []string
	for _, s := range d.sections {
		left = append(left, s.leftOutOf(s.level, s.left))
	}
	return d.noteOn(left, size, o)
}

func (d *document) noteOn(left []string, size headSize, o Options) string {
	switch size {
	case headShort:
		left = append(left, "parts of the summary")
	case headLeast:
		left = append(left, "most of the summary")
	}
	if left = nonEmpty(left); len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("\n> **Left out** to keep within %d bytes: %s. %s\n", o.MaxBytes, strings.Join(left, "; "), cmp.Or(o.Where, d.rest))
}
