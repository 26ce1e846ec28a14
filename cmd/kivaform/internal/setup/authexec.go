package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
)

// authExecOptions are the arguments and the flags of auth exec.
type authExecOptions struct {
	command      []string // with its arguments
	scopes, pass []string
}

func authExecCommand(a *session.App) *cobra.Command {
	var o authExecOptions
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
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			o.command = args
			return runAuthExec(cmd.Context(), w, o)
		},
	}
	c.Flags().StringArrayVar(&o.scopes, "scope", nil, "ask for this scope; may be repeated. All that are granted if not given")
	c.Flags().StringArrayVar(&o.pass, "pass-env", nil, "give the command this variable, although it looks like a secret; may be repeated")
	c.Flags().SetInterspersed(false)
	return c
}

func runAuthExec(ctx context.Context, w *session.Workspace, o authExecOptions) error {
	secret, _ := w.App.Variable("KIVA_CLIENT_SECRET") // w.Tokens reports an error of it
	environment, err := childEnvironment(os.Environ(), o.pass, []string{secret, w.App.Getenv("KIVAFORM_LEDGER_KEY")})
	if err != nil {
		return err
	}
	tokens, err := w.Tokens(ctx, o.scopes)
	if err != nil {
		return err
	}
	token, err := tokens.Token(ctx)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, o.command[0], o.command[1:]...) // #nosec G204 -- runs what the user typed
	child.Stdin = w.App.In
	child.Stdout, _ = cli.UnwrapStream(w.App.Out).(io.Writer)
	child.Stderr, _ = cli.UnwrapStream(w.App.Err).(io.Writer)
	child.Env = append(environment, "KIVA_ACCESS_TOKEN="+token, "KIVA_API_URL="+w.Env.APIURL)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = 10 * time.Second
	err = child.Run()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return cli.ExitWithoutMessage(childCode(failed))
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", o.command[0], err)
	}
	return nil
}

// childCode returns the command's exit code, or one for an interrupt if a signal
// ended it.
func childCode(failed *exec.ExitError) int {
	if code := failed.ExitCode(); code > 0 {
		return code
	}
	return cli.ExitInterrupted
}

func authLogoutCommand(a *session.App) *cobra.Command {
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
			return runAuthLogout(cmd.Context(), a, all)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "those of all environments of all workspaces")
	return c
}

func runAuthLogout(ctx context.Context, a *session.App, all bool) error {
	folder, tokenURL, err := findTokens(ctx, a, all)
	if err != nil {
		return err
	}
	n, err := auth.Forget(folder, tokenURL)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "%s forgotten\n", cli.Plural(n, "token"))
	return err
}

// findTokens returns the folder of the cached tokens, and the token URL of those
// to forget, "" for all.
func findTokens(ctx context.Context, a *session.App, all bool) (folder, tokenURL string, err error) {
	cache, err := a.CacheFolder()
	if err != nil {
		return "", "", err
	}
	folder = session.TokenFolderIn(cache)
	if all {
		return folder, "", nil
	}
	w, err := a.OpenSettings(ctx)
	if err != nil {
		return "", "", err
	}
	defer w.Close()
	if w.Env.TokenURL == "" && !w.Env.Sandbox() {
		if err := w.Discover(ctx); err != nil {
			return "", "", hint.With(err, "kivaform auth logout --all needs to ask nobody")
		}
	}
	if w.Env.Sandbox() {
		return folder, "none are kept for the sandbox", nil
	}
	return folder, w.Env.TokenURL, nil
}
