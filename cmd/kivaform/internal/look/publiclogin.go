package look

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/kiva/oauth1"
	"kivaform/kiva/public"
	"kivaform/kiva/sandbox"
)

// consentTime bounds the wait for a lender's consent; the code itself is valid for
// about half an hour.
const consentTime = 30 * time.Minute

// kivaSite is the site of Kiva's consent page.
const kivaSite = "https://www.kiva.org"

// loginOptions are the flags of public login.
type loginOptions struct {
	callback bool
	scopes   []string
}

func publicLoginCommand(a *session.App) *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login",
		Short: "Let this program see your lender's account (OAuth 1.0a)",
		Long: `Ask for access to a lender's private resources of the public API. It prints an
address; open it, agree, and type the code that is shown. With --callback the
code comes by itself, to an address on this machine that must be registered with
Kiva.

The app's key and secret come from KIVA_CONSUMER_KEY and KIVA_CONSUMER_SECRET,
found in Kiva's developer dashboard. What was granted is kept in a file that only
you can read, until "kivaform public logout".`,
		Example: "  kivaform public login\n  kivaform public login --callback --scope access --scope user_email",
		Args:    cobra.NoArgs,
		RunE:    withLenderApp(a, func(ctx context.Context, app oauth1.App) error { return runPublicLogin(ctx, a, app, o) }),
	}
	c.Flags().BoolVar(&o.callback, "callback", false, "take the code by a callback to this machine")
	c.Flags().StringArrayVar(&o.scopes, "scope", nil, "ask for this scope; may be repeated. access if not given")
	return c
}

func runPublicLogin(ctx context.Context, a *session.App, app oauth1.App, o loginOptions) error {
	requestToken := loginByCode
	if o.callback {
		requestToken = loginByCallback
	}
	token, err := requestToken(ctx, a, app, o.scopes)
	if err != nil {
		return err
	}
	if err := keepLogin(a, app, token); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "logged in, with scope %s\n", token.Scope)
	return err
}

// withLenderApp returns a command's function that calls run with the app that
// lenders give access to.
func withLenderApp(a *session.App, run func(context.Context, oauth1.App) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		app, done, err := lenderApp(cmd.Context(), a)
		defer done()
		if err != nil {
			return err
		}
		return run(cmd.Context(), app)
	}
}

// lenderApp returns the app that lenders give access to; done stops the sandbox if
// it was started for it.
func lenderApp(ctx context.Context, a *session.App) (app oauth1.App, done func(), err error) {
	base, done, err := publicURL(ctx, a)
	if err != nil {
		return app, done, err
	}
	app = oauth1.App{APIURL: base, Site: base, Watch: a.Transport()}
	if base == public.Kiva {
		app.Site = kivaSite
	}
	app.Key, err = a.Variable("KIVA_CONSUMER_KEY")
	if err != nil {
		return app, done, err
	}
	if app.Secret, err = a.Variable("KIVA_CONSUMER_SECRET"); err != nil {
		return app, done, err
	}
	if set, err := a.Settings(ctx); err == nil && app.Key == "" && set.Environment == "sandbox" {
		app.Key, app.Secret = sandbox.ConsumerKey, sandbox.ConsumerSecret
	}
	if app.Key == "" || app.Secret == "" {
		return app, done, cli.WithCode(cli.ExitUnauthorised, hint.With(errors.New("no app: set KIVA_CONSUMER_KEY and KIVA_CONSUMER_SECRET"), "both are in Kiva's developer dashboard"))
	}
	return app, done, nil
}

// loginByCode lets the lender type the code.
func loginByCode(ctx context.Context, a *session.App, app oauth1.App, scopes []string) (oauth1.Token, error) {
	l, err := app.Begin(ctx, oauth1.OutOfBand)
	if err != nil {
		return oauth1.Token{}, err
	}
	fmt.Fprintf(a.Err, "Open this address and agree:\n\n  %s\n\nThen type the code that is shown there: ", l.Page("", scopes...))
	code, err := cli.ReadLine(ctx, bufio.NewReader(a.In))
	switch {
	case ctx.Err() != nil:
		return oauth1.Token{}, err
	case code == "":
		return oauth1.Token{}, cli.WithCode(cli.ExitRefused, errors.New("no code was typed"))
	}
	return l.Finish(ctx, code)
}

// loginByCallback waits for the lender's browser.
func loginByCallback(ctx context.Context, a *session.App, app oauth1.App, scopes []string) (oauth1.Token, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, consentTime, errors.New("nobody has agreed in time"))
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return oauth1.Token{}, err
	}
	defer listener.Close()
	l, err := app.Begin(ctx, "http://"+listener.Addr().String()+"/callback")
	if err != nil {
		return oauth1.Token{}, err
	}
	state := rand.Text()
	fmt.Fprintf(a.Err, "Open this address and agree:\n\n  %s\n\nWaiting.\n", l.Page(state, scopes...))
	code, err := awaitCallback(ctx, listener, state)
	if err != nil {
		return oauth1.Token{}, err
	}
	return l.Finish(ctx, code)
}

// awaitCallback serves until the lender's browser returns with the state. It
// answers other requests with 403 and goes on waiting.
func awaitCallback(ctx context.Context, listener net.Listener, state string) (code string, err error) {
	type result struct {
		code string
		err  error
	}
	came := make(chan result, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/callback" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
			http.Error(w, "This isn't the login that is waited for.", http.StatusForbidden)
			return
		}
		got := result{code: q.Get("oauth_verifier")}
		if got.code == "" {
			got.err = cli.WithCode(cli.ExitUnauthorised, fmt.Errorf("the lender didn't agree: %s", cli.OrDash(plainLine(q.Get("error")))))
		}
		fmt.Fprintln(w, "Done. You can close this page.")
		select {
		case came <- got:
		default:
		}
	})}
	go server.Serve(listener)
	defer func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		server.Shutdown(limited)
	}()
	select {
	case got := <-came:
		return got.code, got.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// loginFile returns the file of an app's login at an API. A sandbox is identified
// by its workspace, because its address may change.
func loginFile(a *session.App, app oauth1.App) (string, error) {
	cache, err := a.CacheFolder()
	if err != nil {
		return "", err
	}
	at := app.APIURL
	if app.Key == sandbox.ConsumerKey {
		if at, err = filepath.Abs(a.Dir); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256([]byte(at + "\n" + app.Key))
	return filepath.Join(cache, "logins", hex.EncodeToString(sum[:16])+".json"), nil
}

// keepLogin writes the file atomically, with mode 0600.
func keepLogin(a *session.App, app oauth1.App, token oauth1.Token) error {
	name, err := loginFile(a, app)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(token) // #nosec G117 -- this is the file of kept tokens, which only the user can read
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

var errNoLogin = cli.WithCode(cli.ExitUnauthorised, hint.With(errors.New("not logged in"), "kivaform public login"))

func readLogin(a *session.App, app oauth1.App) (token oauth1.Token, err error) {
	name, err := loginFile(a, app)
	if err != nil {
		return token, err
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return token, errNoLogin
	}
	if err != nil {
		return token, err
	}
	if json.Unmarshal(data, &token) != nil || token.Token == "" {
		return token, errNoLogin
	}
	return token, nil
}

func publicAccountCommand(a *session.App, o *publicOptions) *cobra.Command {
	return &cobra.Command{
		Use:     "account",
		Short:   "Show the lender's account that has let this program in",
		Example: "  kivaform public account\n  kivaform public account --json",
		Args:    cobra.NoArgs,
		RunE:    withLenderApp(a, func(ctx context.Context, app oauth1.App) error { return runPublicAccount(ctx, a, app, o) }),
	}
}

func runPublicAccount(ctx context.Context, a *session.App, app oauth1.App, o *publicOptions) error {
	token, err := readLogin(a, app)
	if err != nil {
		return err
	}
	c, err := public.New(public.Options{BaseURL: app.APIURL, AppID: o.appID, UserAgent: cli.UserAgent(), HTTP: app.Client(token)})
	if err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	account, err := c.Account(ctx)
	if failed := (*public.Error)(nil); errors.As(err, &failed) && (failed.Status == 401 || failed.Status == 403) {
		return cli.WithCode(cli.ExitUnauthorised, hint.With(err, "the access has ended or was taken back: kivaform public login"))
	}
	if err != nil {
		return err
	}
	if o.asJSON {
		return a.WriteJSON(account)
	}
	_, err = fmt.Fprintf(a.Out, "%s  %s\n", account.LenderID, maskIf(plainLine(account.FirstName+" "+account.LastName), !a.ShowsPersonal(a.Out)))
	return err
}

func publicLogoutCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the lender's access",
		Long: `Remove what "kivaform public login" kept. To take the access back at Kiva, use the
settings of your account there.`,
		Example: "  kivaform public logout",
		Args:    cobra.NoArgs,
		RunE:    withLenderApp(a, func(_ context.Context, app oauth1.App) error { return runPublicLogout(a, app) }),
	}
}

func runPublicLogout(a *session.App, app oauth1.App) error {
	name, err := loginFile(a, app)
	if err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err = fmt.Fprintln(a.Out, "logged out")
	return err
}
