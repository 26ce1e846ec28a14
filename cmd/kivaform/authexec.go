package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
)

func (a *app) authExecCommand() *cobra.Command {
	var scopes, pass []string
	c := &cobra.Command{
		Use:   "exec -- COMMAND [ARGUMENT...]",
		Short: "Run a command with a token in its environment",
		Long: `Run a command with a token in KIVA_ACCESS_TOKEN, for calls that no command
here makes. KIVA_API_URL says where the API is, if that is known. Its exit code is
the exit code of this one.

The command gets the other variables of the environment, but not the client
secret, and none that looks like a secret for somebody else: AWS_*, PGPASS*,
credentials for git, names with TOKEN, SECRET, PASSWORD, CREDENTIAL, COOKIE, JWT,
or the word KEY, PASS, PWD, AUTH or PAT, and addresses with a password in them
(other than a proxy's). --pass-env NAME gives it one of these all the same.`,
		Example: `  kivaform auth exec -- sh -c 'curl -H "Authorization: Bearer $KIVA_ACCESS_TOKEN" "$KIVA_API_URL/v3/partner/145/loans"'
  kivaform auth exec --env lender --scope decisions:read -- ./decisions.sh
  kivaform auth exec --pass-env GITHUB_TOKEN -- ./report.sh`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.openSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			return w.runAuthExec(cmd.Context(), scopes, pass, args)
		},
	}
	c.Flags().StringArrayVar(&scopes, "scope", nil, "ask for this scope; may be repeated. All that are granted if not given")
	c.Flags().StringArrayVar(&pass, "pass-env", nil, "give the command this variable, although it looks like a secret; may be repeated")
	c.Flags().SetInterspersed(false)
	return c
}

func (w *workspace) runAuthExec(ctx context.Context, scopes, pass, args []string) error {
	secret, _ := w.app.variable("KIVA_CLIENT_SECRET") // tokens says what is wrong with it
	environment, err := childEnvironment(os.Environ(), pass, []string{secret, w.app.getenv("KIVAFORM_LEDGER_KEY")})
	if err != nil {
		return err
	}
	tokens, err := w.tokens(ctx, scopes)
	if err != nil {
		return err
	}
	token, err := tokens.Token(ctx)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, args[0], args[1:]...) // #nosec G204 -- runs what the user typed
	child.Stdin = w.app.in
	child.Stdout, _ = behind(w.app.out).(io.Writer)
	child.Stderr, _ = behind(w.app.err).(io.Writer)
	child.Env = append(environment, "KIVA_ACCESS_TOKEN="+token, "KIVA_API_URL="+w.env.APIURL)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = 10 * time.Second
	err = child.Run()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return said(childCode(failed))
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	return nil
}

// childCode is the command's own code, or, where a signal ended it, any code
// that isn't success.
func childCode(failed *exec.ExitError) int {
	if code := failed.ExitCode(); code > 0 {
		return code
	}
	return exitInterrupted
}

func (a *app) authLogoutCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "logout",
		Short: "Forget the tokens that are kept between runs",
		Long: `Remove this environment's tokens from the folder of this user where they are kept
between runs. A token that somebody copied stays good until it ends: Kiva has no
way to take one back.`,
		Example: "  kivaform auth logout --env staging\n  kivaform auth logout --all",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, tokenURL, err := a.keptTokens(cmd.Context(), all)
			if err != nil {
				return err
			}
			n, err := auth.Forget(folder, tokenURL)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s forgotten\n", plural(n, "token"))
			return err
		},
	}
	c.Flags().BoolVar(&all, "all", false, "those of all environments of all workspaces")
	return c
}

// keptTokens says which tokens are meant: those of a token URL, or all.
func (a *app) keptTokens(ctx context.Context, all bool) (folder, tokenURL string, err error) {
	cache, err := a.cacheFolder()
	if err != nil {
		return "", "", err
	}
	folder = tokenFolderIn(cache)
	if all {
		return folder, "", nil
	}
	w, err := a.openSettings(ctx)
	if err != nil {
		return "", "", err
	}
	defer w.close()
	if w.env.TokenURL == "" && !w.env.sandbox() {
		if err := w.discover(ctx); err != nil {
			return "", "", hint.With(err, "kivaform auth logout --all needs to ask nobody")
		}
	}
	if w.env.sandbox() {
		return folder, "none are kept for the sandbox", nil
	}
	return folder, w.env.TokenURL, nil
}
