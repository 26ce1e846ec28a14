// Package oauth1 gives a program access to a lender's private resources of
// Kiva's public API, by OAuth 1.0a. The Partner API doesn't use it.
//
// A login: [App.Begin] gets a request token, the lender agrees on the page of
// [Login.Page], and [Login.Finish] exchanges the code, which the lender is shown
// or the callback receives, for an access token. Source: Kiva's guide "OAuth" of
// build.kiva.org.
package oauth1

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/dghubble/oauth1"
)

// OutOfBand is the callback of a program into which the lender types the code.
const OutOfBand = "oob"

// An App is a program registered with Kiva. Kiva also calls the key client id,
// consumer key and app id.
type App struct {
	Key    string
	Secret string // never printed: see Format
	APIURL string // the token endpoints, such as https://api.kivaws.org
	Site   string // the site of the consent page, such as https://www.kiva.org

	// Watch wraps the transport of all requests, to log them or to refuse some.
	// The wrapper must pass a request on once and unchanged, or not at all. May
	// be nil.
	Watch func(http.RoundTripper) http.RoundTripper
}

// Format writes the key for every verb: the default would print the secret for
// some.
func (a App) Format(f fmt.State, _ rune) { io.WriteString(f, "app "+a.Key) }

// A Token gives access until it expires or the lender revokes it.
type Token struct {
	Token  string `json:"oauth_token"`
	Secret string `json:"oauth_token_secret"`
	Scope  string `json:"scope"`
}

// Format writes "redacted" for every verb.
func (t Token) Format(f fmt.State, _ rune) { io.WriteString(f, "redacted") }

// A Login is an unfinished login: the lender has yet to agree.
type Login struct {
	app           App
	callback      string
	token, secret string
}

const (
	requestTime = 30 * time.Second
	maxAnswer   = 64 << 10 // bytes
)

// Begin gets a request token. The callback is [OutOfBand] or an address to which
// the lender's browser is redirected.
func (a App) Begin(ctx context.Context, callback string) (*Login, error) {
	if a.Key == "" || a.Secret == "" {
		return nil, errors.New("oauth1: the app's key and secret are needed")
	}
	for _, address := range []string{a.APIURL, a.Site} {
		if err := checkURL(address); err != nil {
			return nil, fmt.Errorf("oauth1: %w", err)
		}
	}
	x := a.newExchange(ctx)
	token, secret, err := x.oauthConfig(callback).RequestToken()
	if err != nil {
		return nil, fmt.Errorf("oauth1: request token: %w", x.replaceError(err))
	}
	return &Login{app: a, callback: callback, token: token, secret: secret}, nil
}

// checkURL refuses addresses without encryption, except on loopback.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return fmt.Errorf("%q isn't an address", address)
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%q: only https is allowed", address)
}

// Page returns the page on which the lender agrees to scopes, "access" by
// default. The callback receives the state, which distinguishes this login from
// others.
func (l *Login) Page(state string, scopes ...string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {l.app.Key}, "oauth_callback": {l.callback}, "oauth_token": {l.token},
	}
	if len(scopes) > 0 {
		q.Set("scope", strings.Join(scopes, ","))
	}
	if state != "" {
		q.Set("state", state)
	}
	return strings.TrimSuffix(l.app.Site, "/") + "/oauth/authorize?" + q.Encode()
}

// Finish exchanges the lender's code, which is valid once: after a failure,
// begin a new login.
func (l *Login) Finish(ctx context.Context, verifier string) (Token, error) {
	x := l.app.newExchange(ctx)
	token, secret, err := x.oauthConfig(l.callback).AccessToken(l.token, l.secret, strings.TrimSpace(verifier))
	if err != nil {
		return Token{}, fmt.Errorf("oauth1: access token: %w", x.replaceError(err))
	}
	return Token{Token: token, Secret: secret, Scope: x.said.Scope}, nil
}

// Client returns a client that signs requests for the app and the token.
func (a App) Client(t Token) *http.Client {
	watched := &http.Client{Transport: a.wrapTransport(http.DefaultTransport)}
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, watched)
	return oauth1.NewConfig(a.Key, a.Secret).Client(ctx, oauth1.NewToken(t.Token, t.Secret))
}

// wrapTransport wraps a transport with Watch.
func (a App) wrapTransport(t http.RoundTripper) http.RoundTripper {
	if a.Watch == nil {
		return t
	}
	return a.Watch(t)
}

// An exchange is one request for a token. As a transport it converts the answer
// from Kiva's JSON to the form that the library expects.
type exchange struct {
	app  App
	ctx  context.Context
	said answer
	code int // HTTP status; 0 for no answer
}

// answer has the fields of both of Kiva's answers.
type answer struct {
	Token     string `json:"oauth_token"`
	Secret    string `json:"oauth_token_secret"`
	Confirmed any    `json:"oauth_callback_confirmed"`
	Scope     string `json:"scope"`
	Message   string `json:"message"`
}

func (a App) newExchange(ctx context.Context) *exchange { return &exchange{app: a, ctx: ctx} }

func (x *exchange) oauthConfig(callback string) *oauth1.Config {
	base := strings.TrimSuffix(x.app.APIURL, "/")
	c := oauth1.NewConfig(x.app.Key, x.app.Secret)
	c.CallbackURL = callback
	c.Endpoint = oauth1.Endpoint{RequestTokenURL: base + "/oauth/request_token", AccessTokenURL: base + "/oauth/access_token"}
	c.HTTPClient = &http.Client{
		Transport: x, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// transport keeps no connection open: minutes pass between a login's two
// requests, and a POST on a connection that the server has closed meanwhile
// would fail.
var transport = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}()

// RoundTrip sends the request and converts the answer to a form.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(x.ctx, requestTime)
	defer cancel()
	resp, err := x.app.wrapTransport(transport).RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	x.code = resp.StatusCode
	if json.Unmarshal(body, &x.said) == nil {
		body = []byte(url.Values{
			"oauth_token": {x.said.Token}, "oauth_token_secret": {x.said.Secret}, "oauth_callback_confirmed": {fmt.Sprint(x.said.Confirmed)},
		}.Encode())
	} else if form, err := url.ParseQuery(string(body)); err == nil {
		x.said.Scope = form.Get("scope")
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// replaceError replaces the library's error if there was an answer: it quotes the
// body, which may contain a secret.
func (x *exchange) replaceError(err error) error {
	switch {
	case x.ctx.Err() != nil:
		return context.Cause(x.ctx)
	case x.code == 0:
		if u := (*url.Error)(nil); errors.As(err, &u) {
			return u.Err
		}
		return err
	case x.said.Message != "":
		return fmt.Errorf("%d %s: %.200q", x.code, http.StatusText(x.code), x.said.Message)
	case x.code/100 == 2:
		return errors.New("the answer holds no token")
	}
	return fmt.Errorf("%d %s", x.code, http.StatusText(x.code))
}
