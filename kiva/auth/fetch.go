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
	maxWait   = 90 * time.Second // for all of them; long enough to wait for a limit by the minute
)

// transport keeps no connection open: a run requests a token once or twice.
var transport = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}()

// requestToken requests a token, and retries passing failures. A token request
// changes nothing at Kiva, so repeating it is safe.
func (s *Source) requestToken(ctx context.Context) *answer {
	a, err := backoff.Retry(ctx, func() (*answer, error) { return s.tryOnce(ctx) },
		backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(maxWait))
	if err == nil {
		return a
	}
	var failed *TokenError
	if !errors.As(err, &failed) {
		return &answer{err: err}
	}
	return &answer{err: failed, keep: !failed.mayRetry(), until: time.Now().Add(patience)}
}

// tryOnce makes one request and converts a failure to an error of package backoff.
func (s *Source) tryOnce(ctx context.Context) (*answer, error) {
	a, err := s.sendRequest(ctx)
	switch {
	case err == nil:
		return a, nil
	case !err.mayRetry():
		return nil, backoff.Permanent(err)
	case err.RetryAfter > 0:
		return nil, errors.Join(err, &backoff.RetryAfterError{Duration: err.RetryAfter})
	}
	return nil, err
}

func (s *Source) sendRequest(ctx context.Context) (*answer, *TokenError) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	rec := &recorder{userAgent: s.config.UserAgent, next: s.config.Watch.wrap(transport)}
	client := &http.Client{Transport: rec, CheckRedirect: refuseRedirect}
	sent := time.Now()
	tok, err := s.config.clientCredentials().Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return nil, s.newTokenError(err, rec)
	}
	a, err := s.config.readAnswer(tok, rec.body, sent)
	if err != nil {
		return nil, &TokenError{TokenURL: s.config.TokenURL, Status: rec.status, Err: err}
	}
	return a, nil
}

// clientCredentials describes the request. By default the library would try both
// places for the credentials, and spend a request on it.
func (c *Config) clientCredentials() *clientcredentials.Config {
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

// newTokenError replaces the library's errors, which quote the body, by one that
// is safe to show.
func (s *Source) newTokenError(err error, rec *recorder) *TokenError {
	e := &TokenError{TokenURL: s.config.TokenURL, Status: rec.status}
	var refused *oauth2.RetrieveError
	switch {
	case len(rec.body) > maxAnswer && rec.status < 300:
		e.Err = errTooLarge
	case errors.As(err, &refused):
		e.Code = s.scrubText(refused.ErrorCode, 100)
		e.Description = s.scrubText(refused.ErrorDescription, 300)
		e.RetryAfter = retryAfter(refused.Response.Header.Get("Retry-After"))
		if rec.status >= 300 { // a success may have a token anywhere
			e.Body = s.scrubText(string(rec.body), 2<<10)
		}
	case rec.status != 0:
		e.Err = errNoToken
	default:
		e.Err = s.scrubError(err)
	}
	return e
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// retryAfter parses seconds or a date; anything else is zero.
func retryAfter(header string) time.Duration {
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

// A recorder is the transport of one token request. It bounds and keeps the
// answer, because the library parses its numbers as floats.
type recorder struct {
	userAgent string
	next      http.RoundTripper
	status    int    // zero until a whole answer was read
	body      []byte // one byte more than maxAnswer if it is longer
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
	// The library parses text/plain as a query string; RFC 6749 has JSON only.
	resp.Header.Set("Content-Type", "application/json")
	return resp, nil
}
