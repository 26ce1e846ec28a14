package s3store_test

import (
	"fmt"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/s3store"
)

func open(t testing.TB, address string) *s3store.Store {
	t.Helper()
	s, err := s3store.New(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each store has a client of its own.
func TestConformance(t *testing.T) {
	server := ledgertest.S3(t)
	buckets := 0
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		buckets++
		address := server.Bucket(t, fmt.Sprintf("bucket-%d", buckets))
		return func() ledger.Store { return open(t, address) }
	})
}

func TestProcesses(t *testing.T) {
	ledgertest.Processes(t, func(t *testing.T) string { return ledgertest.S3(t).Bucket(t, "race") },
		func(t testing.TB, address string) ledger.Store { return open(t, address) })
}
