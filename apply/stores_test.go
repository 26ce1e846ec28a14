//go:build unix

package apply_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/gitstore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/pgstore"
	"kivaform/apply/ledger/s3store"
)

// The crash matrix on every kind of store, with real servers. By default some
// steps of it; all in long runs.
func TestCrashMatrixOnEveryStore(t *testing.T) {
	const steps = 2 * (1 + 3*trialRequests)
	for name, begin := range stores() {
		t.Run(name, func(t *testing.T) {
			empty := begin(t)
			every := 17
			if long() {
				every = 1
			}
			c := new(tally)
			all(t, (steps+every-1)/every, func(ctx context.Context, i int) error {
				store, end, err := empty()
				if err != nil {
					return err
				}
				defer end()
				return crashOn(ctx, c, store, 4, i*every)
			})
			t.Log(c)
			checkOnce(t, c)
			if long() { // a few steps alone may leave nothing unknown
				checkTally(t, c)
			}
		})
	}
}

// stores returns what starts each kind of store's server, and then makes empty
// stores.
func stores() map[string]func(t *testing.T) func() (ledger.Store, func() error, error) {
	return map[string]func(t *testing.T) func() (ledger.Store, func() error, error){
		"directory": func(t *testing.T) func() (ledger.Store, func() error, error) {
			dir, n := t.TempDir(), new(atomic.Int32)
			return func() (ledger.Store, func() error, error) {
				return dirstore.New(filepath.Join(dir, fmt.Sprint(n.Add(1)))), nothing, nil
			}
		},
		"git": func(t *testing.T) func() (ledger.Store, func() error, error) {
			dir, n := t.TempDir(), new(atomic.Int32)
			return func() (ledger.Store, func() error, error) {
				here := filepath.Join(dir, fmt.Sprint(n.Add(1)))
				remote, clone := filepath.Join(here, "remote.git"), filepath.Join(here, "clone")
				for _, args := range [][]string{{"init", "--quiet", "--bare", remote}, {"clone", "--quiet", remote, clone}} {
					if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
						return nil, nil, fmt.Errorf("%w\n%s", err, out)
					}
				}
				s, err := gitstore.New(gitstore.Options{Branch: "ledger", Dir: clone, Cache: filepath.Join(here, "cache")})
				return s, s.Close, err
			}
		},
		"PostgreSQL": func(t *testing.T) func() (ledger.Store, func() error, error) {
			server := ledgertest.Postgres(t)
			server.Psql(t, "postgres", `DO $$ BEGIN FOR i IN 1..128 LOOP EXECUTE 'CREATE SCHEMA s' || i; END LOOP; END $$`)
			n := new(atomic.Int32)
			return func() (ledger.Store, func() error, error) {
				s, err := pgstore.New(server.Address("postgres")+fmt.Sprintf("&search_path=s%d", n.Add(1)), pgstore.Options{})
				return s, s.Close, err
			}
		},
		"S3": func(t *testing.T) func() (ledger.Store, func() error, error) {
			address, n := ledgertest.S3(t).Bucket(t, "crashes"), new(atomic.Int32)
			return func() (ledger.Store, func() error, error) {
				s, err := s3store.New(strings.Replace(address, "/ledger?", fmt.Sprintf("/ledger-%d?", n.Add(1)), 1), s3store.Options{})
				return s, nothing, err
			}
		},
	}
}

func nothing() error { return nil }
