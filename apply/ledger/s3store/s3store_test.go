package s3store_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/s3store"
)

func open(t testing.TB, address string) *s3store.Store {
	t.Helper()
	s, err := s3store.New(address, s3store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each store has a client of its own.
func TestConformance(t *testing.T) {
	server := ledgertest.S3(t)
	buckets := 0
	begin := func(t *testing.T) func() ledger.Store {
		buckets++
		address := server.Bucket(t, fmt.Sprintf("bucket-%d", buckets))
		return func() ledger.Store { return open(t, address) }
	}
	ledgertest.Run(t, begin)
	t.Run("versions", func(t *testing.T) { ledgertest.Versions(t, begin) })
}

func TestProcesses(t *testing.T) {
	ledgertest.Processes(t, func(t *testing.T) string { return ledgertest.S3(t).Bucket(t, "race") },
		func(t testing.TB, address string) ledger.Store { return open(t, address) })
}

// More keys than a page holds, in folders and beside them: all are listed, each
// once, and whoever has seen enough may stop.
func TestListsManyPages(t *testing.T) {
	server := ledgertest.S3(t)
	address := server.Bucket(t, "many")
	want := make(map[string]bool)
	for i := range 3300 {
		folder := []string{"", "e/1/loan_draft/0a/", "e/1/loan_draft/0b/", "e/1/", "e/1/repayments/2026-11/"}[i%7%5]
		key := fmt.Sprintf("%sL-%d.json", folder, i)
		want[key] = true
		name := filepath.Join(server.Files("many"), "ledger", key)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, address)
	for _, prefix := range []string{"", "e/1/", "e/1/loan_draft/", "e/1/loan_draft/0b/L-1", "e/1/L", "none/"} {
		left := maps.Clone(want)
		maps.DeleteFunc(left, func(key string, _ bool) bool { return !strings.HasPrefix(key, prefix) })
		for key, err := range s.List(t.Context(), prefix) {
			if err != nil {
				t.Fatal(err)
			}
			if !left[key] {
				t.Errorf("%q lists %q a second time, or it isn't there", prefix, key)
			}
			delete(left, key)
		}
		if len(left) != 0 {
			t.Errorf("%q leaves out %d of the keys", prefix, len(left))
		}
	}
	for range s.List(t.Context(), "") {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for key, err := range s.List(ctx, "") {
		if err == nil {
			t.Fatalf("listed %q although it was cancelled", key)
		}
	}
}
