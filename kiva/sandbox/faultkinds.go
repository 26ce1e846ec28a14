package sandbox

import (
	"fmt"
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"strconv"
	"time"
)

// A faultKind is a way in which a request fails.
type faultKind struct {
	name, meaning string

	early     bool // the request isn't read
	processed bool // the request is carried out
	delay     time.Duration
	// instead makes the answer; nil keeps the server's own.
	instead func(*exchange.Call) exchange.Answer
	// deliver sends the answer; nil writes it as usual.
	deliver func(http.ResponseWriter, *http.Request, exchange.Answer)
}

var noFault = &faultKind{processed: true}

// faultKinds covers every way in which a write can fail.
var faultKinds = append([]*faultKind{
	{name: "refuse", meaning: "closes the connection without reading the request", early: true, instead: answerNothing, deliver: dropConnection},
	{name: "drop-before", meaning: "reads the request, does nothing, closes the connection", instead: answerNothing, deliver: dropConnection},
	{name: "drop-after", meaning: "carries the request out, closes the connection without an answer", processed: true, instead: answerNothing, deliver: dropConnection},
	{name: "timeout-before", meaning: "reads the request, does nothing, never answers", instead: answerNothing, deliver: hangConnection},
	{name: "timeout-after", meaning: "carries the request out, never answers", processed: true, instead: answerNothing, deliver: hangConnection},
	{name: "truncate", meaning: "carries the request out, closes the connection in the middle of the answer", processed: true, deliver: truncateAnswer},
	{name: "garbage", meaning: "carries the request out, answers 200 with HTML", processed: true, instead: answerHTML(200)},
	{name: "empty", meaning: "carries the request out, answers 200 without a body", processed: true, instead: answerEmpty},
	{name: "slow", meaning: "carries the request out, answers after 5s, or as slow=500ms says", processed: true, delay: 5 * time.Second},
	{name: "redirect", meaning: "does nothing, answers 307 to another address", instead: answerRedirect},
	{name: "redirect-after", meaning: "carries the request out, answers 307 to another address", processed: true, instead: answerRedirect},
	{name: "429", meaning: "does nothing, answers 429 with Retry-After: 1", instead: answerRetryAfter(429)},
	{name: "503-retry", meaning: "does nothing, answers 503 with Retry-After: 1", instead: answerRetryAfter(503)},
	{name: "503-after", meaning: "carries the request out, answers 503 with Retry-After: 1", processed: true, instead: answerRetryAfter(503)},
	{name: "cache-after", meaning: "carries the request out, answers as a cache: 503 with HTML and Retry-After: 5", processed: true, instead: answerAsCache},
	{name: "502", meaning: "does nothing, answers 502 with HTML", instead: answerHTML(502)},
	{name: "500-after", meaning: "carries the request out, answers 500", processed: true, instead: answerStatus(500)},
	{name: "502-after", meaning: "carries the request out, answers 502 with HTML", processed: true, instead: answerHTML(502)},
	{name: "504-after", meaning: "carries the request out, answers 504 with HTML", processed: true, instead: answerHTML(504)},
	{name: "403-page", meaning: "does nothing, answers as a filter: 403 with HTML", instead: answerHTML(403)},
	{name: "403-after", meaning: "carries the request out, answers as a filter: 403 with HTML", processed: true, instead: answerHTML(403)},
	{name: "403-token", meaning: "does nothing, answers 403 that names the error invalid_token", instead: answerInvalidToken},
}, plainKinds(400, 401, 403, 404, 405, 413, 415, 422, 500, 503)...)

func plainKinds(statuses ...int) (kinds []*faultKind) {
	for _, status := range statuses {
		kinds = append(kinds, &faultKind{
			name: strconv.Itoa(status), meaning: fmt.Sprintf("does nothing, answers %d", status), instead: answerStatus(status),
		})
	}
	return kinds
}

// replaceAnswer returns the answer to send in place of a.
func (k *faultKind) replaceAnswer(c *exchange.Call, a exchange.Answer) exchange.Answer {
	if k.instead == nil {
		return a
	}
	return k.instead(c)
}

// deliverAnswer delivers the answer.
func (k *faultKind) deliverAnswer(w http.ResponseWriter, r *http.Request, a exchange.Answer) {
	if k.deliver == nil {
		a.Write(w, len(a.Raw))
		return
	}
	k.deliver(w, r, a)
}

func answerNothing(*exchange.Call) exchange.Answer { return exchange.Answer{} }
func answerEmpty(*exchange.Call) exchange.Answer   { return exchange.Answer{Status: http.StatusOK} }

func answerStatus(status int) func(*exchange.Call) exchange.Answer {
	return func(*exchange.Call) exchange.Answer {
		return exchange.Refusal(status, "fault", "the sandbox was asked to fail")
	}
}

func answerRetryAfter(status int) func(*exchange.Call) exchange.Answer {
	return func(c *exchange.Call) exchange.Answer { return answerStatus(status)(c).With("Retry-After", "1") }
}

// answerAsCache answers as Varnish does where its backend doesn't.
func answerAsCache(c *exchange.Call) exchange.Answer {
	return answerHTML(503)(c).With("Retry-After", "5").With("Server", "Varnish").With("Via", "1.1 varnish")
}

// answerInvalidToken refuses the token as RFC 6750, section 3.1, says.
func answerInvalidToken(c *exchange.Call) exchange.Answer {
	return answerStatus(403)(c).With("WWW-Authenticate", `Bearer realm="kiva", error="invalid_token", error_description="the token has expired"`)
}

func answerHTML(status int) func(*exchange.Call) exchange.Answer {
	return func(*exchange.Call) exchange.Answer {
		html := fmt.Sprintf("<html><head><title>%[1]d</title></head><body><h1>%[1]d</h1></body></html>\n", status)
		return exchange.Answer{Status: status, Raw: []byte(html)}.With("Content-Type", "text/html")
	}
}

// answerRedirect redirects to an address that counts as "other", so that a
// client's following it shows.
func answerRedirect(c *exchange.Call) exchange.Answer {
	return exchange.Answer{Status: http.StatusTemporaryRedirect}.With("Location", exchange.BaseURL(c.Request)+"/elsewhere"+c.URL.Path)
}

// dropConnection closes the connection: net/http does so for this panic.
func dropConnection(http.ResponseWriter, *http.Request, exchange.Answer) { panic(http.ErrAbortHandler) }

func hangConnection(w http.ResponseWriter, r *http.Request, a exchange.Answer) {
	<-r.Context().Done()
	dropConnection(w, r, a)
}

func truncateAnswer(w http.ResponseWriter, r *http.Request, a exchange.Answer) {
	a.Write(w, len(a.Raw)/2)
	http.NewResponseController(w).Flush()
	dropConnection(w, r, a)
}
