package setup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/spec"
)

// allScopes are the scopes of the Partner API.
var allScopes = []string{kiva.ScopeReadLoans, kiva.ScopeCreateLoanDraft, kiva.ScopeCreateJournal, kiva.ScopeCreateRepayment}

// AuthCommand returns "kivaform auth".
func AuthCommand(a *session.App) *cobra.Command {
	c := &cobra.Command{
		Use:     "auth",
		Short:   "Check the way to Kiva, or get a token",
		Long:    "Check that this workspace can work with Kiva, or get a token for another program.",
		Example: "  kivaform auth check\n  kivaform auth token --env staging",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(authCheckCommand(a), authTokenCommand(a), authExecCommand(a), authLogoutCommand(a))
	return c
}

func authCheckCommand(a *session.App) *cobra.Command {
	var o authCheckOptions
	c := &cobra.Command{
		Use:   "check",
		Short: "Check environment, token, clock, ledger and Kiva",
		Long: `Check all that a run needs, a line for each, with what to do where something is
wrong or costs something. It shows no secret and sends nothing; in an empty ledger it makes the
first object, as apply would.

--verify checks the token's signature, issuer, audience and time by the keys that
the issuer publishes; --introspect asks the provider whether the token is good.
Kiva is not known to have either; the sandbox and other providers do.`,
		Example: "  kivaform auth check\n  kivaform auth check --env production\n  kivaform auth check --env lender --verify --introspect",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runAuthCheck(cmd.Context(), w, o, time.Now)
		},
	}
	c.Flags().BoolVar(&o.verify, "verify", false, "check the token by the issuer's keys")
	c.Flags().BoolVar(&o.introspect, "introspect", false, "ask the provider about the token")
	return c
}

// A checklist prints one line for each check.
type checklist struct {
	app  *session.App
	code int // the exit code: that of the first failure
}

func (c *checklist) ok(subject, format string, args ...any) {
	fmt.Fprintf(c.app.Out, "ok    %-12s %s\n", subject, fmt.Sprintf(format, args...))
}

func (c *checklist) fail(code int, subject string, err error) {
	c.printError("FAIL", subject, err)
	if c.code == cli.ExitDone {
		c.code = code
	}
}

// warn prints a fault that doesn't affect the exit code.
func (c *checklist) warn(subject string, err error) {
	c.printError("WARN", subject, err)
}

func (c *checklist) printError(mark, subject string, err error) {
	message, remedy := err.Error(), hint.Of(err)
	fmt.Fprintf(c.app.Out, "%-4s  %-12s %s\n", mark, subject, message)
	if remedy != "" {
		fmt.Fprintf(c.app.Out, "      %-12s %s\n", "", remedy)
	}
}

func runAuthCheck(ctx context.Context, w *session.Workspace, o authCheckOptions, now func() time.Time) error {
	c := &checklist{app: w.App}
	c.ok("environment", "%s%s", w.Env.Name, cli.Because(certaintyOf(w.Env.Name)))
	checkCache(w, c)
	if err := w.CheckAddresses(); err != nil {
		c.fail(codeOf(err), "addresses", err)
		return cli.ExitWithoutMessage(c.code)
	}
	if w.Env.APIURL == "" && !w.Env.Sandbox() {
		checkTokenOnly(ctx, w, c, o, now())
		return cli.ExitWithoutMessage(c.code)
	}
	s, err := w.Connect(ctx, allScopes, 0)
	c.ok("addresses", "token %s, audience %s, API %s", cli.OrDash(w.Env.TokenURL), cli.OrDash(w.Env.Audience), cli.OrDash(w.Env.APIURL))
	missing := (*auth.MissingScopeError)(nil)
	switch {
	case err == nil:
		checkToken(ctx, w, c, s, now())
	case errors.As(err, &missing):
		checkScopes(w, c, missing)
		c.fail(cli.ExitUnauthorised, "partner", hint.With(errors.New("not known"), "write partner_id into kiva.yaml (PA2 > Account > Profile)"))
	default:
		c.fail(codeOf(err), "token", err)
	}
	checkClock(ctx, w, c, now)
	if s != nil {
		checkKiva(ctx, w, c)
		checkLedger(ctx, w, c)
	}
	checkProvider(ctx, w, c, o)
	return cli.ExitWithoutMessage(c.code)
}

// certaintyOf says how certain an environment's addresses are.
func certaintyOf(environment string) string {
	if preset, known := auth.Preset(environment); known {
		return preset.Certainty
	}
	return "made by kiva.yaml"
}

func codeOf(err error) int { return max(session.ExitCode(err), cli.ExitError) }

// checkCache checks the cache folder.
func checkCache(w *session.Workspace, c *checklist) {
	dir := w.App.WorkspaceCache()
	switch {
	case w.App.Cache.Err != nil && w.App.WantsNoCache():
		c.ok("cache", "nothing is kept between runs, as KIVAFORM_NO_CACHE is set")
	case w.App.Cache.Err != nil:
		c.warn("cache", fmt.Errorf("nothing is kept between runs, so tokens are asked for anew each time, and files are checked anew: %w", w.App.Cache.Err))
	default:
		c.ok("cache", "%s", dir)
	}
}

// checkToken checks the data that came with the token.
func checkToken(ctx context.Context, w *session.Workspace, c *checklist, s *session.Session, now time.Time) {
	grant, err := s.Tokens.Grant(ctx)
	var missing *auth.MissingScopeError
	var partner *auth.PartnerError
	if err != nil && !errors.As(err, &missing) && !errors.As(err, &partner) {
		c.fail(codeOf(err), "token", err)
		return
	}
	left := "nothing says how long it lasts"
	if !grant.Expires.IsZero() {
		left = fmt.Sprintf("%s left", grant.Expires.Sub(now).Round(time.Minute))
	}
	c.ok("token", "%s", left)
	if missing == nil {
		missing = &auth.MissingScopeError{Granted: grant.Scopes}
	}
	checkScopes(w, c, missing)
	switch {
	case partner != nil:
		c.fail(cli.ExitUnauthorised, "partner", partner)
	case grant.PartnerID == "":
		c.ok("partner", "%s by kiva.yaml; the token doesn't say", w.Set.Settings.PartnerID)
	default:
		c.ok("partner", "%s", grant.PartnerID)
	}
}

// checkScopes fails if these files need a scope that wasn't granted. It mentions
// other missing scopes.
func checkScopes(w *session.Workspace, c *checklist, m *auth.MissingScopeError) {
	all := func(spec.Address) bool { return true }
	needed := session.ScopesFor(w.Set, all, nil)
	lacking := slices.DeleteFunc(slices.Clone(m.Missing), func(s string) bool { return !slices.Contains(needed, s) })
	granted := strings.Join(slices.Sorted(slices.Values(m.Granted)), " ")
	switch {
	case len(lacking) > 0:
		c.fail(cli.ExitUnauthorised, "scopes", hint.With(fmt.Errorf("granted: %s; missing: %s", cli.OrDash(granted), strings.Join(m.Missing, " ")), "ask Kiva to grant it: partnersupport@kiva.org"))
	case len(m.Missing) > 0:
		c.ok("scopes", "%s; not granted, and not needed by these files: %s", granted, strings.Join(m.Missing, " "))
	default:
		c.ok("scopes", "%s", granted)
	}
}

// maxSkew bounds the error of this machine's clock: a token is renewed a minute
// before it expires.
const maxSkew = 30 * time.Second

// checkClock compares the clock with an answer's Date. It sends no token: a refusal
// has a date, too.
func checkClock(ctx context.Context, w *session.Workspace, c *checklist, now func() time.Time) {
	date, err := serverDate(ctx, w.App, w.Env.APIURL)
	if err != nil {
		c.fail(cli.ExitError, "clock", fmt.Errorf("not checked: %w", err))
		return
	}
	skew := now().Sub(date).Round(time.Second)
	switch {
	case date.IsZero():
		c.ok("clock", "not checked: the server gives no date")
	case skew.Abs() > maxSkew:
		c.fail(cli.ExitError, "clock", hint.With(fmt.Errorf("this machine is %s off the server (%s there)", skew.Abs(), date.UTC().Format(time.RFC3339)), "set the clock, or let the machine keep it by NTP"))
	default:
		c.ok("clock", "agrees with the server's")
	}
}

func serverDate(ctx context.Context, a *session.App, address string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("User-Agent", cli.UserAgent())
	resp, err := a.Transport()(http.DefaultTransport).RoundTrip(req) // a client would follow redirects
	if err != nil {
		return time.Time{}, err
	}
	resp.Body.Close()
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil
	}
	return date, nil
}

// checkKiva requests the shortest list of loans, with the scope for that only.
func checkKiva(ctx context.Context, w *session.Workspace, c *checklist) {
	s, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		c.fail(codeOf(err), "kiva", err)
		return
	}
	page, err := s.Client.LoanPage(ctx, kiva.LoanQuery{Limit: 1})
	if err != nil {
		c.fail(codeOf(err), "kiva", err)
		return
	}
	c.ok("kiva", "answers, and lists %s", cli.Plural(max(page.Total, len(page.Loans)), "loan"))
}

// checkLedger checks that the ledger can be written, and that an object can't be
// created twice, on which sending at most once depends.
func checkLedger(ctx context.Context, w *session.Workspace, c *checklist) {
	if err := createTwice(ctx, w); err != nil {
		code := cli.ExitError
		if session.ExitCode(err) == cli.ExitRefused {
			code = cli.ExitRefused
		}
		c.fail(code, "ledger", fmt.Errorf("%s: %w", w.LedgerPlace(), err))
		return
	}
	c.ok("ledger", "%s can be written, and creates each object once", w.LedgerPlace())
}

func createTwice(ctx context.Context, w *session.Workspace) error {
	l, err := w.OpenLedger()
	if err != nil {
		return err
	}
	if err := l.Prepare(ctx); err != nil {
		return err
	}
	store, err := w.OpenStore()
	if err != nil {
		return err
	}
	for key, err := range store.List(ctx, "kivaform-ledger") {
		if err != nil {
			return err
		}
		data, err := store.Get(ctx, key)
		if err != nil {
			return err
		}
		if err := store.Create(ctx, key, data); !errors.Is(err, ledger.ErrExists) {
			return hint.With(fmt.Errorf("an object that exists could be created again (%w): nothing may be sent with it", err), "keep the ledger elsewhere")
		}
		return nil
	}
	return hint.With(errors.New("the first object can't be found again"), "keep the ledger elsewhere")
}

func authTokenCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print a token, for curl",
		Long: `Get a token with all scopes that the partner has and print it, for use with
another program. Whoever has it can act as the partner until it ends.`,
		Example: `  kivaform auth token --env staging > token.txt`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runAuthToken(cmd.Context(), w)
		},
	}
}

func runAuthToken(ctx context.Context, w *session.Workspace) error {
	tokens, err := w.Tokens(ctx, nil)
	if err != nil {
		return err
	}
	token, err := tokens.Token(ctx)
	if err != nil {
		return err
	}
	grant, err := tokens.Grant(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.App.Err, "a token for partner %s with %s%s; keep it as secret as a password\n", cli.OrDash(grant.PartnerID), strings.Join(grant.Scopes, " "), untilText(grant.Expires))
	_, err = fmt.Fprintln(w.App.Out, token)
	return err
}

func untilText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + t.UTC().Format("2006-01-02 15:04 UTC")
}
