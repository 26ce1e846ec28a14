package oauth

import (
	"bytes"
	"cmp"
	"html/template"
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// consentTemplate is the page that asks the lender.
var consentTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("consent").Parse(consentHTML)) })

const consentHTML = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;padding:.5rem 1.25rem;margin-right:.75rem}code{font-size:1.5rem;letter-spacing:.1em}</style>
<h1>{{.Title}}</h1>
{{with .Code}}<p>Type this code into the program that asked for it. It is good for 30 minutes.</p>
<p><code id="code">{{.}}</code></p>{{end}}
{{if .Ask}}<p><b>{{.App}}</b> asks to see your account (scope: {{.Scope}}). You can take this back at any time.</p>
<form method="post"><button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>{{end}}
<p><small>This is kivaform's sandbox, a simulation. The lender is invented.</small></p>
</html>
`

type consentView struct {
	Title, App, Scope, Code string
	Ask                     bool
}

func consentPage(status int, v consentView) exchange.Decision {
	var b bytes.Buffer
	if err := consentTemplate().Execute(&b, v); err != nil {
		return exchange.Reply(exchange.Refusal(http.StatusInternalServerError, "internal", err.Error()))
	}
	a := exchange.Answer{Status: status, Raw: b.Bytes()}
	return exchange.Reply(a.With("Content-Type", "text/html; charset=utf-8").With("X-Frame-Options", "DENY").
		With("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"))
}

// authorizePage asks the lender, and handles the answer.
func (s *Server) authorizePage(c *exchange.Call) exchange.Decision {
	q := c.URL.Query()
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	l := s.logins.open[q.Get("oauth_token")]
	wrong := func(title string) exchange.Decision {
		return consentPage(http.StatusBadRequest, consentView{Title: title})
	}
	switch {
	case q.Get("client_id") != ConsumerKey || q.Get("response_type") != "code":
		return wrong("This application isn't known")
	case l == nil || l.verifier != "":
		return wrong("This request has ended")
	case q.Get("oauth_callback") != l.callback:
		return wrong("The address to return to isn't the one that was registered")
	}
	l.scope = cmp.Or(q.Get("scope"), "access")
	if c.Method != http.MethodPost {
		return consentPage(http.StatusOK, consentView{Title: "Let a program in?", App: ConsumerKey, Scope: l.scope, Ask: true})
	}
	form, _ := url.ParseQuery(string(c.Data))
	return s.endLogin(l, q, form.Get("answer") == "allow")
}

// endLogin redirects the lender to the callback, with a code or an error. The
// caller holds the lock.
func (s *Server) endLogin(l *login, q url.Values, allowed bool) exchange.Decision {
	back := url.Values{"oauth_token": {q.Get("oauth_token")}, "scope": {l.scope}}
	if allowed {
		l.verifier, l.agreed = newVerifier(), time.Now()
		back.Set("oauth_verifier", l.verifier)
	} else {
		delete(s.logins.open, q.Get("oauth_token"))
		back = url.Values{"error": {"access_denied"}, "error_description": {"the lender said no"}}
	}
	if state := q.Get("state"); state != "" {
		back.Set("state", state)
	}
	switch {
	case l.callback != "oob":
		u, _ := url.Parse(l.callback) // checked when the login began
		u.RawQuery = back.Encode()
		return exchange.Reply(exchange.Answer{Status: http.StatusSeeOther}.With("Location", u.String()))
	case !allowed:
		return consentPage(http.StatusOK, consentView{Title: "The program was not let in"})
	}
	return consentPage(http.StatusOK, consentView{Title: "The program may come in", Code: l.verifier})
}
