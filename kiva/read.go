package kiva

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	readTries    = 4
	readPatience = 3 * time.Minute // from the first try on; nothing is begun later
)

// read gets one resource and decodes it, tries again where that may help, and
// waits as long as Kiva asks.
func read[T any](ctx context.Context, c *Client, op string, address *url.URL, decode func([]byte) (T, error)) (T, error) {
	r := request{op: op, url: address}
	var last error
	try := func() (T, error) {
		var t T
		t, last = readOnce(ctx, c, r, decode)
		return t, retryDecision(last)
	}
	t, err := backoff.Retry(ctx, try,
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: 200 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 3, MaxInterval: 10 * time.Second,
		}),
		backoff.WithMaxTries(readTries),
		backoff.WithMaxElapsedTime(readPatience))
	switch {
	case err == nil:
		return t, nil
	case ctx.Err() != nil:
		return t, interrupted(last, context.Cause(ctx))
	}
	return t, last
}

func readOnce[T any](ctx context.Context, c *Client, r request, decode func([]byte) (T, error)) (t T, err error) {
	a, err := c.do(ctx, r)
	if err != nil {
		return t, err
	}
	if !a.ok() {
		return t, r.answered(a, "", nil)
	}
	if a.cut != nil {
		e := r.answered(a, "", fmt.Errorf("the answer was cut short: %w", a.cut))
		e.again = a.cut != errTooLong
		return t, e
	}
	if t, err = decode(a.body); err != nil {
		return t, r.answered(a, "", err)
	}
	return t, nil
}

// retryDecision tells backoff whether to try again, and when if Kiva said so.
func retryDecision(err error) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return err
	case !e.again:
		return backoff.Permanent(err)
	case e.RetryAfter > 0:
		return &backoff.RetryAfterError{Duration: e.RetryAfter}
	}
	return err
}

// interrupted adds to the last failure that the caller gave up waiting.
func interrupted(last, cause error) error {
	e, ok := errors.AsType[*Error](last)
	if !ok || !e.again || errors.Is(last, cause) {
		return last
	}
	cut := *e
	cut.Err = cause
	if e.Err != nil {
		cut.Err = fmt.Errorf("%w; before that: %w", cause, e.Err)
	}
	return &cut
}

// Activities lists the partner's activities.
func (c *Client) Activities(ctx context.Context) (Config[Activity], error) {
	return readConfig(ctx, c, "activities", decodeActivity)
}

// Themes lists the partner's themes.
func (c *Client) Themes(ctx context.Context) (Config[Theme], error) {
	return readConfig(ctx, c, "themes", decodeTheme)
}

// Locales lists the partner's locales.
func (c *Client) Locales(ctx context.Context) (Config[Locale], error) {
	return readConfig(ctx, c, "locales", decodeLocale)
}

// Locations lists the partner's locations.
func (c *Client) Locations(ctx context.Context) (Config[Location], error) {
	return readConfig(ctx, c, "locations", decodeLocation)
}

func readConfig[T any](ctx context.Context, c *Client, name string, item func(object) T) (Config[T], error) {
	return read(ctx, c, "config/"+name, c.url("partner", "config", name), func(body []byte) (Config[T], error) {
		return decodeConfig(body, name, item)
	})
}
