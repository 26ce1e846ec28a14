package apply

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"kivaform/apply/ledger"
	"kivaform/spec"
)

const (
	scrubbed = "[personal]"
	// enough is how many words in a row give a long text away. A message may
	// hold any part of one, because it is cut.
	enough = 3
	// layers is how many encodings one in the other are undone: a message that
	// quotes an answer that quotes a request.
	layers = 3
)

// personal lists the personal values of an item that are long enough to tell
// anything. Photos aren't among them: none can be told in words.
func personal(r spec.Resource) []string {
	var texts []string
	for _, f := range r.Fields() {
		if f.Personal && f.Kind != spec.Photo && len(f.Value) > 2 {
			texts = append(texts, f.Value)
		}
	}
	return texts
}

// A scrubbedError is an error with what a person may read of it.
type scrubbedError struct {
	text string
	err  error
}

func (e *scrubbedError) Error() string { return e.text }
func (e *scrubbedError) Unwrap() error { return e.err }

// scrubbed returns a result without the personal values of a job.
func (j *job) scrubbed(result ledger.Result) ledger.Result {
	if result.Code != "" || result.Message != "" {
		s := newScrubber(j.personal())
		result.Code, result.Message = s.clean(result.Code), s.clean(result.Message)
	}
	return result
}

// encoded is a photo as a request holds it, or some other long secret.
var encoded = regexp.MustCompile(`(data:image/[a-z]+;base64,)?[A-Za-z0-9+/_=-]{64,}`)

// clean takes personal values out of Kiva's message, which may repeat what was
// sent: whole or cut, in lines or in one, in capitals or not. Where it repeats
// them in an encoding, nothing of the message is left.
func (s *scrubber) clean(message string) string {
	if message == "" || len(s.texts) == 0 {
		return message
	}
	clear := s.scrub(encoded.ReplaceAllString(message, scrubbed))
	plain := clear
	for range layers {
		if plain = decoded(plain); s.scrub(plain) != plain {
			return "[a message that repeats personal data]"
		}
	}
	return clear
}

// decoded undoes the encodings in which a message may quote a request.
func decoded(s string) string {
	s = html.UnescapeString(s)
	s = jsonEscape.ReplaceAllStringFunc(s, func(escape string) string {
		var out string
		if json.Unmarshal([]byte(`"`+escape+`"`), &out) != nil {
			return " "
		}
		return out
	})
	return urlEscape.ReplaceAllStringFunc(s, func(escape string) string {
		out, _ := url.PathUnescape(escape)
		return out
	})
}

var (
	jsonEscape = regexp.MustCompile(`(\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]`)
	urlEscape  = regexp.MustCompile(`(%[0-9a-fA-F]{2})+`)
)

// A scrubber finds words of some texts.
type scrubber struct {
	texts [][]string
	at    map[string][]place // where a word stands
}

type place struct{ text, word int }

func newScrubber(texts []string) *scrubber {
	s := &scrubber{at: make(map[string][]place)}
	for i, text := range texts {
		words, _ := wordsOf(text)
		s.texts = append(s.texts, words)
		for k, w := range words {
			s.at[w] = append(s.at[w], place{i, k})
		}
	}
	return s
}

// scrub replaces each run of words that gives a text away.
func (s *scrubber) scrub(message string) string {
	words, spans := wordsOf(message)
	var b strings.Builder
	end := 0
	for i := 0; i < len(words); {
		n := s.run(words[i:])
		if n == 0 {
			i++
			continue
		}
		b.WriteString(message[end:spans[i].from])
		b.WriteString(scrubbed)
		end = spans[i+n-1].to
		i += n
	}
	return b.String() + message[end:]
}

// run returns how many words, from the first on, stand in a text in the same
// order: of a short text all, of a long one enough. Else it returns 0.
func (s *scrubber) run(words []string) int {
	longest := 0
	for _, p := range s.at[words[0]] {
		text := s.texts[p.text]
		n := 0
		for n < len(words) && p.word+n < len(text) && words[n] == text[p.word+n] {
			n++
		}
		if n >= min(enough, len(text)) {
			longest = max(longest, n)
		}
	}
	return longest
}

type span struct{ from, to int }

// wordsOf returns the words of a text in lower case, and where they stand. In
// scripts that put no space between words each letter counts as one.
func wordsOf(s string) (words []string, spans []span) {
	from := -1
	end := func(to int) {
		if from >= 0 {
			words, spans, from = append(words, strings.ToLower(s[from:to])), append(spans, span{from, to}), -1
		}
	}
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsNumber(r)
		if !letter && !unicode.IsMark(r) {
			end(i)
			continue
		}
		if letter && r >= firstUnspaced && unicode.In(r, unspaced...) {
			end(i)
		}
		if from < 0 {
			from = i
		}
	}
	end(len(s))
	return words, slices.Clip(spans)
}

const firstUnspaced = '\u0e01' // of all the scripts below

var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}
