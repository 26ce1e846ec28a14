package auth

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenPattern matches a JWT, whole or cut, or the value of an access_token.
// access_token.
const tokenPattern = `eyJ[\w-]+(?:\.[\w-]*)*|(?i:access_token)["'\s]*[:=]["'\s]*[^"'\s&,}]+` // #nosec G101 -- a pattern that finds tokens

// escapedPattern matches one character that isn't a letter or a digit, as
// escaped in a form, JSON or HTML.
const escapedPattern = `%(?:25)*[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|&#?\w+;|\+`

// secretPattern matches the secrets of c in any usual encoding, and tokens. An
// error page may quote its request.
func secretPattern(c *Config) *regexp.Regexp {
	patterns := []string{spellingPattern(c.ClientSecret.Reveal()), tokenPattern}
	if len(c.ClientID) >= 8 { // a shorter one would match common words
		patterns = append(patterns, spellingPattern(c.ClientID))
	}
	return regexp.MustCompile(strings.Join(patterns, "|"))
}

func spellingPattern(value string) string {
	var b strings.Builder
	for _, r := range value {
		quoted := regexp.QuoteMeta(string(r))
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteString(quoted)
			continue
		}
		b.WriteString("(?:(?:" + escapedPattern + "){1,4}|" + quoted + ")")
	}
	return b.String()
}

// scrubText returns a server's text without secrets, printable, and cut to at
// most n bytes.
func (s *Source) scrubText(said string, n int) string {
	return cleanText(s.pieces.Redact(s.secrets.ReplaceAllLiteralString(said, redacted)), n)
}

// scrubError returns err without the library's prefix of method and URL. The
// transport quotes the words of a server that doesn't speak HTTP; where it
// does, only a text without them is left of err.
func (s *Source) scrubError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	if safe := s.scrubText(quotation.ReplaceAllLiteralString(text, `"..."`), 300); safe != text {
		return errors.New(safe)
	}
	return err
}

var quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// cleanText reduces a server's text to one printable line of at most n bytes.
func cleanText(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return text
}
