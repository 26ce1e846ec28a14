//go:build unix

package ledger_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/cachestore"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/gitstore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/pgstore"
	"kivaform/apply/ledger/s3store"
	"kivaform/kiva/money"
	"kivaform/plan"
)

// benchHistory makes the objects of a ledger of n attempts: drafts, most of them
// accepted, and batches of journals and repayments.
func benchHistory(b *testing.B, n int) map[string][]byte {
	store := new(ledgertest.Memory)
	l := ledger.New(store, scope, ledger.Options{})
	if err := l.Prepare(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		in := ledger.Intent{Stream: ledger.Address(fmt.Sprintf("loan_draft/L-%06d", i)), Run: "run", At: time.Unix(1_800_000_000, 0)}
		outcome := plan.OutcomeAccepted
		switch i % 200 {
		case 0:
			in.Stream = ledger.Address(fmt.Sprintf("repayments/%d-%02d", 2000+i/2400, 1+i/200%12))
			for k := range 50 {
				in.Rows = append(in.Rows, ledger.Row{LoanID: fmt.Sprintf("L-%06d-%d", i, k), Amount: money.FromInt(int64(k))})
			}
		case 1:
			in.Stream = "journals"
			for k := range 10 {
				in.Items = append(in.Items, item(fmt.Sprintf("journal/L-%06d/%d", i, k)))
			}
		default:
			in.Items = []ledger.Item{item(string(in.Stream))}
			if i%100 == 2 {
				outcome = plan.OutcomeRejected
			}
		}
		a, err := l.Begin(b.Context(), in)
		if err == nil {
			err = l.Finish(b.Context(), a, ledger.Result{Outcome: outcome, At: in.At, Receipts: []ledger.Receipt{{DraftUUID: in.Run}}})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	objects := make(map[string][]byte)
	for key := range store.List(b.Context(), "") {
		objects[key], _ = store.Get(b.Context(), key)
	}
	return objects
}

func item(address string) ledger.Item {
	digest := strings.Repeat("0123456789abcdef", 2)
	return ledger.Item{Address: ledger.Address(address), Fingerprint: digest[:16],
		Values:  map[string]string{"currency": "KES", "entreps[0].amount": "50000", "disburse_time": "2026-12-01", "location": "Nakuru: Kenya"},
		Digests: map[string]string{"description": digest, "loanuse": digest, "entreps[0].first_name": digest, "entreps[0].last_name": digest}}
}

// A benchStore is opened as a program does: cold, or with what the last one
// kept.
type benchStore struct {
	name string
	fill func(b *testing.B, objects map[string][]byte) (open func(cache string) (ledger.Store, func() error, error))
}

var benchStores = []benchStore{
	{"directory", func(b *testing.B, objects map[string][]byte) func(string) (ledger.Store, func() error, error) {
		dir := b.TempDir()
		writeFiles(b, dir, objects)
		return func(string) (ledger.Store, func() error, error) { return dirstore.New(dir), nothing, nil }
	}},
	{"git", func(b *testing.B, objects map[string][]byte) func(string) (ledger.Store, func() error, error) {
		remote := filepath.Join(b.TempDir(), "remote.git")
		command(b, nil, "git", "init", "--quiet", "--bare", remote)
		command(b, nil, "git", "-C", remote, "config", "uploadpack.allowFilter", "true")
		var in bytes.Buffer
		in.WriteString("commit refs/heads/ledger\ncommitter t <t@localhost> 1800000000 +0000\ndata 1\nx\n")
		for key, data := range objects {
			fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", key, len(data), data)
		}
		command(b, in.Bytes(), "git", "-C", remote, "fast-import", "--quiet")
		clone := filepath.Join(filepath.Dir(remote), "clone")
		command(b, nil, "git", "clone", "--quiet", remote, clone)
		return func(cache string) (ledger.Store, func() error, error) {
			s, err := gitstore.New(gitstore.Options{Branch: "ledger", Dir: clone, Cache: cache})
			return s, s.Close, err
		}
	}},
	{"PostgreSQL", func(b *testing.B, objects map[string][]byte) func(string) (ledger.Store, func() error, error) {
		server := ledgertest.Postgres(b)
		server.Psql(b, "postgres", pgstore.Table)
		var in bytes.Buffer
		in.WriteString("COPY kivaform_ledger (key, data, writer) FROM STDIN;\n")
		for key, data := range objects {
			fmt.Fprintf(&in, "%s\t\\\\x%s\tw\n", key, hex.EncodeToString(data))
		}
		in.WriteString("\\.\n")
		command(b, in.Bytes(), "psql", "-q", "-h", server.Socket, "-U", server.User, "-d", "postgres")
		server.Psql(b, "postgres", "ANALYZE kivaform_ledger")
		return func(cache string) (ledger.Store, func() error, error) {
			s, err := pgstore.New(server.Address("postgres"), pgstore.Options{})
			return cached(s, cache, s.Close, err)
		}
	}},
	{"S3", func(b *testing.B, objects map[string][]byte) func(string) (ledger.Store, func() error, error) {
		server := ledgertest.S3(b)
		address := server.Bucket(b, "bench")
		writeFiles(b, filepath.Join(server.Files("bench"), "ledger"), objects)
		return func(cache string) (ledger.Store, func() error, error) {
			s, err := s3store.New(address, s3store.Options{})
			return cached(s, cache, nothing, err)
		}
	}},
}

func nothing() error { return nil }

func cached(s ledger.Versioner, cache string, end func() error, err error) (ledger.Store, func() error, error) {
	c := cachestore.New(s, "", cache)
	return c, func() error { return errors.Join(c.Close(), end()) }, err
}

func writeFiles(b *testing.B, dir string, objects map[string][]byte) {
	for key, data := range objects {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

func command(b *testing.B, stdin []byte, name string, args ...string) {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%.2000s", name, err, out)
	}
}

// BenchmarkLoad is what planning costs: reading a ledger of 1,000, 10,000 and
// 100,000 attempts, with nothing kept, and with what an earlier run kept. At
// 100,000 attempts a directory, git and PostgreSQL stay below 3 s and 1 s.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		var objects map[string][]byte
		for _, store := range benchStores {
			b.Run(fmt.Sprintf("%s/%d", store.name, n), func(b *testing.B) {
				if objects == nil {
					objects = benchHistory(b, n)
				}
				open := store.fill(b, objects)
				b.Run("cold", func(b *testing.B) {
					for b.Loop() {
						loadFrom(b, open, b.TempDir())
					}
				})
				b.Run("warm", func(b *testing.B) {
					cache := b.TempDir()
					loadFrom(b, open, cache)
					for b.Loop() {
						loadFrom(b, open, cache)
					}
				})
			})
		}
	}
}

func loadFrom(b *testing.B, open func(string) (ledger.Store, func() error, error), cache string) {
	store, end, err := open(cache)
	if err != nil {
		b.Fatal(err)
	}
	past, err := ledger.New(store, scope, ledger.Options{}).Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if past.Last("loan_draft/L-000003") == nil {
		b.Fatal("the ledger is empty")
	}
	if err := end(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCreate is how many objects are created in a second: one after the
// other, and by 64 callers at once.
func BenchmarkCreate(b *testing.B) {
	data := bytes.Repeat([]byte("x"), 1500)
	for _, store := range benchStores {
		b.Run(store.name, func(b *testing.B) {
			s, end, err := store.fill(b, nil)(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer end()
			n := new(atomic.Int64)
			create := func(ctx context.Context) error {
				i := n.Add(1)
				return s.Create(ctx, fmt.Sprintf("e/1/loan_draft/%02x/L-%d.1.intent.json", i%256, i), data)
			}
			b.Run("one by one", func(b *testing.B) {
				for b.Loop() {
					if err := create(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
			})
			b.Run("64 at once", func(b *testing.B) {
				b.SetParallelism(32)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := create(b.Context()); err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
			})
		})
	}
}
