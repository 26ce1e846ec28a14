package session

import (
	"log/slog"
	"net/http"
	"time"
)

// Transport returns what each request of the program passes: the check of its
// host, and the log, if that is wanted.
func (a *App) Transport() func(http.RoundTripper) http.RoundTripper {
	hosts, _ := a.hosts() // a list that can't be read allows Kiva's hosts alone
	if !a.Verbose {
		return hosts.Over
	}
	log := slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return func(next http.RoundTripper) http.RoundTripper { return requestLog{hosts.Over(next), log} }
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
