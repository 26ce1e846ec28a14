package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	maxAnswer = 64 << 10         // bytes of an answer; Kiva's have about one KiB
	maxTries  = 4                // requests for one token
	maxWait   = 90 * time.Second // for all of them; a limit by the minute can be waited for
)

// transport keeps no connection open: a run asks for a token once or twice.
var transport = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}()

// fetch asks for a token, again where asking again may help. A token request
// changes nothing at Kiva, so repeating it is safe.
func (s *Source) fetch(ctx context.Context) *answer {
	a, err := backoff.Retry(ctx, func() (*answer, error) { return s.try(ctx) },
		backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(maxWait))
	if err == nil {
		return a
	}
	var failed *TokenError
	if !errors.As(err, &failed) {
		return &answer{err: err}
	}
	return &answer{err: failed, keep: !failed.passing(), until: time.Now().Add(patience)}
}

// try asks once and says in backoff's words what to do about a failure.
func (s *Source) try(ctx context.Context) (*answer, error) {
	a, err := s.ask(ctx)
	switch {
	case err == nil:
		return a, nil
	case !err.passing():
		return nil, backoff.Permanent(err)
	case err.RetryAfter > 0:
		return nil, errors.Join(err, &backoff.RetryAfterError{Duration: err.RetryAfter})
	}
	return nil, err
}

func (s *Source) ask(ctx context.Context) (*answer, *TokenError) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	rec := &recorder{userAgent: s.config.UserAgent, next: s.config.Watch.over(transport)}
	client := &http.Client{Transport: rec, CheckRedirect: refuseRedirect}
	sent := time.Now()
	tok, err := s.config.exchange().Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return nil, s.failure(err, rec)
	}
	a, err := s.config.read(tok, rec.body, sent)
	if err != nil {
		return nil, &TokenError{TokenURL: s.config.TokenURL, Status: rec.status, Err: err}
	}
	return a, nil
}

// exchange describes the request. The library would otherwise try both places
// for the credentials, and spend a request on it.
func (c *Config) exchange() *clientcredentials.Config {
	e := &clientcredentials.Config{
		TokenURL:     c.TokenURL,
		ClientID:     c.ClientID,
		ClientSecret: c.ClientSecret.Reveal(),
		Scopes:       c.Scopes,
		AuthStyle:    oauth2.AuthStyleInParams,
	}
	if c.BasicAuth {
		e.AuthStyle = oauth2.AuthStyleInHeader
	}
	e.EndpointParams = url.Values{}
	for name, value := range map[string]string{"audience": c.Audience, "resource": c.Resource} {
		if value != "" {
			e.EndpointParams.Set(name, value)
		}
	}
	return e
}

// failure turns the library's errors into one that is safe to show. Theirs
// quote the body.
func (s *Source) failure(err error, rec *recorder) *TokenError {
	e := &TokenError{TokenURL: s.config.TokenURL, Status: rec.status}
	var refused *oauth2.RetrieveError
	switch {
	case len(rec.body) > maxAnswer && rec.status < 300:
		e.Err = errTooLarge
	case errors.As(err, &refused):
		e.Code = s.scrub(refused.ErrorCode, 100)
		e.Description = s.scrub(refused.ErrorDescription, 300)
		e.RetryAfter = retryAfter(refused.Response.Header.Get("Retry-After"))
		if rec.status >= 300 { // a success may hold a token anywhere
			e.Body = s.scrub(string(rec.body), 2<<10)
		}
	case rec.status != 0:
		e.Err = errNoToken
	default:
		e.Err = s.scrubError(err)
	}
	return e
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// retryAfter reads seconds or a date; anything else is zero.
func retryAfter(header string) time.Duration {
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

// A recorder is the transport of one token request. It bounds the answer and
// keeps it, because the library reads every number of it as a float.
type recorder struct {
	userAgent string
	next      http.RoundTripper
	status    int    // zero until a whole answer was read
	body      []byte // one byte more than maxAnswer where it is longer
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	if r.userAgent != "" {
		req.Header.Set("User-Agent", r.userAgent)
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return nil, err
	}
	r.status = resp.StatusCode
	resp.Body = io.NopCloser(bytes.NewReader(r.body))
	// The library takes text/plain for a query string; RFC 6749 knows JSON only.
	resp.Header.Set("Content-Type", "application/json")
	return resp, nil
}
