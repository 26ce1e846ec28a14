package main

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"
)

// watch returns what logs the requests of a client, nil where nobody wants to
// see them.
func (a *app) watch() func(http.RoundTripper) http.RoundTripper {
	if !a.verbose {
		return nil
	}
	log := slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return func(next http.RoundTripper) http.RoundTripper { return requestLog{next, log} }
}

// watched returns a client whose requests are logged, if that is wanted.
func (a *app) watched(c *http.Client) *http.Client {
	watch := a.watch()
	if watch == nil {
		return c
	}
	logged := http.Client{}
	if c != nil {
		logged = *c
	}
	logged.Transport = watch(cmp.Or(logged.Transport, http.DefaultTransport))
	return &logged
}

// A requestLog logs each request that passes, so that a request which is tried
// again has a line each time: its method and path, how it was answered, and
// after how long. Queries, headers and bodies aren't logged: they hold tokens,
// names and texts.
type requestLog struct {
	next http.RoundTripper
	log  *slog.Logger
}

func (l requestLog) RoundTrip(r *http.Request) (*http.Response, error) {
	begun := time.Now()
	answer, err := l.next.RoundTrip(r)
	log := l.log.With("method", r.Method, "host", r.URL.Host, "path", r.URL.Path, "took", time.Since(begun).Round(time.Millisecond))
	switch {
	case err != nil:
		log.Debug("request", "error", err)
	case answer.Header.Get("Retry-After") != "":
		log.Debug("request", "status", answer.StatusCode, "retry_after", answer.Header.Get("Retry-After"))
	default:
		log.Debug("request", "status", answer.StatusCode)
	}
	return answer, err
}
