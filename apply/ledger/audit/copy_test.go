package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva/money"
	"kivaform/plan"
)

// A copy has all objects with the same bytes, and copying again does nothing.
func TestCopy(t *testing.T) {
	from, to := ledgertest.Filled(t), dirstore.New(t.TempDir())
	want := ledgertest.Contents(t, from)
	c, err := audit.Copy(t.Context(), from, to)
	if err != nil || c.Created != len(want) || c.Objects != len(want) || c.Extra != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if diff := cmp.Diff(want, ledgertest.Contents(t, to)); diff != "" {
		t.Error(diff)
	}
	if c, err = audit.Copy(t.Context(), from, to); err != nil || c.Created != 0 || c.Objects != len(want) {
		t.Errorf("again: %+v, %v", c, err)
	}
}

// A copy that stops at any object can be gone on with, and until it's whole no
// ledger can be used there: it would send everything else again.
func TestCopyStopped(t *testing.T) {
	from := ledgertest.Filled(t)
	n := len(ledgertest.Contents(t, from))
	for stop := range n {
		to := new(ledgertest.Memory)
		var left atomic.Int32
		left.Store(int32(stop))
		to.BeforeCreate = func(string) error {
			if left.Add(-1) < 0 {
				return errors.New("stopped")
			}
			return nil
		}
		if _, err := audit.Copy(t.Context(), from, to); err == nil {
			t.Fatal("the copy wasn't stopped")
		}
		to.BeforeCreate = nil
		if stop > 0 {
			if _, err := ledger.New(to, ledgertest.Scope, ledger.Options{}).Load(t.Context()); !errors.Is(err, ledger.ErrHeadless) {
				t.Errorf("%d of %d objects copied: %v, want ErrHeadless", stop, n, err)
			}
		}
		if c, err := audit.Copy(t.Context(), from, to); err != nil || c.Objects != n {
			t.Errorf("gone on: %+v, %v", c, err)
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	from := ledgertest.Filled(t)
	keys := slices.Sorted(maps.Keys(ledgertest.Contents(t, from)))
	for _, key := range keys {
		to := new(ledgertest.Memory)
		if err := to.Create(t.Context(), key, []byte("something else")); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.Copy(t.Context(), from, to); !errors.Is(err, audit.ErrDiffers) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s differs: %v", key, err)
		}
		if key == ledger.HeaderKey && len(ledgertest.Contents(t, to)) != 1 {
			t.Error("something was written into another ledger")
		}
	}
	if _, err := audit.Copy(t.Context(), new(ledgertest.Memory), from); !errors.Is(err, ledger.ErrNoLedger) {
		t.Errorf("nothing to copy: %v", err)
	}
	to := new(ledgertest.Memory)
	to.AfterCreate = func(key string) error {
		if key == ledger.HeaderKey {
			return from.Create(context.Background(), "staging/145/loan_draft/00/L-9.1.intent.json", nil)
		}
		return nil
	}
	if _, err := audit.Copy(t.Context(), from, to); !errors.Is(err, audit.ErrInUse) {
		t.Errorf("a ledger in use: %v", err)
	}
}

// A store that loses or damages what it was given is noticed.
func TestCopyProves(t *testing.T) {
	for name, harm := range map[string]func(to *ledgertest.Memory, key string){
		"lost": func(to *ledgertest.Memory, key string) { to.Remove(key) },
		"damaged": func(to *ledgertest.Memory, key string) {
			to.Remove(key)
			to.AfterCreate = nil
			if err := to.Create(context.Background(), key, []byte("damaged")); err != nil {
				panic(err)
			}
		},
	} {
		from, to := ledgertest.Filled(t), new(ledgertest.Memory)
		to.AfterCreate = func(key string) error {
			if key == ledger.HeaderKey { // the last one
				for other := range to.List(context.Background(), "staging/") {
					harm(to, other)
					break
				}
			}
			return nil
		}
		if c, err := audit.Copy(t.Context(), from, to); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// stale lists what it held when it was made: its server's lists lag behind.
type stale struct {
	ledger.Store
	keys []string
}

func (s stale) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, key := range s.keys {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

// Where lists lag behind, what another run has taken is still taken.
func TestStaleLists(t *testing.T) {
	store := new(ledgertest.Memory)
	first := ledgertest.Open(t, store)
	behind := stale{store, slices.Sorted(maps.Keys(ledgertest.Contents(t, store)))}
	ledgertest.Finish(t, first, ledgertest.Begin(t, first, ledgertest.DraftIntent("aa", 0)), ledger.Result{Outcome: plan.OutcomeRejected})
	second := ledgertest.Open(t, behind)
	if got := second.Last(ledgertest.Draft); got != nil {
		t.Fatalf("the list isn't stale: %+v", got)
	}
	var taken *ledger.TakenError
	if _, err := second.Begin(t.Context(), ledgertest.DraftIntent("bb", 0)); !errors.As(err, &taken) {
		t.Errorf("%v, want a TakenError", err)
	}
}

func TestLines(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.FixedZone("EAT", 3*3600))
	batch := &ledger.Attempt{
		Intent: ledger.Intent{Environment: "staging", PartnerID: "145", Stream: "repayments/2026-11", Attempt: 2, At: at, Run: "r", Rows: []ledger.Row{
			{LoanID: "L-1", ClientID: "007", Amount: money.MustParse("0.10"), Source: "r.csv:2"},
			{LoanID: "L-2", Amount: money.MustParse("12345678901.25")},
		}},
		Result: &ledger.Result{Outcome: plan.OutcomeAccepted, At: at, Status: 200, Receipts: []ledger.Receipt{{UploadID: "9"}},
			Problems: []ledger.Problem{{LoanID: "L-2", Severity: "error", Code: "c", Details: "not paying back"}}},
	}
	group := &ledger.Attempt{
		Intent: ledger.Intent{Stream: "loan_draft/G%2F1", Attempt: 1, At: at, Run: "r", Items: []ledger.Item{{Address: "loan_draft/G%2F1",
			Values: map[string]string{"currency": "KES", "entreps[0].amount": "100.50", "entreps[1].amount": "0.75"}}}},
		Resolutions: []ledger.Resolution{{Decision: plan.OutcomeExists, Run: "p", At: at, RemoteID: "77", Reason: "seen"}},
	}
	type row struct{ address, outcome, amount, currency, loan, message, kiva string }
	var got []row
	for _, a := range []*ledger.Attempt{batch, group} {
		for _, l := range audit.Lines(a) {
			if l.Begun.Location() != time.UTC || !l.Begun.Equal(at) {
				t.Errorf("begun %s", l.Begun)
			}
			if data, err := json.Marshal(l); err != nil || strings.Contains(string(data), "0001-01-01") {
				t.Errorf("%s, %v", data, err)
			}
			got = append(got, row{string(l.Address), string(l.Outcome), l.Amount, l.Currency, l.LoanID, l.Message, l.KivaID})
		}
	}
	want := []row{
		{"repayment/2026-11/L-1", "accepted", "0.10", "", "L-1", "", ""},
		{"repayment/2026-11/L-2", "rejected", "12345678901.25", "", "L-2", "not paying back", ""},
		{"loan_draft/G%2F1", "exists", "101.25", "KES", "G/1", "", "77"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
}
