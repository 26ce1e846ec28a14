package apply_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

const latency = 50 * time.Millisecond

// A slowKiva takes everything, each request in the same time.
type slowKiva struct {
	*httptest.Server
	connections atomic.Int64
	requests    atomic.Int64
}

func startSlowKiva(b *testing.B) *slowKiva {
	k := new(slowKiva)
	k.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came := time.Now()
		io.Copy(io.Discard, r.Body)
		k.requests.Add(1)
		time.Sleep(latency - time.Since(came))
		if strings.HasSuffix(r.URL.Path, "/repayments") {
			io.WriteString(w, `{"upload_id": 9}`)
			return
		}
		io.WriteString(w, `{"loan_draft_uuid": "6d0e6f2c-5b0a-4b0c-9d1d-2f6f7c9e1a55"}`)
	}))
	k.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			k.connections.Add(1)
		}
	}
	k.Start()
	b.Cleanup(k.Close)
	return k
}

// A token that is always good.
type token struct{}

func (token) Token(context.Context) (string, error)         { return "token", nil }
func (token) Renew(context.Context, string) (string, error) { return "", kiva.ErrNoNewToken }

func benchPlan(b *testing.B, w *world, l *ledger.Ledger) *plan.Plan {
	state, err := plan.Observe(b.Context(), w.set, l, w.source, nil)
	if err != nil {
		b.Fatal(err)
	}
	return plan.Compute(w.set, state, nil)
}

// benchApply applies a plan of so many requests with ten under way at once,
// and compares with what the network alone would take.
func benchApply(b *testing.B, w *world, requests int) {
	const parallelism = 10
	k := startSlowKiva(b)
	client, err := kiva.New(kiva.Options{BaseURL: k.URL, PartnerID: "145", Tokens: token{}, Connections: parallelism})
	if err != nil {
		b.Fatal(err)
	}
	dir, n := b.TempDir(), 0
	for b.Loop() {
		b.StopTimer()
		n++
		l := ledger.New(dirstore.New(filepath.Join(dir, fmt.Sprint(n))), ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
		p := benchPlan(b, w, l)
		b.StartTimer()
		account, err := apply.Run(b.Context(), p, apply.Options{Kiva: client, Ledger: l, Run: "run", Parallelism: parallelism})
		if err != nil || len(account.Failures) > 0 {
			b.Fatal(account, err)
		}
	}
	if got := int(k.requests.Load()); got != n*requests {
		b.Errorf("%d requests, want %d", got, n*requests)
	}
	floor := time.Duration(n*requests) * latency / parallelism
	b.ReportMetric(b.Elapsed().Seconds()/floor.Seconds(), "×floor")
	b.ReportMetric(float64(k.connections.Load()), "connections")
	b.ReportMetric(float64(n*requests)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkApplyDrafts sends 2,000 drafts that take 50 ms each.
func BenchmarkApplyDrafts(b *testing.B) {
	const drafts = 2000
	w := newWorld(drafts, 0, 0)
	for _, d := range w.set.Drafts {
		d.Description = strings.Repeat("She sells milk. ", 30)
		d.Schedule = make([]spec.Instalment, 12)
	}
	benchApply(b, w, drafts)
}

// BenchmarkApplyRepayments sends 100,000 rows in uploads of 250.
func BenchmarkApplyRepayments(b *testing.B) {
	benchApply(b, newWorld(0, 0, 100_000), 400)
}
