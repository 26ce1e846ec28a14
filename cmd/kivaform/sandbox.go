package main

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/kiva/sandbox"
	"kivaform/spec"
)

func sandboxCredentials() (string, auth.Secret, error) {
	return sandbox.ClientID, auth.Secret(sandbox.ClientSecret), nil
}

// sandboxOptions are those of a workspace's sandbox.
func (w *workspace) sandboxOptions() sandbox.Options {
	o := sandbox.Options{Dir: filepath.Join(w.set.Dir, filepath.FromSlash(sandboxFolder)), PartnerID: w.set.Settings.PartnerID}
	if today := w.env.own.Today; today != 0 {
		o.Today = func() time.Time { return noon(today) }
	}
	o.JournalsB = w.env.own.JournalsPath == "partners"
	return o
}

// noon is a moment that is on the day in every time zone that matters.
func noon(d spec.Date) time.Time {
	t, _ := time.Parse(time.DateOnly, d.String())
	return t.Add(12 * time.Hour)
}

// openSandbox opens the workspace's sandbox in this process.
func (w *workspace) openSandbox(o sandbox.Options) (*sandbox.Server, error) {
	var server *sandbox.Server
	err := w.makeDataFolder(sandboxFolder)
	if err == nil {
		server, err = sandbox.Open(o)
	}
	return server, tellUnwritable(err)
}

func tellUnwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return hint.With(err, "the sandbox keeps its data beside kiva.yaml: work in a copy of the folder that you may write to")
	}
	return err
}

// startSandbox makes the environment point to the workspace's sandbox: one that
// "kivaform sandbox" serves already, or else one inside this command.
func (w *workspace) startSandbox(ctx context.Context) error {
	base, err := w.runningSandbox(ctx)
	if err != nil {
		return err
	}
	if base == "" {
		server, err := w.openSandbox(w.sandboxOptions())
		if err != nil {
			return err
		}
		listener, err := w.listen("")
		if err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
		go web.Serve(listener)
		w.closes = append(w.closes, web.Close)
		base = "http://" + listener.Addr().String()
	}
	w.app.served = base
	w.env.TokenURL, w.env.Audience, w.env.APIURL, w.env.PublicURL = base+"/oauth/token", base, base, base
	w.env.own.Issuer = base + "/"
	return nil
}

// listen takes an address on this machine. Where none is asked for it is one
// that stays the same for the workspace, so that addresses in the ledger work
// as soon as "kivaform sandbox" runs; or any, where that one is taken.
func (w *workspace) listen(address string) (net.Listener, error) {
	if address != "" {
		return net.Listen("tcp", address)
	}
	dir, err := filepath.Abs(w.set.Dir)
	if err != nil {
		return nil, err
	}
	const first, count = 20_000, 10_000 // below the ports that systems give out
	port := first + crc32.ChecksumIEEE([]byte(dir))%count
	if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		return l, nil
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

func (a *app) sandboxCommand() *cobra.Command {
	var faults []string
	var address string
	var latency time.Duration
	var tokensPerMinute int
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
		GroupID: groupSetUp,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.openSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			return w.serve(cmd.Context(), address, latency, tokensPerMinute, faults)
		},
	}
	c.Flags().StringArrayVar(&faults, "fault", nil, "make requests fail, as KIND:ENDPOINT[:COUNT[:SKIP]]; may be repeated")
	c.Flags().StringVar(&address, "listen", "", "the address, on this machine; one that stays the same for the workspace if not given")
	c.Flags().DurationVar(&latency, "latency", 0, "wait so long before each answer of the API")
	c.Flags().IntVar(&tokensPerMinute, "tokens-per-minute", 0, "answer so many token requests in a minute; any number if 0")
	return c
}

func (w *workspace) serve(ctx context.Context, address string, latency time.Duration, tokensPerMinute int, faults []string) error {
	if !w.env.sandbox() {
		return withCode(exitInvalid, hint.With(fmt.Errorf("the environment is %s", w.env.Name), "kivaform sandbox --env sandbox"))
	}
	if host, _, err := net.SplitHostPort(address); address != "" && (err != nil || !loopback(host)) {
		return withCode(exitInvalid, hint.With(fmt.Errorf("--listen %s: the sandbox is for this machine alone", address), "name an address on loopback with its port, as in --listen 127.0.0.1:8145"))
	}
	parsed := make([]sandbox.Fault, len(faults))
	for i, text := range faults {
		var err error
		if parsed[i], err = sandbox.ParseFault(text); err != nil {
			return withCode(exitInvalid, fmt.Errorf("--fault %s: %w", text, err))
		}
	}
	lock, err := w.lockServing()
	if err != nil {
		return tellUnwritable(err)
	}
	defer lock.Close()
	options := w.sandboxOptions()
	options.Latency, options.TokensPerMinute = latency, tokensPerMinute
	options.Key = w.makeServingKey()
	server, err := w.openSandbox(options)
	if err != nil {
		return err
	}
	for _, f := range parsed {
		server.AddFault(f)
	}
	listener, err := w.listen(address)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	base := "http://" + listener.Addr().String()
	withdraw, err := w.announce(base)
	if err != nil {
		return err
	}
	defer withdraw()
	fmt.Fprintf(w.app.out, "sandbox at %s, a simulation of Kiva's Partner API; interrupt to end it\n", base)
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { web.Close() })
	defer stopped()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
