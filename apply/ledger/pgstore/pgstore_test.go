//go:build unix

package pgstore_test

import (
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/pgstore"
)

func open(t testing.TB, address string) *pgstore.Store {
	t.Helper()
	s, err := pgstore.New(address, pgstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Each store has connections of its own.
func TestConformance(t *testing.T) {
	server := ledgertest.Postgres(t)
	begin := func(t *testing.T) func() ledger.Store {
		address := server.Database(t)
		return func() ledger.Store { return open(t, address) }
	}
	ledgertest.Run(t, begin)
	t.Run("versions", func(t *testing.T) { ledgertest.Versions(t, begin) })
}

func TestProcesses(t *testing.T) {
	ledgertest.Processes(t, func(t *testing.T) string { return ledgertest.Postgres(t).Database(t) },
		func(t testing.TB, address string) ledger.Store { return open(t, address) })
}
