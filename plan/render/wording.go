package render

import "strings"

// A wording makes texts one after the other in few pieces of memory. They stay
// as they are.
type wording struct{ b strings.Builder }

const wordingSize = 8 << 10 // bytes of one piece of memory

// room makes sure that n bytes can be added, and returns where they begin.
func (m *wording) room(n int) (start int) {
	if m.b.Cap()-m.b.Len() < n {
		m.b.Reset() // what it has handed out stays
		m.b.Grow(max(n, wordingSize))
	}
	return m.b.Len()
}

// since returns what was added.
func (m *wording) since(start int) string { return m.b.String()[start:] }

// join returns parts as one text.
func (m *wording) join(parts ...string) string {
	n := 0
	for _, s := range parts {
		n += len(s)
	}
	start := m.room(n)
	for _, s := range parts {
		m.b.WriteString(s)
	}
	return m.since(start)
}

// separate ends each word but the last with a separator.
func (m *wording) separate(words []string, by string) []string {
	for i := range max(len(words)-1, 0) {
		words[i] = m.join(words[i], by)
	}
	return words
}

// amount groups the digits of an amount.
func (m *wording) amount(s string) string {
	whole := canonicalWhole(s)
	switch {
	case whole == 0:
		return amount(s)
	case whole <= 3:
		return s
	}
	start := m.room(len(s) + whole/3)
	for i := range whole {
		if i > 0 && (whole-i)%3 == 0 {
			m.b.WriteByte(',')
		}
		m.b.WriteByte(s[i])
	}
	m.b.WriteString(s[whole:])
	return m.since(start)
}

// canonicalWhole returns how many digits an amount has before its point, where
// only their grouping is missing: in nearly all, which have two decimals or
// none. Else it returns 0.
func canonicalWhole(s string) int {
	whole := digits(s)
	if whole == 0 || whole > 12 || s[0] == '0' && whole > 1 {
		return 0
	}
	if decimals := s[whole:]; decimals != "" {
		if len(decimals) != 3 || decimals[0] != '.' || digits(decimals[1:]) != 2 || decimals == ".00" {
			return 0
		}
	}
	return whole
}

// digits returns how many digits a text begins with.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
