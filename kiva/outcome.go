package kiva

import (
	"errors"
	"net/http"
)

// An Outcome is how a write ended, judged by what really happened on the
// connection and not by the text of an error.
type Outcome string

// How a write can end.
const (
	// Accepted: 2xx with a body that makes sense.
	Accepted Outcome = "accepted"
	// Rejected: Kiva looked at the request and refused it (400, 401, 403,
	// 404, 405, 413, 415, 422). It may be sent again when mended.
	Rejected Outcome = "rejected"
	// Refused: not looked at (429, or 503 with Retry-After). The same
	// request may be sent again after the wait.
	Refused Outcome = "refused"
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

// outcomeOfStatus judges a write that was answered. Accepted still depends on
// the body. A 408 or 409 stays unknown: either may come from a proxy after
// Kiva took the request, or because it did.
func outcomeOfStatus(status int, retryAfter bool) Outcome {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return Rejected
	case http.StatusTooManyRequests:
		return Refused
	case http.StatusServiceUnavailable:
		if retryAfter {
			return Refused
		}
	}
	if status >= 200 && status <= 299 {
		return Accepted
	}
	return Unknown
}

// outcomeUnanswered judges a write to which no answer came.
func outcomeUnanswered(written bool) Outcome {
	if written {
		return Unknown
	}
	return NotSent
}
