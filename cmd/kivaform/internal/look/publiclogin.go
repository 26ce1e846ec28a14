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

// consentTime is how long a lender may take to agree; the code itself lives for
// about half an hour.
const consentTime = 30 * time.Minute

// kivaSite is where lenders of Kiva's agree.
const kivaSite = "https://www.kiva.org"

func publicLoginCommand(a *session.App, f *publicFlags) *cobra.Command {
	var callback bool
	var scopes []string
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
		RunE: asLenderApp(a, func(ctx context.Context, app oauth1.App) error {
			token, err := login(ctx, a, app, scopes, callback)
			if err != nil {
				return err
			}
			if err := keepLogin(a, app, token); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.Out, "logged in, with scope %s\n", token.Scope)
			return err
		}),
	}
	c.Flags().BoolVar(&callback, "callback", false, "take the code by a callback to this machine")
	c.Flags().StringArrayVar(&scopes, "scope", nil, "ask for this scope; may be repeated. access if not given")
	return c
}

// asLenderApp makes a command of what is done as the program that lenders let
// in.
func asLenderApp(a *session.App, do func(context.Context, oauth1.App) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		app, done, err := lenderApp(cmd.Context(), a)
		defer done()
		if err != nil {
			return err
		}
		return do(cmd.Context(), app)
	}
}

// lenderApp returns the program that lenders let in, and what ends the
// sandbox where one was started for it.
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

func login(ctx context.Context, a *session.App, app oauth1.App, scopes []string, callback bool) (oauth1.Token, error) {
	if callback {
		return loginByCallback(ctx, a, app, scopes)
	}
	return loginByCode(ctx, a, app, scopes)
}

// loginByCode has the lender type the code.
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

// awaitCallback serves until the lender comes back with the state that was sent
// along. Whoever comes without it is sent away, and doesn't end the waiting.
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

// loginFile is where the login of an app at an API is kept. The sandbox is known
// by its workspace: its address may change.
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

// keepLogin writes the file whole, for its owner alone.
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

func publicAccountCommand(a *session.App, f *publicFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "account",
		Short:   "Show the lender's account that has let this program in",
		Example: "  kivaform public account\n  kivaform public account --json",
		Args:    cobra.NoArgs,
		RunE: asLenderApp(a, func(ctx context.Context, app oauth1.App) error {
			token, err := readLogin(a, app)
			if err != nil {
				return err
			}
			c, err := public.New(public.Options{BaseURL: app.APIURL, AppID: f.appID, UserAgent: cli.UserAgent(), HTTP: app.Client(token)})
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			account, err := c.Account(ctx)
			if refused := (*public.Error)(nil); errors.As(err, &refused) && (refused.Status == 401 || refused.Status == 403) {
				return cli.WithCode(cli.ExitUnauthorised, hint.With(err, "the access has ended or was taken back: kivaform public login"))
			}
			if err != nil {
				return err
			}
			if f.asJSON {
				return a.WriteJSON(account)
			}
			_, err = fmt.Fprintf(a.Out, "%s  %s\n", account.LenderID, hide(plainLine(account.FirstName+" "+account.LastName), !a.ShowsPersonal(a.Out)))
			return err
		}),
	}
}

func publicLogoutCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the lender's access",
		Long: `Remove what "kivaform public login" kept. To take the access back at Kiva, use the
settings of your account there.`,
		Example: "  kivaform public logout",
		Args:    cobra.NoArgs,
		RunE: asLenderApp(a, func(_ context.Context, app oauth1.App) error {
			name, err := loginFile(a, app)
			if err != nil {
				return err
			}
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			_, err = fmt.Fprintln(a.Out, "logged out")
			return err
		}),
	}
}
