package sandbox

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

// A keptStyle is a spelling of answers that some document or client of Kiva's
// shows. The zero value is the one that was seen on the wire.
type keptStyle struct {
	Camel   bool // camelCase keys, and activityName for activity
	Array   bool // journals and repayments answer with an array of one object
	Created bool // 201 for what was created, not 200
}

// An answer is what a client gets. Its body is value as JSON, or raw.
type answer struct {
	status int // 0: no answer at all
	header http.Header
	value  any
	raw    []byte
	array  bool // some clients of Kiva's expect an array of such objects
}

// envelope is the part of an answer that says that the call succeeded.
type envelope struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func success(format string, args ...any) envelope {
	return envelope{"api.success", fmt.Sprintf(format, args...)}
}

// refusal is an answer to a call that isn't taken. Kiva doesn't document these
// bodies; code and message are what its other answers have.
func refusal(status int, code, message string) answer {
	return answer{status: status, value: envelope{"api.error." + code, message}}
}

func badRequest(format string, args ...any) answer {
	return refusal(http.StatusBadRequest, "bad_request", fmt.Sprintf(format, args...))
}

// with returns the answer with a header set.
func (a answer) with(key, value string) answer {
	a.header = a.header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(key, value)
	return a
}

// encode returns the answer with its body spelt in the style.
func (a answer) encode(style keptStyle) answer {
	if a.value == nil {
		return a
	}
	a.raw = encodeJSON(a.value)
	if style.Camel {
		a.raw = camelKeys(a.raw)
	}
	if style.Array && a.array {
		a.raw = append(append([]byte("["), a.raw...), ']')
	}
	return a.with("Content-Type", "application/json;charset=UTF-8")
}

// write sends the header and the first n bytes of the body.
func (a answer) write(w http.ResponseWriter, n int) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.raw)))
	w.WriteHeader(a.status)
	w.Write(a.raw[:n])
}

func encodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v) // of this package's own types: can't fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// camelKeys spells the keys of a JSON document as Kiva's .NET library expects
// them: camelCase, and activityName for activity.
func camelKeys(data []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	d.Decode(&v) // what encodeJSON wrote
	return encodeJSON(camelValue(v))
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

// plainJSON is an answer that no [keptStyle] changes.
func plainJSON(status int, v any) answer {
	return answer{status: status, raw: encodeJSON(v)}.with("Content-Type", "application/json")
}

func publicError(status int, code, message string) answer {
	return plainJSON(status, map[string]string{"code": "org.kiva." + code, "message": message})
}
