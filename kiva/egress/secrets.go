package egress

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// pieceSize is the length, in bytes, of the shortest piece of a secret that is
// redacted. Shorter ones are common words.
const pieceSize = 8

// Redacted replaces a secret, or a piece of one.
const Redacted = "[redacted]"

// Secrets finds values in foreign texts: raw, percent-encoded or in base64,
// whole or cut, and whole in hex; in upper or lower case.
type Secrets struct {
	pieces map[string]struct{} // all of pieceSize bytes
	short  []string            // matched as a whole only
}

// NewSecrets returns the secrets with these values. It ignores values of fewer
// than four bytes.
func NewSecrets(values ...string) *Secrets {
	s := &Secrets{pieces: make(map[string]struct{})}
	for _, value := range values {
		if len(value) < 4 {
			continue
		}
		for _, form := range formsOf(value) {
			s.addForm(strings.ToLower(form))
		}
		// A piece of it in hex is part of many ids.
		s.short = append(s.short, hex.EncodeToString([]byte(value)))
	}
	return s
}

func (s *Secrets) addForm(form string) {
	if len(form) < pieceSize {
		s.short = append(s.short, form)
		return
	}
	for i := range len(form) - pieceSize + 1 {
		s.pieces[form[i:i+pieceSize]] = struct{}{}
	}
}

func formsOf(value string) []string {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value), percentEncoded(value)}
	if len(value) < pieceSize {
		return forms
	}
	for offset := range 3 { // of the value within a longer encoded text
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), value...))
		encoded = encoded[(8*offset+5)/6 : 8*(offset+len(value))/6]
		forms = append(forms, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	return forms
}

func percentEncoded(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

// userInfo matches an address's user name and password: the transport's error
// may contain a proxy's.
var userInfo = regexp.MustCompile(`(://)[^/@\s"']+@`)

// Redact returns the text without the secrets. s may be nil.
func (s *Secrets) Redact(text string) string {
	if s == nil {
		return text
	}
	lower := lowerASCII(text)
	var b strings.Builder
	kept := 0 // up to here the text is in b, or redacted
	for i := 0; i < len(lower); i++ {
		end := s.endAt(lower, i)
		if end == i {
			continue
		}
		b.WriteString(text[kept:i])
		b.WriteString(Redacted)
		kept, i = end, end-1
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// endAt returns the end of the secret that begins at i, or i for none.
func (s *Secrets) endAt(lower string, i int) int {
	end := i
	for ; end+pieceSize <= len(lower); end++ {
		if _, found := s.pieces[lower[end:end+pieceSize]]; !found {
			break
		}
	}
	if end > i {
		return end + pieceSize - 1
	}
	for _, short := range s.short {
		if strings.HasPrefix(lower[i:], short) {
			return i + len(short)
		}
	}
	return i
}

// lowerASCII converts ASCII letters to lower case, so that offsets stay the
// same.
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// redactError returns err, or an error with a redacted text. The transport's
// error may quote an answer, whose content the server decides.
func (s *Secrets) redactError(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	text := err.Error()
	if safe := userInfo.ReplaceAllString(s.Redact(text), "${1}"+Redacted+"@"); safe != text {
		return errors.New(safe)
	}
	return err
}

// secretFields are the fields of a form that authenticate the client.
var secretFields = []string{"client_secret", "token", "refresh_token", "client_assertion", "assertion", "code", "password"}

// carried holds the parts of a request that no text may repeat: secrets, and the
// ids that belong to them, which are matched as a whole only.
type carried struct{ secrets, ids []string }

func carriedBy(req *http.Request) carried {
	c := fromHeader(req.Header.Get("Authorization"))
	form := formOf(req)
	for _, name := range secretFields {
		c.secrets = append(c.secrets, form[name]...)
	}
	c.ids = append(c.ids, form["client_id"]...)
	return c
}

func (c carried) equals(other carried) bool {
	return slices.Equal(c.secrets, other.secrets) && slices.Equal(c.ids, other.ids)
}

// newSecrets returns the Secrets that find them.
func (c carried) newSecrets() *Secrets {
	s := NewSecrets(c.secrets...)
	for _, id := range c.ids {
		if len(id) >= pieceSize { // a shorter one is a common word
			s.short = append(s.short, strings.ToLower(id), strings.ToLower(url.QueryEscape(id)))
		}
	}
	return s
}

func fromHeader(authorization string) (c carried) {
	scheme, rest, _ := strings.Cut(authorization, " ")
	switch strings.ToLower(scheme) {
	case "basic":
		decoded, _ := base64.StdEncoding.DecodeString(rest)
		id, secret, _ := strings.Cut(string(decoded), ":")
		for _, value := range []*string{&id, &secret} {
			if plain, err := url.QueryUnescape(*value); err == nil { // both escaped first: RFC 6749, 2.3.1
				*value = plain
			}
		}
		return carried{[]string{rest, secret}, []string{id}}
	case "oauth":
		return fromSignature(rest)
	}
	return carried{secrets: []string{rest}}
}

// fromSignature parses the parameters of OAuth 1.0a.
func fromSignature(parameters string) (c carried) {
	for part := range strings.SplitSeq(parameters, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		value, _ = url.PathUnescape(strings.Trim(value, `"`))
		switch name {
		case "oauth_token", "oauth_signature", "oauth_verifier":
			c.secrets = append(c.secrets, value)
		case "oauth_consumer_key":
			c.ids = append(c.ids, value)
		}
	}
	return c
}

func formOf(req *http.Request) url.Values {
	if req.GetBody == nil || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	data, _ := io.ReadAll(io.LimitReader(body, 64<<10))
	form, _ := url.ParseQuery(string(data))
	return form
}
