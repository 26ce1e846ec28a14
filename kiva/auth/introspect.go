package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Introspected is a server's answer about a token. Source: RFC 7662.
type Introspected struct {
	Active   bool      // if false, all else is empty
	Scopes   []string  // may be empty
	ClientID string    // may be empty
	Expires  time.Time // zero if the server doesn't say
}

// Introspect asks a server whether this source's token is valid, with the
// source's client id and secret. The address is that of [Metadata]. Kiva has
// none.
func (s *Source) Introspect(ctx context.Context, address string) (*Introspected, error) {
	if err := checkURL(address); err != nil {
		return nil, fmt.Errorf("auth: introspection: %w", err)
	}
	token, err := s.Token(ctx)
	if err != nil {
		return nil, err
	}
	req, err := s.newIntrospection(ctx, address, token)
	if err != nil {
		return nil, err
	}
	var said struct {
		Active   bool   `json:"active"`
		Scope    scopes `json:"scope"`
		ClientID text   `json:"client_id"`
		Expires  text   `json:"exp"`
	}
	if err := doJSON(req, s.config.Watch, &said); err != nil {
		return nil, s.introspectionError(err)
	}
	if !said.Active {
		return &Introspected{}, nil
	}
	expires, _ := numericDate(said.Expires)
	return &Introspected{true, slices.Clone(said.Scope), string(said.ClientID), expires}, nil
}

func (s *Source) newIntrospection(ctx context.Context, address, token string) (*http.Request, error) {
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	if !s.config.BasicAuth {
		form.Set("client_id", s.config.ClientID)
		form.Set("client_secret", s.config.ClientSecret.Reveal())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.config.BasicAuth { // both escaped first: RFC 6749, 2.3.1
		req.SetBasicAuth(url.QueryEscape(s.config.ClientID), url.QueryEscape(s.config.ClientSecret.Reveal()))
	}
	if s.config.UserAgent != "" {
		req.Header.Set("User-Agent", s.config.UserAgent)
	}
	return req, nil
}

func (s *Source) introspectionError(err error) error {
	var status *statusError
	if errors.As(err, &status) && (status.status == http.StatusUnauthorized || status.status == http.StatusForbidden) {
		return fmt.Errorf("auth: introspect: %w; this client id may not introspect", err)
	}
	return fmt.Errorf("auth: introspect: %w", s.scrubError(err))
}
