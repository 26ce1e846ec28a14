package markdown

import (
	"fmt"
	"io"
	"unicode/utf8"

	"kivaform/plan/view"
)

// A sheet takes text up to a limit. Past it, it takes nothing more.
type sheet struct {
	limit int       // bytes
	out   io.Writer // where text goes at once, without a limit; nil where there is one
	b     []byte
	over  bool // something found no room
	err   error
	most  int  // characters of a text that are shown; 0 means all
	cut   bool // the end of a text was left out
}

const (
	shortText = 160   // characters of a text that a line shows
	longText  = 2_000 // characters that few texts have
)

// text returns a text as the sheet shows it: where it is too long, without its
// end, but with the number of missing items.
func (s *sheet) text(t string) string {
	if s.most == 0 || len(t) <= s.most {
		return t
	}
	short := firstCharacters(t, s.most)
	missing := utf8.RuneCountInString(t[len(short):])
	if missing == 0 {
		return t
	}
	s.cut = true
	return short + "… (and " + view.Count(missing, "more character") + ")"
}

// brief returns a text of one line where little room is, unless the whole is
// wanted.
func (s *sheet) brief(t string, whole bool) string {
	if whole {
		return s.text(t)
	}
	return shortened(view.Harmless(shortened(t, shortText)), shortText)
}

// moreRoom is kept for the line that counts the items without room.
const moreRoom = 40

// list adds a thing a block, below a heading that it shares with nothing else,
// and says how many have no room. After that the sheet takes nothing more.
func (s *sheet) list(heading string, n int, add func(i int)) (left int) {
	done := 0
	s.reserve(moreRoom, func() {
		for done < n && s.block(func() {
			if done == 0 {
				s.add(heading)
			}
			add(done)
		}) {
			done++
		}
	})
	if done == n {
		return 0
	}
	if done > 0 {
		s.over = false
		s.add(fmt.Sprintf("\n… and %d more\n", n-done))
		s.over = true
	}
	return n - done
}

// reserve keeps some room free while something is added.
func (s *sheet) reserve(room int, add func()) {
	s.limit -= room
	add()
	s.limit += room
}

func newSheet(limit int) *sheet { return &sheet{limit: limit} }

// add adds all parts or, without room for them, none.
func (s *sheet) add(parts ...string) {
	if s.over {
		return
	}
	before := len(s.b)
	for _, p := range parts {
		s.b = append(s.b, p...)
		if s.out == nil && len(s.b) > s.limit {
			s.b, s.over = s.b[:before], true
			return
		}
	}
	if s.out != nil && len(s.b) >= 64<<10 {
		s.flush()
	}
}

func (s *sheet) flush() {
	if s.err == nil {
		_, s.err = s.out.Write(s.b)
	}
	s.b = s.b[:0]
}

// block adds what belongs together: all that write adds, or nothing. It
// reports whether there was room.
func (s *sheet) block(write func()) bool {
	if s.over {
		return false
	}
	before := len(s.b)
	write()
	if s.over {
		s.b = s.b[:before]
		return false
	}
	return true
}
