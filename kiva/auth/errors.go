package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ErrNoNewToken reports that a refused token was not replaced.
var ErrNoNewToken = errors.New("no other token can be had")

const support = "partnersupport@kiva.org"

// A CredentialsError reports a missing client id or client secret.
type CredentialsError struct{ NoID, NoSecret bool }

// Error names the missing value, and where to find both. Source: Kiva's page
// "Using production environment".
func (e *CredentialsError) Error() string {
	what := "client id and no client secret"
	switch {
	case !e.NoSecret:
		what = "client id"
	case !e.NoID:
		what = "client secret"
	}
	return "no " + what + ": set KIVA_CLIENT_ID and KIVA_CLIENT_SECRET, " +
		"found in PA2 > Account > API Access > Access API Information"
}

// A MissingScopeError reports that Kiva granted less than requested.
type MissingScopeError struct{ Missing, Granted []string }

// Error names the missing scopes and the remedy.
func (e *MissingScopeError) Error() string {
	granted := strings.Join(e.Granted, " ")
	if granted == "" {
		granted = "nothing"
	}
	return fmt.Sprintf("Kiva grants this client id no %s (it grants %s); ask %s to grant it",
		strings.Join(e.Missing, ", no "), cleanText(granted, 300), support)
}

// A PartnerError reports that the token is for another partner than the
// workspace.
type PartnerError struct{ Want, Got string }

// Error names both partners and the remedy.
func (e *PartnerError) Error() string {
	return fmt.Sprintf("kiva.yaml says partner_id %s, the token is for %s; use the client id and secret of %[1]s, or correct partner_id",
		e.Want, cleanText(e.Got, 40))
}

// A TokenError is a failed request to a token endpoint. It contains neither the
// client secret nor a token, even if the server repeats them.
type TokenError struct {
	TokenURL    string
	Status      int           // HTTP status; 0 for no answer
	Code        string        // OAuth's error code, if the answer has one
	Description string        // the server's message, if there is one
	RetryAfter  time.Duration // from the answer; 0 if it has none
	Body        string        // at most 2 KiB; empty for 2xx
	Err         error         // the cause, if it isn't the answer
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// Error describes the failure and the remedy.
func (e *TokenError) Error() string {
	b := e.explainCode()
	if e.Code != "" {
		b += ": " + e.Code
	}
	if e.Description != "" {
		b += ": " + e.Description
	}
	return b
}

func (e *TokenError) explainCode() string {
	switch {
	case errors.Is(e.Err, context.DeadlineExceeded):
		return "no token: no answer in time from " + e.TokenURL
	case e.Err != nil:
		return fmt.Sprintf("no token from %s: %v", e.TokenURL, e.Err)
	case e.Code == "invalid_scope":
		return "Kiva doesn't know a scope that was asked for, or doesn't grant it; ask " + support
	case e.Code == "invalid_client", e.Status == http.StatusUnauthorized:
		return "Kiva doesn't accept this client id and secret for " + e.TokenURL +
			"; staging and production have different ones"
	case e.Code == "unauthorized_client", e.Code == "access_denied", e.Status == http.StatusForbidden:
		return "Kiva gives this client id no token at " + e.TokenURL + "; check the audience, then ask " + support
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf("%s takes no more requests for the next %v", e.TokenURL, e.RetryAfter.Round(time.Second))
	}
	return e.statusMeaning()
}

func (e *TokenError) statusMeaning() string {
	answered := strings.TrimSpace(fmt.Sprintf("%s answered %d %s", e.TokenURL, e.Status, http.StatusText(e.Status)))
	switch {
	case e.Status == http.StatusBadRequest:
		return answered + "; check the token URL and the audience"
	case e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed:
		return answered + "; check the token URL"
	case e.Status/100 == 3:
		return answered + ", and a redirect isn't followed; check the token URL"
	}
	return answered
}

// mayRetry reports whether the same request may succeed later.
func (e *TokenError) mayRetry() bool {
	return e.Status == 0 || e.Status == http.StatusTooManyRequests || e.Status >= 500
}
