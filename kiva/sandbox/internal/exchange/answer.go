package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

// A Style is a spelling of answers in one of Kiva's documents or clients. The
// zero value is the one observed on the wire.
type Style struct {
	Camel   bool // camelCase keys, and activityName for activity
	Array   bool // journals and repayments answer with an array of one object
	Created bool // status 201 for a creation, not 200
}

// An Answer is a response. Its body is Value as JSON, else Raw.
type Answer struct {
	Status int // 0: no answer
	Header http.Header
	Value  any
	Raw    []byte
	Array  bool // Style.Array applies: some of Kiva's clients expect an array of such objects
}

// An Envelope is the part of an answer that reports success or failure.
type Envelope struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Success returns the envelope of a successful call.
func Success(format string, args ...any) Envelope {
	return Envelope{"api.success", fmt.Sprintf(format, args...)}
}

// Refusal is an answer that refuses a call. Kiva doesn't document such bodies;
// code and message are the keys of its other answers.
func Refusal(status int, code, message string) Answer {
	return Answer{Status: status, Value: Envelope{"api.error." + code, message}}
}

// BadRequest returns a refusal with status 400.
func BadRequest(format string, args ...any) Answer {
	return Refusal(http.StatusBadRequest, "bad_request", fmt.Sprintf(format, args...))
}

// With returns a copy of the answer with a header set.
func (a Answer) With(key, value string) Answer {
	a.Header = a.Header.Clone()
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(key, value)
	return a
}

// Encode returns the answer with its body in the style.
func (a Answer) Encode(style Style) Answer {
	if a.Value == nil {
		return a
	}
	a.Raw = EncodeJSON(a.Value)
	if style.Camel {
		a.Raw = camelKeys(a.Raw)
	}
	if style.Array && a.Array {
		a.Raw = append(append([]byte("["), a.Raw...), ']')
	}
	return a.With("Content-Type", "application/json;charset=UTF-8")
}

// Write sends the header and the first n bytes of the body.
func (a Answer) Write(w http.ResponseWriter, n int) {
	maps.Copy(w.Header(), a.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Raw)))
	w.WriteHeader(a.Status)
	w.Write(a.Raw[:n])
}

// EncodeJSON returns v as JSON without escapes for HTML.
func EncodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v) // types of this package: can't fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// camelKeys changes the keys of a JSON document to those of Kiva's .NET library:
// camelCase, and activityName for activity.
func camelKeys(data []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	d.Decode(&v) // EncodeJSON's own output: can't fail
	return EncodeJSON(camelValue(v))
}

func camelValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[camelKey(k)] = camelValue(e)
		}
		return m
	case []any:
		for i, e := range v {
			v[i] = camelValue(e)
		}
	}
	return v
}

func camelKey(key string) string {
	if key == "activity" {
		return "activityName"
	}
	var b strings.Builder
	up := false
	for _, r := range key {
		if r == '_' {
			up = true
			continue
		}
		if up {
			r, up = unicode.ToUpper(r), false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// PlainJSON is an answer that no [Style] changes.
func PlainJSON(status int, v any) Answer {
	return Answer{Status: status, Raw: EncodeJSON(v)}.With("Content-Type", "application/json")
}

// PublicError returns a refusal in the form of the public API.
func PublicError(status int, code, message string) Answer {
	return PlainJSON(status, map[string]string{"code": "org.kiva." + code, "message": message})
}
