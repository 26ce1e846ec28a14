package main

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
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
)

const placesHelp = `A ledger's place is written as in kiva.yaml, one of:

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

// openStore returns where the workspace's ledger is kept. What is read from
// afar is kept on disk for the next time.
func (w *workspace) openStore() (ledger.Store, error) {
	place := w.ledgerPlace()
	store, err := w.openOwnPlace()
	if err != nil {
		return nil, err
	}
	if far, can := store.(ledger.Versioner); can {
		cache := cachestore.New(far, redacted(place), w.ledgerCache())
		w.closes = append(w.closes, cache.Close)
		return cache, nil
	}
	return store, nil
}

// openOwnPlace returns the store at the place that kiva.yaml names, without a
// cache. Unlike a place on the command line it doesn't lead to any folder.
func (w *workspace) openOwnPlace() (ledger.Store, error) {
	store, err := w.openPlace(w.ledgerPlace())
	if err == nil {
		err = w.checkOwnFolder()
	}
	if refused := (*folderError)(nil); errors.As(err, &refused) {
		return nil, withCode(exitRefused, err)
	}
	if err != nil {
		return nil, withCode(exitInvalid, fmt.Errorf("%s: ledger: %w", w.set.Settings.Pos.File, err))
	}
	return store, nil
}

// openPlace returns the store at a place, without a cache.
func (w *workspace) openPlace(place string) (ledger.Store, error) {
	if branch, isGit := strings.CutPrefix(place, "git:"); isGit {
		branch, remote, _ := strings.Cut(branch, "@")
		store, err := gitstore.New(gitstore.Options{Branch: branch, Remote: remote, AllowHost: w.app.allowsHost, Dir: w.set.Dir, Cache: w.ledgerCache()})
		if err != nil {
			return nil, err
		}
		w.closes = append(w.closes, store.Close)
		return store, nil
	}
	scheme, _, isAddress := strings.Cut(place, "://")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		store, err := pgstore.New(place, pgstore.Options{Dir: w.set.Dir, Insecure: w.app.allowsInsecure("postgres")})
		if err != nil {
			return nil, err
		}
		w.closes = append(w.closes, store.Close)
		return store, nil
	case scheme == "s3":
		hosts, err := w.app.hosts()
		if err != nil {
			return nil, err
		}
		allows := func(endpoint string) bool { return hosts.Check(endpoint) == nil }
		return s3store.New(place, s3store.Options{Insecure: w.app.allowsInsecure("s3"), Allows: allows})
	case isAddress:
		return nil, hint.With(fmt.Errorf("%s: no ledger can be kept there", redacted(place)), "a folder, git:BRANCH, a postgres:// or an s3:// address can hold one")
	}
	return w.openLedgerFolder(place)
}

// allowsInsecure reports whether the environment lets a kind of ledger be reached
// without verified TLS: KIVAFORM_ALLOW_INSECURE lists them.
func (a *app) allowsInsecure(kind string) bool {
	for allowed := range strings.SplitSeq(a.getenv("KIVAFORM_ALLOW_INSECURE"), ",") {
		if strings.TrimSpace(allowed) == kind {
			return true
		}
	}
	return false
}

// allowsHost reports whether secrets may go to a host by https.
func (a *app) allowsHost(host string) bool {
	hosts, err := egress.ParseHosts(a.getenv(egress.Variable))
	return err == nil && hosts.Check("https://"+host) == nil
}

// commit returns the abbreviated id of the workspace's git commit, "" where it
// has none.
func (w *workspace) commit() string { return gitstore.HeadCommit(context.Background(), w.set.Dir) }

// redacted is an address without the password that it may hold.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	return u.Redacted()
}

// isFolder reports whether a ledger's place is a folder of this machine.
func isFolder(place string) bool {
	return !strings.HasPrefix(place, "git:") && !strings.Contains(place, "://")
}
