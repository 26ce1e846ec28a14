package setup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/kiva/sandbox"
)

// sandboxOptions are the flags of sandbox.
type sandboxOptions struct {
	faults          []string
	address         string
	latency         time.Duration
	tokensPerMinute int
}

// SandboxCommand returns "kivaform sandbox".
func SandboxCommand(a *session.App) *cobra.Command {
	var o sandboxOptions
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the workspace's sandbox, with PA2's human steps and faults",
		Long: `Serve the Partner API that the environment "sandbox" uses, with the same data,
until it is interrupted. While it runs, plan and apply of this workspace use it,
if they have the same cache folder: KIVAFORM_CACHE_DIR, or else the user's own.
They know it by a key that it keeps there.

It is a simulation made from Kiva's documents; nothing in it is evidence about
Kiva itself. It is made for one machine, and takes requests from it alone.

What people do in PA2 is done on its page: open the address in a browser. A
program does the same by HTTP:

  GET  /pa2/drafts                      POST /pa2/drafts/UUID/publish
  POST /pa2/loans/LOAN-ID/status        {"status": "payingBack"}
  POST /pa2/loans/advance?status=payingBack
  GET  /pa2/journals                    POST /pa2/journals/ARCHIVE/confirm
  GET  /pa2/repayments                  POST /pa2/repayments/finalise
  GET  /pa2/record                      what was accepted
  GET  /pa2/requests                    how many requests came
  POST /pa2/faults {"fault": "…"}       POST /pa2/reset
  POST /pa2/keys/rotate?revoke=1        another key for tokens

Below the same address are a second lender's OAuth server, with /partner/v1 as its
issuer, and Kiva's public API with its OAuth 1.0a. Any program gets tokens there:

  client id      ` + sandbox.ClientID + `
  client secret  ` + sandbox.ClientSecret + `
  audience       the address itself

A fault is KIND:ENDPOINT[:COUNT[:SKIP]]. ENDPOINT is token, loans, loan_draft,
journals, repayments, config or *; COUNT is how many requests fail (1; * for
all), SKIP how many go well before. KIND is one of

  ` + strings.Join(sandbox.Faults(), "\n  "),
		Example: `  kivaform sandbox
  kivaform sandbox --fault drop-after:loan_draft:3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runSandbox(cmd.Context(), w, o)
		},
	}
	c.Flags().StringArrayVar(&o.faults, "fault", nil, "make requests fail, as KIND:ENDPOINT[:COUNT[:SKIP]]; may be repeated")
	c.Flags().StringVar(&o.address, "listen", "", "the address, on this machine; one that stays the same for the workspace if not given")
	c.Flags().DurationVar(&o.latency, "latency", 0, "wait so long before each answer of the API")
	c.Flags().IntVar(&o.tokensPerMinute, "tokens-per-minute", 0, "answer so many token requests in a minute; any number if 0")
	return c
}

func runSandbox(ctx context.Context, w *session.Workspace, o sandboxOptions) error {
	if !w.Env.Sandbox() {
		return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("the environment is %s", w.Env.Name), "kivaform sandbox --env sandbox"))
	}
	if host, _, err := net.SplitHostPort(o.address); o.address != "" && (err != nil || !isLoopback(host)) {
		return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("--listen %s: the sandbox is for this machine alone", o.address), "name an address on loopback with its port, as in --listen 127.0.0.1:8145"))
	}
	faults, err := parseFaults(o.faults)
	if err != nil {
		return err
	}
	lock, err := lockServing(w)
	if err != nil {
		return session.TellUnwritable(err)
	}
	defer lock.Close()
	options := w.SandboxOptions()
	options.Latency, options.TokensPerMinute = o.latency, o.tokensPerMinute
	options.Key = makeServingKey(w)
	server, err := w.OpenSandbox(options)
	if err != nil {
		return err
	}
	for _, f := range faults {
		server.AddFault(f)
	}
	listener, err := w.Listen(o.address)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	base := "http://" + listener.Addr().String()
	withdraw, err := announceSandbox(w, base)
	if err != nil {
		return err
	}
	defer withdraw()
	fmt.Fprintf(w.App.Out, "sandbox at %s, a simulation of Kiva's Partner API; interrupt to end it\n", base)
	return serveUntilDone(ctx, server, listener)
}

func parseFaults(texts []string) ([]sandbox.Fault, error) {
	faults := make([]sandbox.Fault, len(texts))
	for i, text := range texts {
		var err error
		if faults[i], err = sandbox.ParseFault(text); err != nil {
			return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--fault %s: %w", text, err))
		}
	}
	return faults, nil
}

func serveUntilDone(ctx context.Context, h http.Handler, listener net.Listener) error {
	web := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { web.Close() })
	defer stop()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
