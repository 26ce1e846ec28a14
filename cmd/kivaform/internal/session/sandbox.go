package session

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

// SandboxOptions are those of a workspace's sandbox.
func (w *Workspace) SandboxOptions() sandbox.Options {
	o := sandbox.Options{Dir: filepath.Join(w.Set.Dir, filepath.FromSlash(SandboxFolder)), PartnerID: w.Set.Settings.PartnerID}
	if today := w.Env.Own.Today; today != 0 {
		o.Today = func() time.Time { return noon(today) }
	}
	o.JournalsB = w.Env.Own.JournalsPath == "partners"
	return o
}

// noon is a moment that is on the day in every time zone that matters.
func noon(d spec.Date) time.Time {
	t, _ := time.Parse(time.DateOnly, d.String())
	return t.Add(12 * time.Hour)
}

// OpenSandbox opens the workspace's sandbox in this process.
func (w *Workspace) OpenSandbox(o sandbox.Options) (*sandbox.Server, error) {
	var server *sandbox.Server
	err := w.makeDataFolder(SandboxFolder)
	if err == nil {
		server, err = sandbox.Open(o)
	}
	return server, TellUnwritable(err)
}

// TellUnwritable adds a hint to an error of a folder that can't be written.
func TellUnwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return hint.With(err, "the sandbox keeps its data beside kiva.yaml: work in a copy of the folder that you may write to")
	}
	return err
}

// StartSandbox makes the environment point to the workspace's sandbox: one that
// "kivaform sandbox" serves already, or else one inside this command.
func (w *Workspace) StartSandbox(ctx context.Context) error {
	base, err := w.runningSandbox(ctx)
	if err != nil {
		return err
	}
	if base == "" {
		server, err := w.OpenSandbox(w.SandboxOptions())
		if err != nil {
			return err
		}
		listener, err := w.Listen("")
		if err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
		go web.Serve(listener)
		w.closes = append(w.closes, web.Close)
		base = "http://" + listener.Addr().String()
	}
	w.App.served = base
	w.Env.TokenURL, w.Env.Audience, w.Env.APIURL, w.Env.PublicURL = base+"/oauth/token", base, base, base
	w.Env.Own.Issuer = base + "/"
	return nil
}

// Listen takes an address on this machine. Where none is asked for it is one
// that stays the same for the workspace, so that addresses in the ledger work
// as soon as "kivaform sandbox" runs; or any, where that one is taken.
func (w *Workspace) Listen(address string) (net.Listener, error) {
	if address != "" {
		return net.Listen("tcp", address)
	}
	dir, err := filepath.Abs(w.Set.Dir)
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
