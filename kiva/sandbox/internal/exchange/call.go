// Package exchange has the types of one exchange with the sandbox: the route,
// the call, the decision that answers it by the state, and the answer.
package exchange

import (
	"errors"
	"io"
	"kivaform/kiva/sandbox/internal/pa2"
	"mime"
	"net/http"
	"strings"
)

// MaxBody bounds a request's body, photos included, in bytes. Kiva documents no
// bound.
const MaxBody = 32 << 20

// A Route is an endpoint of the API.
type Route struct {
	Endpoint string // its name in faults and counts
	Method   string
	Pattern  string
	Open     bool   // needs no token
	Prompt   bool   // without the latency
	Scope    string // required of the token; empty: none
	Handle   func(*Call) Decision
}

// A Call is a request to the API with its body.
type Call struct {
	*http.Request
	ID   string
	Data []byte
}

// A Decision answers a call by the state, and returns the change as an event, or
// nil for no change.
type Decision func(*pa2.State) (Answer, *pa2.Event)

// Reply returns a Decision with a fixed answer.
func Reply(a Answer) Decision {
	return func(*pa2.State) (Answer, *pa2.Event) { return a, nil }
}

// NothingHere answers a call to an unknown address.
func NothingHere(c *Call) Decision {
	return Reply(Refusal(http.StatusNotFound, "not_found", "there is nothing at "+c.URL.Path))
}

// Read reads the body into c.Data, or returns a refusal.
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

// HasJSONBody reports whether the content type is JSON or absent; Kiva was
// observed to accept an absent one.
func HasJSONBody(r *http.Request) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return true
	}
	kind, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	return err == nil && strings.HasSuffix(kind, "json") && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
