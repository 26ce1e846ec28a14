package sandbox

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxBody bounds the body of a request, photos included. Kiva's bound isn't
// documented.
const maxBody = 32 << 20

// A route is an endpoint of the API.
type route struct {
	endpoint string // its name in faults and counts
	method   string
	pattern  string
	open     bool   // needs no token
	prompt   bool   // answers without the latency
	scope    string // that the token must have; any token will do if empty
	handle   func(*call) decision
}

// A call is a request to the API whose body was read.
type call struct {
	*http.Request
	ID   string
	body []byte
}

// A decision answers a call by the state, and says what the call changes. A nil
// event changes nothing.
type decision func(*state) (answer, *event)

// reply decides for an answer without looking at the state.
func reply(a answer) decision {
	return func(*state) (answer, *event) { return a, nil }
}

func nothingHere(c *call) decision {
	return reply(refusal(http.StatusNotFound, "not_found", "there is nothing at "+c.URL.Path))
}

func (c *call) read(w http.ResponseWriter) (refused answer, ok bool) {
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 32 MiB"), false
	}
	if err != nil {
		return refusal(http.StatusBadRequest, "bad_request", "the body ended early"), false
	}
	return answer{}, true
}

// jsonBody is lenient about an absent content type, as Kiva is seen to be, and
// no further.
func jsonBody(r *http.Request) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return true
	}
	kind, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	return err == nil && strings.HasSuffix(kind, "json") && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
