package kiva

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kivaform/kiva/money"
)

// A value is one JSON value as it came, known to be valid, or empty where
// there is none. Each field is read by itself, and none can fail the others.
type value string

// parseJSON checks that body is one JSON value.
func parseJSON(body []byte) (value, error) {
	body = bytes.Trim(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	if len(body) == 0 {
		return "", errors.New("the answer is empty")
	}
	if !json.Valid(body) {
		return "", errors.New("the answer is not JSON")
	}
	return value(body), nil
}

func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }
func (v value) isArray() bool  { return len(v) > 0 && v[0] == '[' }
func (v value) isString() bool { return len(v) > 0 && v[0] == '"' }
func (v value) isNull() bool   { return len(v) > 0 && v[0] == 'n' }

// elements yields the elements of an array, and of anything else itself: an
// object may stand for an array of one.
func (v value) elements() iter.Seq[value] {
	return func(yield func(value) bool) {
		if !v.isArray() {
			yield(v)
			return
		}
		for rest := skipSpace(v[1:]); rest[0] != ']'; {
			n := rest.end()
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:].next()
		}
	}
}

// An object is the members of a JSON object, their names in snake_case.
type object []member

type member struct {
	name  string
	value value
}

// appendMembers appends the members of v to o; there are none if v isn't an
// object.
func (o object) appendMembers(v value) object {
	if !v.isObject() {
		return o
	}
	for rest := skipSpace(v[1:]); rest[0] != '}'; {
		n := rest.end()
		name := toSnakeCase(rest[:n])
		rest = skipSpace(skipSpace(rest[n:])[1:]) // the colon
		n = rest.end()
		o = append(o, member{name, rest[:n]})
		rest = rest[n:].next()
	}
	return o
}

// isNull reports whether there is a member of that name that is null.
func (o object) isNull(name string) bool {
	return slices.ContainsFunc(o, func(m member) bool { return m.name == name && m.value.isNull() })
}

// get returns the first value that isn't null under the first of the names
// that has one.
func (o object) get(names ...string) value {
	for _, name := range names {
		for _, m := range o {
			if m.name == name && !m.value.isNull() {
				return m.value
			}
		}
	}
	return ""
}

// toSnakeCase returns a name in snake_case: totalRecords and TotalRecords become
// total_records, confirmURL confirm_url, loan_ID loan_id.
func toSnakeCase(quoted value) string {
	name := string(quoted[1 : len(quoted)-1])
	if isSnake(name) { // as nearly all are
		return name
	}
	if !quoted.isPlain() {
		name = quoted.unquote()
	}
	out := make([]byte, 0, len(name)+4)
	for i, c := range []byte(name) {
		if !isUpper(c) {
			out = append(out, c)
			continue
		}
		if i > 0 && name[i-1] != '_' && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])) {
			out = append(out, '_')
		}
		out = append(out, c+'a'-'A')
	}
	return string(out)
}

// isSnake reports whether a name, as it is written, is in snake_case.
func isSnake(name string) bool {
	for _, c := range []byte(name) {
		if !isLower(c) && c != '_' {
			return false
		}
	}
	return true
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// text returns a string, or a number or bool as it is written; 7.0 is 7, as
// ids are whole. Anything else is "".
func (v value) text() string {
	switch {
	case len(v) == 0 || v.isObject() || v.isArray() || v.isNull():
		return ""
	case v.isString():
		return v.unquote()
	}
	whole, decimals, _ := strings.Cut(string(v), ".")
	if strings.Trim(decimals, "0") == "" {
		return whole
	}
	return string(v)
}

// isPlain reports whether a string stands for itself between its quotes.
func (v value) isPlain() bool {
	return strings.IndexByte(string(v), '\\') < 0 && utf8.ValidString(string(v))
}

func (v value) unquote() string {
	if v.isPlain() {
		return string(v[1 : len(v)-1])
	}
	var s string
	if json.Unmarshal([]byte(v), &s) != nil {
		return ""
	}
	return s
}

// id returns an id that Kiva gave. Some servers write 0 for none.
func (v value) id() string {
	if s := strings.TrimSpace(v.text()); s != "0" {
		return s
	}
	return ""
}

// count returns a whole number, or otherwise what stands for none.
func (v value) count(none int) int {
	if n, err := strconv.Atoi(strings.TrimSpace(v.text())); err == nil && n >= 0 {
		return n
	}
	return none
}

// amount returns an amount. One that can't be read is zero: it must not lose
// the loan that it belongs to.
func (v value) amount() money.Amount {
	var a money.Amount
	if len(v) == 0 || v.isObject() || v.isArray() || a.UnmarshalJSON([]byte(v)) != nil {
		return money.Amount{}
	}
	return a
}

func (v value) flag() bool {
	s := strings.ToLower(strings.TrimSpace(v.text()))
	return s == "true" || s == "1"
}

// when returns a time, or the zero time if v holds none: RFC 3339, or the
// seconds or milliseconds since 1970. Kiva doesn't say which; from 10^11 on,
// the year 5138 in seconds, they must be milliseconds.
func (v value) when() time.Time {
	s := strings.TrimSpace(v.text())
	if s == "" {
		return time.Time{}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t, _ := time.Parse(time.RFC3339, s)
		return t.UTC()
	}
	if math.IsNaN(n) || n <= 0 || n >= 1e14 {
		return time.Time{}
	}
	if n < 1e11 {
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC()
}

// skipSpace passes white space; no other character below a space is valid there.
func skipSpace(v value) value {
	for len(v) > 0 && v[0] <= ' ' {
		v = v[1:]
	}
	return v
}

// next passes the comma after an element or member, if there is one.
func (v value) next() value {
	v = skipSpace(v)
	if v[0] == ',' {
		return skipSpace(v[1:])
	}
	return v
}

// end returns where the value ends that v begins with.
func (v value) end() int {
	switch v[0] {
	case '"':
		return v.stringEnd()
	case '{', '[':
		return v.nestEnd()
	}
	for i, c := range []byte(v) {
		if c <= ' ' || c == ',' || c == ']' || c == '}' {
			return i
		}
	}
	return len(v)
}

func (v value) stringEnd() int {
	for i := 1; ; i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

func (v value) nestEnd() int {
	depth := 0
	for i := 0; ; i++ {
		switch v[i] {
		case '"':
			i += v[i:].stringEnd() - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}
