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
	"strings"
)

// pieceSize is the length, in bytes, of the shortest piece of a secret that is
// taken out of a text. Shorter ones are common words.
const pieceSize = 8

// Redacted stands for a secret, or a piece of one.
const Redacted = "[redacted]"

// Secrets finds values in texts of others: whole or cut, and raw,
// percent-encoded, in base64 or in hex, in letters of any size.
type Secrets struct {
	pieces map[string]struct{} // all of pieceSize bytes
	short  []string            // values that are shorter
}

// NewSecrets returns the secrets that have these values. Values of fewer than
// four bytes are none.
func NewSecrets(values ...string) *Secrets {
	s := &Secrets{pieces: make(map[string]struct{})}
	for _, value := range values {
		if len(value) < 4 {
			continue
		}
		for _, form := range formsOf(value) {
			s.add(strings.ToLower(form))
		}
	}
	return s
}

func (s *Secrets) add(form string) {
	if len(form) < pieceSize {
		s.short = append(s.short, form)
		return
	}
	for i := range len(form) - pieceSize + 1 {
		s.pieces[form[i:i+pieceSize]] = struct{}{}
	}
}

func formsOf(value string) []string {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value), hex.EncodeToString([]byte(value)), percentEncoded(value)}
	if len(value) < pieceSize {
		return forms
	}
	for offset := range 3 { // of the value in a longer text that is encoded
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

// userInfo finds user name and password of an address: a proxy's may stand in
// the transport's error.
var userInfo = regexp.MustCompile(`(://)[^/@\s"']+@`)

// Redact returns the text without the secrets.
func (s *Secrets) Redact(text string) string {
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

// endAt returns where the secret ends that begins at i, or i where none does.
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

// lowerASCII returns the text in small letters, byte by byte, so that places in
// both are the same.
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// redactError returns err, or a text without secrets in its place. A server
// decides what is in an error of the transport: one that can't read an answer
// quotes it.
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

// secretFields are the fields of a form that name or prove the client.
var secretFields = []string{"client_id", "client_secret", "token", "refresh_token", "client_assertion", "assertion", "code", "password"}

// secretsOf returns the secrets that a request carries.
func secretsOf(req *http.Request) []string {
	return append(authorizationSecrets(req.Header.Get("Authorization")), formSecrets(req)...)
}

func authorizationSecrets(header string) []string {
	scheme, rest, _ := strings.Cut(header, " ")
	secrets := []string{rest}
	switch strings.ToLower(scheme) {
	case "basic":
		pair, _ := base64.StdEncoding.DecodeString(rest)
		for part := range strings.SplitSeq(string(pair), ":") {
			plain, _ := url.QueryUnescape(part)
			secrets = append(secrets, part, plain)
		}
	case "oauth":
		secrets = nil // the header as a whole has words in it that every error may have
		for part := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if plain, err := url.PathUnescape(strings.Trim(value, `"`)); err == nil && isSigned(name) {
				secrets = append(secrets, plain)
			}
		}
	}
	return secrets
}

func isSigned(name string) bool {
	return name == "oauth_token" || name == "oauth_signature" || name == "oauth_consumer_key" || name == "oauth_verifier"
}

func formSecrets(req *http.Request) (secrets []string) {
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
	for _, name := range secretFields {
		secrets = append(secrets, form[name]...)
	}
	return secrets
}
