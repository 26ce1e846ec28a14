package session

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/cachestore"
	"kivaform/apply/ledger/gitstore"
	"kivaform/apply/ledger/pgstore"
	"kivaform/apply/ledger/s3store"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
)

// PlacesHelp says how a ledger's place is written.
const PlacesHelp = `A ledger's place is written as in kiva.yaml, one of:

  ledger                          a folder, here one beside kiva.yaml; one outside
                                  of the clone only if the environment allows it
                                  (kivaform help hosts)
  git:kivaform-ledger             a branch of the repository that the workspace
                                  is in, at its remote "origin"
  git:kivaform-ledger@REMOTE      the same at another remote of the clone, or at
                                  an https or ssh address
  postgres://USER@HOST/DATABASE   a table of a PostgreSQL database; the password
                                  comes from PGPASSWORD or PGPASSFILE
  s3://BUCKET/PREFIX              a bucket of S3, with ?region=NAME; or of any
                                  compatible server, with ?endpoint=ADDRESS;
                                  AWS's own variables give the credentials

Other machines are reached by TLS whose certificate is verified, and PostgreSQL by
SCRAM, which keeps the password from the server (sslmode=verify-full,
require_auth=scram-sha-256; on loopback, too, an address can't ask for another way
but none). AWS's session token goes to an ADDRESS that KIVAFORM_ALLOW_HOSTS has, and
no request follows a redirect. ?sslrootcert=FILE names a certificate authority, outside
the work tree. KIVAFORM_ALLOW_INSECURE=postgres,s3 in the environment allows less.
`

// OpenStore returns where the workspace's ledger is kept. What is read from
// afar is kept on disk for the next time.
func (w *Workspace) OpenStore() (ledger.Store, error) {
	place := w.LedgerPlace()
	store, err := w.OpenOwnPlace()
	if err != nil {
		return nil, err
	}
	if far, can := store.(ledger.Versioner); can {
		cache := cachestore.New(far, Redacted(place), w.ledgerCache())
		w.closes = append(w.closes, cache.Close)
		return cache, nil
	}
	return store, nil
}

// OpenOwnPlace returns the store at the place that kiva.yaml names, without a
// cache. Unlike a place on the command line it doesn't lead to any folder.
func (w *Workspace) OpenOwnPlace() (ledger.Store, error) {
	store, err := w.OpenPlace(w.LedgerPlace())
	if err == nil {
		err = w.checkOwnFolder()
	}
	if refused := (*folderError)(nil); errors.As(err, &refused) {
		return nil, cli.WithCode(cli.ExitRefused, err)
	}
	if err != nil {
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("%s: ledger: %w", w.Set.Settings.Pos.File, err))
	}
	return store, nil
}

// OpenPlace returns the store at a place, without a cache.
func (w *Workspace) OpenPlace(place string) (ledger.Store, error) {
	if branch, isGit := strings.CutPrefix(place, "git:"); isGit {
		branch, remote, _ := strings.Cut(branch, "@")
		store, err := gitstore.New(gitstore.Options{Branch: branch, Remote: remote, AllowHost: w.App.allowsHost, Dir: w.Set.Dir, Cache: w.ledgerCache()})
		if err != nil {
			return nil, err
		}
		w.closes = append(w.closes, store.Close)
		return store, nil
	}
	scheme, _, isAddress := strings.Cut(place, "://")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		store, err := pgstore.New(place, pgstore.Options{Dir: w.Set.Dir, Insecure: w.App.allowsInsecure("postgres")})
		if err != nil {
			return nil, err
		}
		w.closes = append(w.closes, store.Close)
		return store, nil
	case scheme == "s3":
		hosts, err := w.App.hosts()
		if err != nil {
			return nil, err
		}
		allows := func(endpoint string) bool { return hosts.Check(endpoint) == nil }
		return s3store.New(place, s3store.Options{Insecure: w.App.allowsInsecure("s3"), Allows: allows})
	case isAddress:
		return nil, hint.With(fmt.Errorf("%s: no ledger can be kept there", Redacted(place)), "a folder, git:BRANCH, a postgres:// or an s3:// address can hold one")
	}
	return w.openLedgerFolder(place)
}

// allowsInsecure reports whether the environment lets a kind of ledger be reached
// without verified TLS: KIVAFORM_ALLOW_INSECURE lists them.
func (a *App) allowsInsecure(kind string) bool {
	for allowed := range strings.SplitSeq(a.Getenv("KIVAFORM_ALLOW_INSECURE"), ",") {
		if strings.TrimSpace(allowed) == kind {
			return true
		}
	}
	return false
}

// allowsHost reports whether secrets may go to a host by https.
func (a *App) allowsHost(host string) bool {
	hosts, err := egress.ParseHosts(a.Getenv(egress.Variable))
	return err == nil && hosts.Check("https://"+host) == nil
}

// Commit returns the abbreviated id of the workspace's git commit, "" where it
// has none.
func (w *Workspace) Commit() string { return gitstore.HeadCommit(context.Background(), w.Set.Dir) }

// Redacted is an address without the password that it may hold.
func Redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	return u.Redacted()
}

// IsFolder reports whether a ledger's place is a folder of this machine.
func IsFolder(place string) bool {
	return !strings.HasPrefix(place, "git:") && !strings.Contains(place, "://")
}
