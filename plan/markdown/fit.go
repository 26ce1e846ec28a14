package markdown

import (
	"cmp"
	"fmt"
	"strings"

	"kivaform/plan/view"
)

// A section is a part of a page that can be shown whole, or without the ends of
// long texts, or with a line for each of its things, or not at all.
type section struct {
	needsPerson bool
	total       int
	what        string // one of its things: loan draft
	detail      string // parts that lines leave out, apart from the ends of texts: "the fields of 5 loan drafts"
	whole       func(*sheet)
	// lines writes as many as there is room for, and returns how many things
	// it left out.
	lines func(*sheet) (left int)

	shown []byte
	level level
	left  int
}

// A level says how much of a section is shown.
type level int

const (
	noneShown level = iota
	linesShown
	mostShown // all but the ends of long texts
	allShown
)

// fitSections chooses how much of each section is shown, in the order of their
// importance. Each gets a fair share of the room, what needs a person up to half
// of it; then lines get what others left over, most is shown of what has room
// for it, and at last all. So a long text takes no room from anything but its
// own end.
func fitSections(sections []*section, room int) {
	for i, s := range sections {
		share := room / (len(sections) - i)
		if s.needsPerson {
			share = max(share, room/2)
		}
		if !s.needsPerson || !s.show(share, longText) {
			s.showLines(share)
		}
		room -= len(s.shown)
	}
	for _, s := range sections {
		if s.left > 0 {
			room += len(s.shown)
			s.showLines(room)
			room -= len(s.shown)
		}
	}
	for _, most := range []int{longText, 0} {
		for _, s := range sections {
			if s.left == 0 && s.level != allShown {
				room += len(s.shown)
				s.show(room, most)
				room -= len(s.shown)
			}
		}
	}
}

// show shows so many characters of each text of a section, all if most is 0, if
// there is room for it.
func (s *section) show(room, most int) bool {
	sheet := newSheet(room)
	sheet.most = most
	if s.whole(sheet); sheet.over {
		return false
	}
	s.shown, s.level, s.left = sheet.b, allShown, 0
	if sheet.cut {
		s.level = mostShown
	}
	return true
}

// showLines shows a section's lines in some room.
func (s *section) showLines(room int) {
	sheet := newSheet(room)
	s.left = s.lines(sheet)
	s.shown, s.level = sheet.b, linesShown
	if s.left == s.total {
		s.shown, s.level = nil, noneShown
	}
}

// leftOutOf lists the parts that a level leaves out: "4580 of 5000 loan drafts, and the
// fields of 5000 loan drafts"; "" where it shows all.
func (s *section) leftOutOf(l level, left int) string {
	all := view.Count(s.total, s.what)
	switch {
	case l == allShown:
		return ""
	case l == mostShown:
		return "the ends of long texts on " + all
	case l == noneShown:
		return all
	case left > 0:
		part := fmt.Sprintf("%d of %s", left, all)
		return strings.Join(nonEmpty([]string{part, s.detail}), ", and ")
	}
	return cmp.Or(s.detail, "the ends of texts on "+all)
}

// byImportance puts items that need a person first.
func byImportance(sections []*section) []*section {
	var first, rest []*section
	for _, s := range sections {
		if s.needsPerson {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	return append(first, rest...)
}
