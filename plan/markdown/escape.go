package markdown

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kivaform/plan/view"
)

// What people typed goes into Markdown in one of two ways: ids, values and
// places as [code], sentences as [inline]. Both rest on two things.
//
// Every character that could mean something to Markdown or HTML is written as
// a numeric reference: Markdown reads those as plain text and never as
// structure, in paragraphs, tables and HTML alike, so that one way of escaping
// holds everywhere.
//
// GitHub and GitLab look for @mentions, #references, commits, :emoji: and
// formulas later, in the text of the finished page, where references have
// become characters again; but never within <code>. So whatever might be one of
// these stands there.

// codeSpan shows a text as it is, in letters of one width.
func codeSpan(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + escapeText(view.Harmless(s)) + "</code>"
}

// inlineText shows a sentence; words that a site could take for more than words
// stand in it as code.
func inlineText(s string) string {
	var b strings.Builder
	var risky []string // words in a row
	tail := ""         // the end of the last of them
	flush := func() {
		if risky != nil {
			b.WriteString(codeSpan(strings.Join(risky, " ")) + escapeText(tail))
			risky = nil
		}
	}
	for i, word := range strings.Fields(view.Harmless(s)) {
		plain := plainWord(word)
		if plain {
			flush()
		}
		if i > 0 && risky == nil {
			b.WriteByte(' ')
		}
		if plain {
			b.WriteString(escapeText(word))
			continue
		}
		if risky != nil {
			risky[len(risky)-1] += tail
		}
		core := strings.TrimRight(word, ",.;:")
		risky, tail = append(risky, core), word[len(core):]
	}
	flush()
	return b.String()
}

// inlineLines shows a text of several lines in the cell of a table.
func inlineLines(s string) string {
	var shown []string
	for line := range strings.SplitSeq(s, "\n") {
		shown = append(shown, inlineText(line))
	}
	return strings.Join(shown, "<br>")
}

// plainWord reports whether a word is only a word or a number to everybody:
// letters, numbers with their points and colons, and punctuation around them.
// Seven hexadecimal digits may name a commit.
func plainWord(word string) bool {
	core := strings.TrimLeft(strings.TrimRight(word, `,.;:!?)"`), `("`)
	if core == "" || core == "+" || core == "·" || core == "→" {
		return len(word) == len(core)
	}
	hex := 0
	for i, r := range core {
		switch {
		case unicode.In(r, unicode.L, unicode.M, unicode.Nd), r == '\'', r == '’', r == '•':
		case strings.ContainsRune(",.:-", r) && digitAt(core, i-1) && digitAt(core, i+1):
		default:
			return false
		}
		if hex++; !unicode.Is(unicode.ASCII_Hex_Digit, r) {
			hex = 0
		}
		if hex == 7 {
			return false
		}
	}
	return true
}

// escapeText writes as references whatever isn't a letter, a digit or surely
// isHarmlessAt. It is for text that is clean, of one line.
func escapeText(s string) string {
	first := 0
	for first < len(s) && isHarmlessAt(s, first) {
		first++
	}
	if first == len(s) {
		return s
	}
	b := append(make([]byte, 0, 2*len(s)), s[:first]...)
	for i := first; i < len(s); i++ {
		if isHarmlessAt(s, i) {
			b = append(b, s[i])
			continue
		}
		if s[i] == '@' {
			// GitHub's parser looks for mail addresses in the text that references
			// have become; it doesn't look across a tag or a comment.
			b = append(b, "<!-- -->"...)
		}
		b = append(b, "&#"...)
		b = strconv.AppendInt(b, int64(s[i]), 10)
		b = append(b, ';')
	}
	return string(b)
}

// isHarmlessAt reports whether the byte at i means nothing to Markdown or HTML.
// Some punctuation is so only in its place: "1." and "1)" begin a list, "www."
// and "://" a link, "_" emphasis.
func isHarmlessAt(s string, i int) bool {
	switch c := s[i]; c {
	case ' ', ',', ';', '/', '\'', '%', '?', '(':
		return true
	case ')':
		return !digitAt(s, i-1) || s[0] == '('
	case '.':
		return letterAt(s, i-1) && s[i-1]|0x20 != 'w' || digitAt(s, i-1) && (wordAt(s, i+1) || letterAt(s, i-2))
	case ':':
		return wordAt(s, i-1) && (i+1 == len(s) || s[i+1] != '/')
	case '_', '-':
		return wordAt(s, i-1) && wordAt(s, i+1)
	default:
		return c >= utf8.RuneSelf || wordAt(s, i)
	}
}

func wordAt(s string, i int) bool { return letterAt(s, i) || digitAt(s, i) }

func letterAt(s string, i int) bool {
	return i >= 0 && i < len(s) && 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z'
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && '0' <= s[i] && s[i] <= '9' }

// shortened shortens a text to n characters, and shows that it did.
func shortened(s string, n int) string {
	if short := firstCharacters(s, n); short != s {
		return short + "…"
	}
	return s
}

// firstCharacters returns the first n characters of a text.
func firstCharacters(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
