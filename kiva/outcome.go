package kiva

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
)

// An Outcome is how a write ended, judged by what really happened on the
// connection and not by the text of an error.
type Outcome string

// How a write can end.
const (
	// Accepted: 2xx with a body that makes sense.
	Accepted Outcome = "accepted"
	// Rejected: Kiva looked at the request and refused it (400, 401, 404, 405,
	// 413, 415, 422, and 403 in the API's own form). It may be sent again when
	// mended.
	Rejected Outcome = "rejected"
	// Throttled: not looked at (429). The same request may be sent again after
	// the wait.
	Throttled Outcome = "throttled"
	// NotSent: no byte of the request was written. It may be sent again.
	NotSent Outcome = "not-sent"
	// Unknown: everything else. Only a person may decide to send it again.
	Unknown Outcome = "unknown"
)

// OutcomeOf says how the write that returned err ended: [Accepted] for nil,
// the outcome of an [*Error], and [NotSent] for anything else, which never
// left this program.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Accepted
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return NotSent
}

// outcomeOfAnswer judges a write that was answered. Accepted still depends on
// the body. A 408, 409 or 503 stays unknown: each may come from a proxy or a
// cache after Kiva took the request, or because it did. So may a 403 that isn't
// in the API's form: filters judge answers, too.
func outcomeOfAnswer(a answer) Outcome {
	switch a.status {
	case http.StatusForbidden:
		if !a.isForbiddenByAPI() {
			return Unknown
		}
		return Rejected
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return Rejected
	case http.StatusTooManyRequests:
		return Throttled
	}
	if a.ok() {
		return Accepted
	}
	return Unknown
}

// isForbiddenByAPI reports whether a 403 is the API's own: its body is a complaint
// in JSON, or it names an error of the token (RFC 6750, section 3).
func (a answer) isForbiddenByAPI() bool {
	code, message := readComplaint(a.body)
	return code != "" || message != "" || slices.ContainsFunc(a.header.Values("WWW-Authenticate"), tokenError.MatchString)
}

// refusesToken reports whether an answer says that a token isn't good any more,
// so that the request may be sent with another one. Any 401 does. A 403 must name
// the error invalid_token (RFC 6750, section 3.1) where the request is a write:
// filters and caches answer 403 after the API has taken a request.
func (r request) refusesToken(a answer) bool {
	switch a.status {
	case http.StatusUnauthorized:
		return true
	case http.StatusForbidden:
		return !r.isWrite() || slices.ContainsFunc(a.header.Values("WWW-Authenticate"), invalidToken.MatchString)
	}
	return false
}

var (
	tokenError   = regexp.MustCompile(`(?i)^\s*bearer\b.*\berror\s*=`)
	invalidToken = regexp.MustCompile(`(?i)\bbearer\b.*\berror\s*=\s*"?invalid_token\b`)
)

// outcomeUnanswered judges a write to which no answer came.
func outcomeUnanswered(written bool) Outcome {
	if written {
		return Unknown
	}
	return NotSent
}
