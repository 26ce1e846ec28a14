// Package exchange holds one exchange with the sandbox: the route, the call, the
// decision that answers it by the state, and the answer.
package exchange

import (
	"errors"
	"io"
	"kivaform/kiva/sandbox/internal/pa2"
	"mime"
	"net/http"
	"strings"
)

// maxBody bounds the body of a request, photos included. Kiva's bound isn't
// documented.
const MaxBody = 32 << 20

// A Route is an endpoint of the API.
type Route struct {
	Endpoint string // its name in faults and counts
	Method   string
	Pattern  string
	Open     bool   // needs no token
	Prompt   bool   // answers without the latency
	Scope    string // that the token must have; any token will do if empty
	Handle   func(*Call) Decision
}

// A Call is a request to the API whose body was read.
type Call struct {
	*http.Request
	ID   string
	Data []byte
}

// A Decision answers a call by the state, and returns the change as an event. A
// nil event changes nothing.
type Decision func(*pa2.State) (Answer, *pa2.Event)

// Reply decides for an answer without looking at the state.
func Reply(a Answer) Decision {
	return func(*pa2.State) (Answer, *pa2.Event) { return a, nil }
}

// NothingHere answers a call to an address that the sandbox lacks.
func NothingHere(c *Call) Decision {
	return Reply(Refusal(http.StatusNotFound, "not_found", "there is nothing at "+c.URL.Path))
}

// Read reads the body into c.Data. It returns a refusal where that can't be done.
func (c *Call) Read(w http.ResponseWriter) (refused Answer, ok bool) {
	var err error
	c.Data, err = io.ReadAll(http.MaxBytesReader(w, c.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return Refusal(http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 32 MiB"), false
	}
	if err != nil {
		return Refusal(http.StatusBadRequest, "bad_request", "the body ended early"), false
	}
	return Answer{}, true
}

// HasJSONBody is lenient about an absent content type, as Kiva is seen to be, and
// no further.
func HasJSONBody(r *http.Request) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return true
	}
	kind, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	return err == nil && strings.HasSuffix(kind, "json") && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
