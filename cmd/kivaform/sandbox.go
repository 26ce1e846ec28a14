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
	"syscall"
	"time"

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
