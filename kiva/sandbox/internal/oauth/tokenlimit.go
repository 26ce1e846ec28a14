package oauth

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A tokenLimit bounds a server's token requests a minute, of all clients
// together.
type tokenLimit struct {
	perMinute int // no limit if zero

	mu    sync.Mutex
	times []time.Time // of the last accepted requests
}

// takeSlot returns a refusal if there were too many requests.
func (l *tokenLimit) takeSlot(now time.Time) (refused exchange.Answer, ok bool) {
	if l.perMinute <= 0 {
		return exchange.Answer{}, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.times) > 0 && now.Sub(l.times[0]) >= time.Minute {
		l.times = l.times[1:]
	}
	if len(l.times) < l.perMinute {
		l.times = append(l.times, now)
		return exchange.Answer{}, true
	}
	wait := time.Minute - now.Sub(l.times[0])
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return RefuseToken(http.StatusTooManyRequests, "temporarily_unavailable", "too many token requests").With("Retry-After", seconds), false
}
