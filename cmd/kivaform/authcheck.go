package main

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
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/spec"
)

// allScopes are what the Partner API knows.
var allScopes = []string{kiva.ScopeReadLoans, kiva.ScopeCreateLoanDraft, kiva.ScopeCreateJournal, kiva.ScopeCreateRepayment}

func (a *app) authCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "auth",
		Short:   "Check the way to Kiva, or get a token",
		Long:    "Check that this workspace can work with Kiva, or get a token for another program.",
		Example: "  kivaform auth check\n  kivaform auth token --env staging",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.authCheckCommand(), a.authTokenCommand(), a.authExecCommand(), a.authLogoutCommand())
	return c
}

func (a *app) authCheckCommand() *cobra.Command {
	var f providerFlags
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
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			return w.authCheck(cmd.Context(), f, time.Now)
		},
	}
	c.Flags().BoolVar(&f.verify, "verify", false, "check the token by the issuer's keys")
	c.Flags().BoolVar(&f.introspect, "introspect", false, "ask the provider about the token")
	return c
}

// A checklist prints one line for each thing that was looked at.
type checklist struct {
	app  *app
	code int // the exit code: that of the first thing that is wrong
}

func (c *checklist) ok(what, format string, args ...any) {
	fmt.Fprintf(c.app.out, "ok    %-12s %s\n", what, fmt.Sprintf(format, args...))
}

func (c *checklist) fail(code int, what string, err error) {
	c.print("FAIL", what, err)
	if c.code == exitDone {
		c.code = code
	}
}

// warn says what costs something and stops nothing.
func (c *checklist) warn(what string, err error) {
	c.print("WARN", what, err)
}

func (c *checklist) print(mark, what string, err error) {
	message, remedy := err.Error(), hint.Of(err)
	fmt.Fprintf(c.app.out, "%-4s  %-12s %s\n", mark, what, message)
	if remedy != "" {
		fmt.Fprintf(c.app.out, "      %-12s %s\n", "", remedy)
	}
}

func (w *workspace) authCheck(ctx context.Context, f providerFlags, now func() time.Time) error {
	c := &checklist{app: w.app}
	c.ok("environment", "%s%s", w.env.Name, because(certainty(w.env.Name)))
	w.checkCache(c)
	if err := w.checkAddresses(); err != nil {
		c.fail(codeOf(err), "addresses", err)
		return said(c.code)
	}
	if w.env.APIURL == "" && !w.env.sandbox() {
		w.checkTokenOnly(ctx, c, f, now())
		return said(c.code)
	}
	s, err := w.connect(ctx, allScopes, 0)
	c.ok("addresses", "token %s, audience %s, API %s", orDash(w.env.TokenURL), orDash(w.env.Audience), orDash(w.env.APIURL))
	missing := (*auth.MissingScopeError)(nil)
	switch {
	case err == nil:
		w.checkToken(ctx, c, s, now())
	case errors.As(err, &missing):
		w.checkScopes(c, missing)
		c.fail(exitUnauthorised, "partner", hint.With(errors.New("not known"), "write partner_id into kiva.yaml (PA2 > Account > Profile)"))
	default:
		c.fail(codeOf(err), "token", err)
	}
	w.checkClock(ctx, c, now)
	if s != nil {
		w.checkKiva(ctx, c)
		w.checkLedger(ctx, c)
	}
	w.checkProvider(ctx, c, f)
	return said(c.code)
}

// certainty says how sure an environment's addresses are.
func certainty(environment string) string {
	if preset, known := auth.Preset(environment); known {
		return preset.Certainty
	}
	return "made by kiva.yaml"
}

func codeOf(err error) int { return max(exitCode(err), exitError) }

// checkCache looks at the folder of what is kept between runs.
func (w *workspace) checkCache(c *checklist) {
	dir := w.app.workspaceCache()
	switch {
	case w.app.cache.err != nil && w.app.wantsNoCache():
		c.ok("cache", "nothing is kept between runs, as KIVAFORM_NO_CACHE is set")
	case w.app.cache.err != nil:
		c.warn("cache", fmt.Errorf("nothing is kept between runs, so tokens are asked for anew each time, and files are checked anew: %w", w.app.cache.err))
	default:
		c.ok("cache", "%s", dir)
	}
}

// checkToken looks at what came with the token.
func (w *workspace) checkToken(ctx context.Context, c *checklist, s *session, now time.Time) {
	grant, err := s.tokens.Grant(ctx)
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
	w.checkScopes(c, missing)
	switch {
	case partner != nil:
		c.fail(exitUnauthorised, "partner", partner)
	case grant.PartnerID == "":
		c.ok("partner", "%s by kiva.yaml; the token doesn't say", w.set.Settings.PartnerID)
	default:
		c.ok("partner", "%s", grant.PartnerID)
	}
}

// checkScopes fails where these files need what wasn't granted. What else is
// missing is said, and does no harm.
func (w *workspace) checkScopes(c *checklist, m *auth.MissingScopeError) {
	all := func(spec.Address) bool { return true }
	needed := scopesFor(w.set, all, nil)
	lacking := slices.DeleteFunc(slices.Clone(m.Missing), func(s string) bool { return !slices.Contains(needed, s) })
	granted := strings.Join(slices.Sorted(slices.Values(m.Granted)), " ")
	switch {
	case len(lacking) > 0:
		c.fail(exitUnauthorised, "scopes", hint.With(fmt.Errorf("granted: %s; missing: %s", orDash(granted), strings.Join(m.Missing, " ")), "ask Kiva to grant it: partnersupport@kiva.org"))
	case len(m.Missing) > 0:
		c.ok("scopes", "%s; not granted, and not needed by these files: %s", granted, strings.Join(m.Missing, " "))
	default:
		c.ok("scopes", "%s", granted)
	}
}

// maxSkew is how wrong a clock may be: a token is renewed a minute before it
// ends.
const maxSkew = 30 * time.Second

// checkClock compares the clock with the Date of an answer. A request without a
// token is enough: also a refusal has its date.
func (w *workspace) checkClock(ctx context.Context, c *checklist, now func() time.Time) {
	date, err := w.app.serverDate(ctx, w.env.APIURL)
	if err != nil {
		c.fail(exitError, "clock", fmt.Errorf("not checked: %w", err))
		return
	}
	skew := now().Sub(date).Round(time.Second)
	switch {
	case date.IsZero():
		c.ok("clock", "not checked: the server gives no date")
	case skew.Abs() > maxSkew:
		c.fail(exitError, "clock", hint.With(fmt.Errorf("this machine is %s off the server (%s there)", skew.Abs(), date.UTC().Format(time.RFC3339)), "set the clock, or let the machine keep it by NTP"))
	default:
		c.ok("clock", "agrees with the server's")
	}
}

func (a *app) serverDate(ctx context.Context, address string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("User-Agent", userAgent())
	resp, err := a.transport()(http.DefaultTransport).RoundTrip(req) // a client would follow redirects
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

// checkKiva asks for the shortest list of loans, with no more scopes than that
// takes.
func (w *workspace) checkKiva(ctx context.Context, c *checklist) {
	s, err := w.connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		c.fail(codeOf(err), "kiva", err)
		return
	}
	page, err := s.client.LoanPage(ctx, kiva.LoanQuery{Limit: 1})
	if err != nil {
		c.fail(codeOf(err), "kiva", err)
		return
	}
	c.ok("kiva", "answers, and lists %s", plural(max(page.Total, len(page.Loans)), "loan"))
}

// checkLedger makes sure that the ledger can be written, and that what is there
// can't be written a second time: that is what keeps anything from being sent
// twice.
func (w *workspace) checkLedger(ctx context.Context, c *checklist) {
	if err := w.tryLedger(ctx); err != nil {
		code := exitError
		if exitCode(err) == exitRefused {
			code = exitRefused
		}
		c.fail(code, "ledger", fmt.Errorf("%s: %w", w.ledgerPlace(), err))
		return
	}
	c.ok("ledger", "%s can be written, and creates each object once", w.ledgerPlace())
}

func (w *workspace) tryLedger(ctx context.Context) error {
	l, err := w.openLedger()
	if err != nil {
		return err
	}
	if err := l.Prepare(ctx); err != nil {
		return err
	}
	store, err := w.openStore()
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

func (a *app) authTokenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print a token, for curl",
		Long: `Get a token with all scopes that the partner has and print it, for use with
another program. Whoever has it can act as the partner until it ends.`,
		Example: `  kivaform auth token --env staging > token.txt`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.openSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			tokens, err := w.tokens(cmd.Context(), nil)
			if err != nil {
				return err
			}
			token, err := tokens.Token(cmd.Context())
			if err != nil {
				return err
			}
			grant, err := tokens.Grant(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.err, "a token for partner %s with %s%s; keep it as secret as a password\n", orDash(grant.PartnerID), strings.Join(grant.Scopes, " "), until(grant.Expires))
			_, err = fmt.Fprintln(a.out, token)
			return err
		},
	}
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + t.UTC().Format("2006-01-02 15:04 UTC")
}
