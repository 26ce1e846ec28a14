package apply

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kivaform/apply/ledger"
	"kivaform/spec"
	"kivaform/spec/field"
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
// anything, and each word of a person's names. Photos aren't among them: none can
// be told in words.
func personal(r spec.Resource) []string {
	var texts []string
	for _, f := range field.Values(r) {
		if !f.Personal || f.Kind == spec.Photo || len(f.Value) <= 2 {
			continue
		}
		texts = append(texts, f.Value)
		if strings.HasSuffix(f.Path, ".first_name") || strings.HasSuffix(f.Path, ".last_name") {
			texts = append(texts, nameWords(f.Value)...)
		}
	}
	return texts
}

// nameWords returns the words of a name of several that tell something alone:
// not de, la and bin's like.
func nameWords(name string) []string {
	words, _ := wordsOf(name)
	if len(words) < 2 {
		return nil
	}
	return slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < 3 })
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

// scrub replaces each run of words that gives a text away. A character that
// isn't seen may stand within a word, or between two.
func (s *scrubber) scrub(message string) string {
	message = s.replace(message)
	if spec.IsASCII(message) || !strings.ContainsFunc(message, spec.IsUnseen) {
		return message
	}
	apart := strings.Map(func(r rune) rune {
		if spec.IsUnseen(r) {
			return ' '
		}
		return r
	}, message)
	if clear := s.replace(apart); clear != apart {
		return clear
	}
	return message
}

func (s *scrubber) replace(message string) string {
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

// wordsOf returns the words of a text as they are compared, and where they
// stand. In scripts that put no space between words each letter counts as one.
func wordsOf(s string) (words []string, spans []span) {
	from := -1
	end := func(to int) {
		if from < 0 {
			return
		}
		if word := folded(s[from:to]); word != "" {
			words, spans = append(words, word), append(spans, span{from, to})
		}
		from = -1
	}
	for i, r := range s {
		letter := unicode.IsLetter(r) || unicode.IsNumber(r)
		if !letter && !unicode.IsMark(r) {
			if !spec.IsUnseen(r) {
				end(i)
			}
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

// folded returns a word as it is compared: in small letters, without accents and
// what isn't seen. Marks that make other vowels, as in Indian scripts, stay.
func folded(word string) string {
	if spec.IsASCII(word) {
		return strings.ToLower(word) // as most are
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Hebrew), spec.IsUnseen(r):
			return -1
		case r == 'đ' || r == 'Đ': // a letter of its own to Unicode, as those below
			return 'd'
		case r == 'ł' || r == 'Ł':
			return 'l'
		case r == 'ø' || r == 'Ø':
			return 'o'
		case r == 'ı':
			return 'i'
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(word))
}
